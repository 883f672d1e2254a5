"""Questions: answered at once when an entry is surely right, else the likely entries are offered."""

from understanding.rows.row import POSSIBLE_MATCH, SURE_MATCH, Row, act
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
        lambda s: len(_evidence(s).parts) > 1,
        lambda s: Act(name="answer", matches=_evidence(s).parts),
    ),
    Row(
        "asks what an entry answers",
        lambda s: s.match_score >= SURE_MATCH,
        lambda s: Act(name="answer", matches=_evidence(s).matches[:1]),
    ),
]
OFFERS = [Row("asks what entries may answer", lambda s: s.match_score >= POSSIBLE_MATCH, _offer)]
LAST = [
    Row("tells facts without a form", lambda s: bool(s.answers), lambda s: Act(name="inform", facts=s.answers)),
    Row("is not understood", lambda s: True, act("not_understood")),
]
