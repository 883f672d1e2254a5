"""Whole messages that steer the conversation, inside a form or not."""

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


PLAIN = [
    Row("wants no human", lambda s: s.does("not_human") and s.is_bare, act("keep")),
    Row("wants a human", does("human"), act("request_human")),
    Row("wants the account manager", does("account_manager"), act("request_account_manager")),
    Row("complains", does("complain"), act("complain")),
    Row("withdraws an application", does("withdraw"), act("withdraw")),
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
    Row("is rude", does("rude"), act("apologise")),
]
