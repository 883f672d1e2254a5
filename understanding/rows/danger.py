"""Danger and secrets come before everything else, whatever the dialogue is about."""

from understanding.rows.row import LIKELY_DANGER, SURE_DANGER, Row, act
from understanding.schemas import Act
from understanding.situation import Situation


def _find_topic(s: Situation) -> str:
    topics = s.evidence.topics if s.evidence else {}
    return max(topics, key=lambda topic: topics[topic], default="")


def _is_danger(s: Situation, least: float) -> bool:
    return s.evidence is not None and s.evidence.topics.get(_find_topic(s), 0.0) >= least


def _alarm(s: Situation) -> Act:
    return Act(name="danger", values={"topic": s.reading.danger or _find_topic(s)})


PLAIN = [
    Row("danger in so many words", lambda s: bool(s.reading.danger), _alarm),
    Row("a secret was told", lambda s: bool(s.reading.secret), act("secret")),
]
ROWS = [
    Row("surely danger", lambda s: _is_danger(s, SURE_DANGER), _alarm),
    Row(
        "perhaps danger",
        lambda s: _is_danger(s, LIKELY_DANGER),
        lambda s: Act(name="danger_possible", values={"topic": _find_topic(s)}),
    ),
]
