"""After a result: what if it were otherwise, why it is so, and what comes of it."""

import re

from forms.catalogue import load_catalogue
from understanding.bars import SURE_MATCH
from understanding.rows.row import Row, act, supposes
from understanding.schemas import Act, Fact
from understanding.situation import Situation


def _follows(s: Situation, *results: str) -> bool:
    return s.form is None and s.state.last in results


_BORROWS = re.compile("[借贷批]|够|额度")


def _changes_quota(s: Situation) -> bool:
    """Told, or supposed: 要是收入只有5万呢, 流水多20万呢."""
    is_supposed = (supposes(s) or s.reading.plain.rstrip("?？").endswith("呢")) and not _BORROWS.search(s.reading.plain)
    return s.changes_quota and (is_supposed or not s.reading.is_question)


def _find_wrong(s: Situation) -> str:
    """The fact of the quota that they name as wrong, without saying what is right: 不对，没欠那么多."""
    if s.result not in ("quota", "recap"):
        return ""
    named = s.reading.edits or (s.reading.named if s.reading.is_correction else ())
    return next((slot for slot in named if slot in load_catalogue().forms["quota_form"].slots), "")


PLAIN = [
    Row(
        "agrees with the recap",
        lambda s: _follows(s, "recap") and s.does("yes", "still_so") and s.is_bare,
        act("give_quota"),
    ),
    Row(
        "disagrees with the recap",
        lambda s: _follows(s, "recap") and s.does("no") and s.is_bare,
        act("correct_what"),
    ),
    Row(
        "asks why the quota is so",
        lambda s: s.result in ("quota", "recap") and s.does("why_result", "why"),
        act("explain_quota"),
    ),
    Row(
        "applies for the quota",
        lambda s: _follows(s, "quota") and s.does("apply_for_it", "yes"),
        lambda s: Act(name="apply_for_loan", values={"follows": "quota"}),
    ),
    Row(
        "applies for what was calculated",
        lambda s: _follows(s, "calculation") and s.does("apply_for_it"),
        lambda s: Act(name="apply_for_loan", values={"follows": "calculation"}),
    ),
    Row(
        "changes a fact of the quota",
        lambda s: s.is_all_said and _changes_quota(s),
        lambda s: Act(name="change_quota", facts=s.answers),
    ),
    Row(
        "names a fact of the quota to change",
        lambda s: bool(_find_wrong(s)) and not s.answers and not s.reading.is_question,
        lambda s: Act(name="change_quota", facts=(Fact(kind="some", role=_find_wrong(s)),)),
    ),
    # 那笔不想办了 after an application was handed in; it is asked back before it is done.
    Row(
        "no longer wants what was submitted",
        lambda s: _follows(s, "submitted") and s.does("cancel") and not s.state.paused,
        act("withdraw"),
    ),
    Row(
        "submits again, or asks when they are called",
        lambda s: _follows(s, "submitted") and s.does("submit", "apply_for_it", "submit_again", "contact_when"),
        act("check_application_status"),
    ),
]
ROWS = [
    Row(
        "asks for more than the quota",
        lambda s: (
            s.result == "quota"
            and s.reading.is_question
            and bool(_BORROWS.search(s.reading.plain))
            and any(f.role == "amount" for f in s.answers)
        ),
        lambda s: Act(name="explain_quota", facts=s.answers),
    ),
    Row(
        "changes a fact of the quota in a longer message",
        lambda s: _changes_quota(s) and s.match_score < SURE_MATCH,
        lambda s: Act(name="change_quota", facts=s.answers),
    ),
    Row(
        "changes a submitted application",
        lambda s: (
            _follows(s, "submitted") and bool(s.answers) and s.reading.is_correction and not s.reading.is_question
        ),
        lambda s: Act(name="correct_data", facts=s.answers),
    ),
]
LAST = [
    Row(
        "is not understood at the recap",
        lambda s: _follows(s, "recap"),
        lambda s: Act(name="change_quota"),
    ),
]
