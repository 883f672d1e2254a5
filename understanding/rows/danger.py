"""Danger and secrets come before everything else, whatever the dialogue is about."""

import re

from understanding.bars import LIKELY, NO_DANGER_MATCH, POSSIBLE_MATCH, SURE, SURE_DANGER, SURE_MATCH
from understanding.danger import load_topics
from understanding.rows.knowledge import offer
from understanding.rows.row import Row, act, in_form
from understanding.schemas import Act
from understanding.situation import Situation

# 我已经转了, and no word of fraud: it may be an instalment.
_ONLY_SENT = re.compile(
    "(?:我|俺|钱|款|已经|刚才|刚|都|就|早|也|全)*(?:转|汇|打)(?:过去|出去|完|好)?(?:钱|账|款)?了[啊呀呢的]?"
)


def _is_sure(s: Situation) -> bool:
    may_be_other = s.state.holder == "bot" and bool(_ONLY_SENT.fullmatch(s.reading.plain))
    return bool(s.danger) and s.danger_score >= SURE_DANGER and not may_be_other


def _hands_over(s: Situation) -> bool:
    return bool(s.danger) and load_topics()[s.danger].hands_over


def _may_be_asked_about(s: Situation) -> bool:
    """Of life and death nobody only asks."""
    return s.danger not in ("", "life", "death")


def _asks_about_it(s: Situation) -> bool:
    """A question that an entry answers, though it sounds like danger: the whole of it, not only a clause.

    What is told, not asked, has to be likelier an entry's than danger: 催收的天天到我家门口吓唬我娘.
    """
    told = 0.0 if s.reading.is_question else s.danger_score
    bar = max(NO_DANGER_MATCH, told) if _is_sure(s) else SURE_MATCH
    whole = s.evidence.matches[:1] if s.evidence else ()
    return _may_be_asked_about(s) and any(match.score >= bar for match in whole)


def _asks_for_human(s: Situation) -> bool:
    """Who asks for a human gets one either way; 我不想跟机器人说了 only sounds like more."""
    bar = max(SURE, s.danger_score) if _hands_over(s) else SURE
    return bool(s.danger) and s.sees_intent("request_human") >= bar


def _answer(s: Situation) -> Act:
    return Act(name="answer", matches=(s.match,) if s.match else (), values={"topic": s.danger})


# 我已经转了, 钱打过去了: then what helps is to stop the payment.
_SENT = re.compile(
    "(?<![没别不莫])(?<!差点)(?:转(?!人工|接)|汇|(?<=钱)打)(?:过去|出去|走|完|给[^,，。]{1,4}?)?(?:钱|账|款)?了"
    "|(?:转|汇|打)(?:过去|出去)了|(?<!没)(?<!电话)(?:打|付|交)给(?:他|她|对方|人家|骗子)(?:钱|款)?了"
)
_SENT_LENGTH_MAX = 16  # alone, after an answer about fraud
_ABOUT_FRAUD = re.compile("骗|诈|自称|冒充|安全账户|涉案|先交钱|中介|链接|验证码")


def _find_topic(s: Situation) -> str:
    topic = s.reading.danger or s.danger
    return "money_sent" if topic == "scam" and _SENT.search(s.reading.plain) else topic


def _has_sent(s: Situation) -> bool:
    """我已经转了, said after an answer about fraud."""
    is_alone = len(s.reading.plain) <= _SENT_LENGTH_MAX and not s.reading.is_question
    return is_alone and bool(_ABOUT_FRAUD.search(s.state.topic)) and bool(_SENT.search(s.reading.plain))


def _alarm(s: Situation) -> Act:
    return Act(name="danger", values={"topic": _find_topic(s)})


# Said beside an identity number: 身份证号是…, 我的身份证号码发给你.
_BESIDE_IDENTITY_MAX = 32  # characters, with the number


def _tells_identity(s: Situation) -> bool:
    """An identity number that nobody needs, and little else; an agent who is awaited may have asked for it."""
    is_all = len(s.reading.plain) <= _BESIDE_IDENTITY_MAX and not s.reading.is_question and not s.answers
    return s.reading.tells_identity and s.state.holder == "bot" and is_all


PLAIN = [
    Row("danger in so many words", lambda s: bool(s.reading.danger), _alarm),
    Row(
        "has sent money, after an answer about fraud",
        _has_sent,
        lambda s: Act(name="danger", values={"topic": "money_sent"}),
    ),
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
        "perhaps danger while an agent is awaited",
        # They are not offered what they wait for, but come first.
        lambda s: s.state.holder == "queue" and _hands_over(s) and s.match_score < POSSIBLE_MATCH,
        _alarm,
    ),
    Row(
        "perhaps danger, perhaps a question",
        # To what is forbidden no other question is offered.
        lambda s: _may_be_asked_about(s) and s.danger != "crime" and not in_form(s) and s.match_score >= POSSIBLE_MATCH,
        lambda s: offer(s).model_copy(update={"values": {"topic": s.danger}}),
    ),
    Row(
        "perhaps danger",
        lambda s: bool(s.danger),
        lambda s: Act(name="danger_possible", values={"topic": _find_topic(s)}),
    ),
]
