"""Whole messages that steer the conversation, inside a form or not."""

import re

from understanding.bars import SURE, SURE_MATCH, UNLIKELY_MATCH
from understanding.rows.row import RESUMED_BY, Row, act, does, in_form, resume
from understanding.schemas import Act
from understanding.situation import Situation

_CONTINUED = {
    "continue_quota": "quota_form",
    "continue_application": "application_form",
    "continue_calculation": "repayment_form",
}


def _find_named(s: Situation) -> str:
    """The form that they name to be continued, unless it is open."""
    return next((form for name, form in _CONTINUED.items() if s.does(name) and form != s.state.form), "")


def _withdraw(s: Situation) -> Act:
    named = {"number": s.reading.application_number} if s.reading.application_number else {}
    return Act(name="withdraw", values=named)


_HUMANS = ("request_human", "request_account_manager")
_ASKS = re.compile("什么时候|啥时候|多久|几[点天时]|哪|怎么|怎样|咋|谁|多少|为什么|为啥")

PLAIN = [
    Row("wants no human", lambda s: s.does("not_human") and s.is_bare, act("keep")),
    Row("wants a review of the quota", does("review"), act("request_review")),
    Row("wants a human", does("human"), act("request_human")),
    Row("wants the account manager", does("account_manager"), act("request_account_manager")),
    Row("complains", does("complain"), act("complain")),
    Row("withdraws an application", does("withdraw"), _withdraw),
    Row(
        "completes an application that came back",
        lambda s: s.does("completes") and not in_form(s),
        act("complete_application"),
    ),
    Row(
        "asks for an application's progress",
        lambda s: s.does("status", "how_many", "after_submitting") or bool(s.reading.application_number),
        lambda s: Act(
            name="check_application_status",
            values={"number": s.reading.application_number, "is_count": s.does("how_many")},
        ),
    ),
    Row("continues the form named", lambda s: bool(_find_named(s)), lambda s: Act(name=RESUMED_BY[_find_named(s)])),
    Row(
        "continues the form left last",
        lambda s: not in_form(s) and s.does("continue") and bool(s.state.paused),
        lambda s: resume(s.state),
    ),
]


def _find_human(s: Situation) -> str:
    """Whom they surely want to speak to; 信贷员哪天来找我 is a question that an entry may well answer."""
    best = max(_HUMANS, key=s.sees_intent)
    # 能给换个信贷员不: a sure entry about account managers answers.
    bar = max(SURE, s.match_score) if best == "request_human" or s.match_score < SURE_MATCH else 1.01
    is_sure = s.sees_intent(best) >= bar
    if s.state.holder != "bot":
        return ""
    may_be_answered = s.match_score >= UNLIKELY_MATCH and bool(_ASKS.search(s.reading.plain))
    return best if is_sure and not may_be_answered else ""


ROWS = [
    Row("surely wants a human", lambda s: bool(_find_human(s)), lambda s: Act(name=_find_human(s))),
    # Not before the classifiers were asked: who is angry may want a human.
    Row("is rude", does("rude"), act("apologise")),
]
