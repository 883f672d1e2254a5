"""Questions: answered at once when an entry is surely right, else the likely entries are offered."""

import re

from knowledge.schemas import Match
from understanding.bars import POSSIBLE_MATCH, SURE_MATCH
from understanding.rows.row import Row, act, in_form
from understanding.schemas import Act, Evidence
from understanding.situation import Situation

OFFERED_MAX = 3
# 我没说要删我的信息: a wish is denied, and how it is done is not asked.
_DENIES = re.compile(
    "(?:我|俺|咱|人家)?(?:又|可|并|也|都)?(?:没有?(?:说|讲|想(?!到)|打算)|不是(?:要|说|想))[^,，。;；]*"
)


def _evidence(s: Situation) -> Evidence:
    assert s.evidence is not None, "these rows are read with evidence"  # noqa: S101 (tells the type checker)
    return s.evidence


def offer(s: Situation) -> Act:
    """Offers the entries that may be meant."""
    likely = [match for match in _evidence(s).matches if match.score >= POSSIBLE_MATCH]
    return Act(name="suggest", matches=tuple(likely[:OFFERED_MAX]), values=_note_call(s))


def _note_call(s: Situation) -> dict[str, bool]:
    """That they ask when they are called: a call that was promised is told of instead."""
    return {"asks_call": True} if s.does("contact_when") else {}


def _answer(s: Situation, *matches: Match) -> Act:
    """Beside what a clause surely asks, what another one perhaps asks is offered; a form has questions of its own.

    A form that is begun next is for the product that was asked about.
    """
    if in_form(s):
        return Act(name="answer", matches=matches, values=_note_call(s))
    evidence = _evidence(s)
    offers = evidence.unsure_parts if evidence.parts else ()
    products = tuple(fact for fact in s.reading.facts if fact.kind == "product")
    return Act(name="answer", facts=products, matches=matches, offers=offers, values=_note_call(s))


def _denies(s: Situation) -> bool:
    return bool(_DENIES.fullmatch(s.reading.plain)) and not s.reading.is_question


ROWS = [
    Row(
        "asks two things",
        lambda s: len({match.entry_id for match in _evidence(s).parts}) > 1,
        lambda s: _answer(s, *_evidence(s).parts),
    ),
    Row(
        "asks what an entry answers",
        lambda s: s.match_score >= SURE_MATCH and not _denies(s),
        lambda s: _answer(s, *((s.match,) if s.match else ())),
    ),
]


def _cannot_be_looked_up(s: Situation) -> bool:
    if in_form(s):
        return _evidence(s).lacks_entries and s.reading.is_question and not s.answers
    return _evidence(s).lacks_entries and (bool(s.reading.rest) or not s.answers)


def _may_be_answered(s: Situation) -> bool:
    return s.match_score >= POSSIBLE_MATCH and not s.is_all_said


OFFERS = [Row("asks what entries may answer", _may_be_answered, offer)]
AWAY = [Row("asks what cannot be looked up", _cannot_be_looked_up, act("not_looked_up"))]
LAST = [
    Row("tells facts without a form", lambda s: bool(s.answers), lambda s: Act(name="inform", facts=s.answers)),
    Row("is not understood again", lambda s: s.state.failures > 0, act("not_understood_again")),
    Row("is not understood", lambda s: True, act("not_understood")),
]
