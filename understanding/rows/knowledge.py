"""Questions: answered at once when an entry is surely right, else the likely entries are offered."""

from understanding.rows.row import POSSIBLE_MATCH, SURE_MATCH, Row, act, in_form
from understanding.schemas import Act, Evidence
from understanding.situation import Situation

OFFERED_MAX = 3


def _evidence(s: Situation) -> Evidence:
    assert s.evidence is not None, "these rows are read with evidence"  # noqa: S101 (tells the type checker)
    return s.evidence


def _offer(s: Situation) -> Act:
    likely = [match for match in _evidence(s).matches if match.score >= POSSIBLE_MATCH]
    return Act(name="suggest", matches=tuple(likely[:OFFERED_MAX]))


ROWS = [
    Row(
        "asks two things",
        lambda s: len({match.entry_id for match in _evidence(s).parts}) > 1,
        lambda s: Act(name="answer", matches=_evidence(s).parts),
    ),
    Row(
        "asks what an entry answers",
        lambda s: s.match_score >= SURE_MATCH,
        lambda s: Act(name="answer", matches=(s.match,) if s.match else ()),
    ),
]


def _cannot_be_looked_up(s: Situation) -> bool:
    return _evidence(s).lacks_entries and not s.answers and (s.reading.is_question or not in_form(s))


OFFERS = [Row("asks what entries may answer", lambda s: s.match_score >= POSSIBLE_MATCH, _offer)]
AWAY = [Row("asks what cannot be looked up", _cannot_be_looked_up, act("not_looked_up"))]
LAST = [
    Row("tells facts without a form", lambda s: bool(s.answers), lambda s: Act(name="inform", facts=s.answers)),
    Row("is not understood again", lambda s: s.state.failures > 0, act("not_understood_again")),
    Row("is not understood", lambda s: True, act("not_understood")),
]
