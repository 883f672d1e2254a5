"""Danger and secrets come before everything else, whatever the dialogue is about."""

from understanding.bars import LIKELY, NO_DANGER_MATCH, POSSIBLE_MATCH, SURE, SURE_DANGER, SURE_MATCH
from understanding.danger import load_topics
from understanding.rows.knowledge import offer
from understanding.rows.row import Row, act, in_form
from understanding.schemas import Act
from understanding.situation import Situation


def _is_sure(s: Situation) -> bool:
    return bool(s.danger) and s.danger_score >= SURE_DANGER


def _hands_over(s: Situation) -> bool:
    return bool(s.danger) and load_topics()[s.danger].hands_over


def _may_be_asked_about(s: Situation) -> bool:
    """Of life and death nobody only asks."""
    return s.danger not in ("", "life", "death")


def _asks_about_it(s: Situation) -> bool:
    """A question that an entry answers, though it sounds like danger: the whole of it, not only a clause."""
    bar = NO_DANGER_MATCH if _is_sure(s) else SURE_MATCH
    whole = s.evidence.matches[:1] if s.evidence else ()
    return _may_be_asked_about(s) and any(match.score >= bar for match in whole)


def _asks_for_human(s: Situation) -> bool:
    """Who asks for a human gets one either way; 我不想跟机器人说了 only sounds like more."""
    bar = max(SURE, s.danger_score) if _hands_over(s) else SURE
    return bool(s.danger) and s.sees_intent("request_human") >= bar


def _answer(s: Situation) -> Act:
    return Act(name="answer", matches=(s.match,) if s.match else (), values={"topic": s.danger})


def _alarm(s: Situation) -> Act:
    return Act(name="danger", values={"topic": s.reading.danger or s.danger})


# Said beside an identity number: 身份证号是…, 我的身份证号码发给你.
_BESIDE_IDENTITY_MAX = 32  # characters, with the number


def _tells_identity(s: Situation) -> bool:
    """An identity number that nobody needs, and little else; an agent who is awaited may have asked for it."""
    is_all = len(s.reading.plain) <= _BESIDE_IDENTITY_MAX and not s.reading.is_question and not s.answers
    return s.reading.tells_identity and s.state.holder == "bot" and is_all


PLAIN = [
    Row("danger in so many words", lambda s: bool(s.reading.danger), _alarm),
    Row("a secret was told", lambda s: bool(s.reading.secret), act("secret")),
    Row("told an identity number", _tells_identity, act("identity_told")),
]
ROWS = [
    Row("asks for a human, though it sounds like danger", _asks_for_human, act("request_human")),
    Row(
        "asks for a human in danger",
        lambda s: _hands_over(s) and s.sees_intent("request_human") >= LIKELY,
        _alarm,
    ),
    Row("asks what sounds like danger", _asks_about_it, _answer),
    Row("surely danger", _is_sure, _alarm),
    Row(
        "perhaps danger, perhaps a question",
        # To what is forbidden no other question is offered.
        lambda s: _may_be_asked_about(s) and s.danger != "crime" and not in_form(s) and s.match_score >= POSSIBLE_MATCH,
        lambda s: offer(s).model_copy(update={"values": {"topic": s.danger}}),
    ),
    Row(
        "perhaps danger",
        lambda s: bool(s.danger),
        lambda s: Act(name="danger_possible", values={"topic": s.danger}),
    ),
]
