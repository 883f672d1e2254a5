"""Inside a form: answers, corrections, repairs, and leaving it."""

from understanding.rows.row import SURE_MATCH, Row, act, in_form
from understanding.schemas import Act, Fact
from understanding.situation import ANSWERS, Situation

# The form takes these itself, and words its question anew.
REPAIRS = ("back", "restart", "skip", "dont_know", "rather_not_say", "repeat", "rephrase", "misunderstood")


def _inform(s: Situation) -> Act:
    return Act(name="inform", facts=s.answers)


def _fill(s: Situation, value: bool) -> Act:
    return Act(name="inform", values={str(s.state.asked): value}, facts=s.answers)


def _state(s: Situation, kind: str) -> Act:
    slot = str(s.state.asked)
    stated = Fact.model_validate({"kind": kind, "role": slot})
    return Act(name="inform", facts=(stated, *(fact for fact in s.answers if fact.role != slot)))


def _asks(s: Situation, *kinds: str) -> bool:
    return in_form(s) and s.kind in kinds


def _is_plain_answer(s: Situation) -> bool:
    return in_form(s) and s.is_all_said and (not s.reading.is_question or s.answers_question)


def _is_longer_answer(s: Situation) -> bool:
    """Facts with more words around them, where no question is a surer reading."""
    return in_form(s) and bool(s.answers) and s.match_score < SURE_MATCH


PLAIN = [
    Row("consents", lambda s: _asks(s, "consent") and s.does("yes"), lambda s: _fill(s, True)),
    Row(
        "does not consent",
        lambda s: _asks(s, "consent") and s.does("no", "cancel") and s.is_bare,
        lambda s: _fill(s, False),
    ),
    Row("confirms", lambda s: _asks(s, "confirmation") and s.does("yes") and s.is_bare, lambda s: _fill(s, True)),
    Row(
        "does not confirm",
        lambda s: _asks(s, "confirmation") and s.does("no", "not_submit") and s.is_bare,
        lambda s: _fill(s, False),
    ),
    Row(
        "has none of it",
        lambda s: in_form(s) and "none" in ANSWERS.get(s.kind or "consent", ()) and s.does("none"),
        lambda s: _state(s, "none"),
    ),
    Row("denies it", lambda s: _asks(s, "yes_no") and s.does("no") and s.is_bare, lambda s: _state(s, "none")),
    Row("has it", lambda s: _asks(s, "yes_no") and s.does("some") and s.is_bare, lambda s: _state(s, "some")),
    Row("asks why", lambda s: in_form(s) and s.does("why"), act("ask_why")),
    Row("needs time", lambda s: in_form(s) and s.does("wait", "think"), act("wait")),
    Row("goes on", lambda s: in_form(s) and s.does("continue", "not_cancel", "not_apply"), act("keep")),
    Row("drops it", lambda s: in_form(s) and s.does("cancel"), act("cancel")),
    Row(
        "needs the question in another way",
        lambda s: in_form(s) and s.does(*REPAIRS),
        lambda s: Act(name=next(repair for repair in REPAIRS if s.does(repair))),
    ),
    Row("answers", _is_plain_answer, _inform),
]
ROWS = [
    Row("answers in a longer message", lambda s: _is_longer_answer(s) and s.answers_question, _inform),
    Row(
        "corrects or adds in a longer message",
        lambda s: _is_longer_answer(s) and (s.reading.is_correction or not s.reading.is_question),
        _inform,
    ),
]
LAST = [Row("is not understood in a form", in_form, act("unclear"))]
