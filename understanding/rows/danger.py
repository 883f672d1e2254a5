"""Danger and secrets come before everything else, whatever the dialogue is about."""

from understanding.rows.row import LIKELY_DANGER, NO_DANGER_MATCH, SURE, SURE_DANGER, SURE_MATCH, Row, act
from understanding.schemas import Act
from understanding.situation import Situation


def _find_topic(s: Situation) -> str:
    topics = s.evidence.topics if s.evidence else {}
    return max(topics, key=lambda topic: topics[topic], default="")


def _rate(s: Situation) -> float:
    return s.evidence.topics.get(_find_topic(s), 0.0) if s.evidence else 0.0


def _is_danger(s: Situation, least: float) -> bool:
    return _rate(s) >= least


def _asks_about_it(s: Situation) -> bool:
    """A question that an entry answers, though it sounds like danger; of life and death nobody only asks."""
    bar = NO_DANGER_MATCH if _is_danger(s, SURE_DANGER) else SURE_MATCH
    return _is_danger(s, LIKELY_DANGER) and _find_topic(s) not in ("life", "death") and s.match_score >= bar


def _asks_for_human(s: Situation) -> bool:
    """Who asks for a human gets one either way; 我不想跟机器人说了 only sounds like more."""
    probability = s.sees_intent("request_human")
    return _is_danger(s, LIKELY_DANGER) and probability >= max(SURE, _rate(s))


def _answer(s: Situation) -> Act:
    return Act(name="answer", matches=(s.match,) if s.match else (), values={"topic": _find_topic(s)})


def _alarm(s: Situation) -> Act:
    return Act(name="danger", values={"topic": s.reading.danger or _find_topic(s)})


PLAIN = [
    Row("danger in so many words", lambda s: bool(s.reading.danger), _alarm),
    Row("a secret was told", lambda s: bool(s.reading.secret), act("secret")),
]
ROWS = [
    Row("asks for a human, though it sounds like danger", _asks_for_human, act("request_human")),
    Row("asks what sounds like danger", _asks_about_it, _answer),
    Row("surely danger", lambda s: _is_danger(s, SURE_DANGER), _alarm),
    Row(
        "perhaps danger",
        lambda s: _is_danger(s, LIKELY_DANGER),
        lambda s: Act(name="danger_possible", values={"topic": _find_topic(s)}),
    ),
]
