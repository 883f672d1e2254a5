"""What a row is, and conditions and acts that many rows share."""

from collections.abc import Callable
from typing import NamedTuple

from knowledge.schemas import ANSWER_SCORE, SUGGEST_SCORE
from understanding.schemas import Act, State
from understanding.situation import Situation

When = Callable[[Situation], bool]
Then = Callable[[Situation], Act]

# Probabilities: measured on the held-out sentences (docs/decisions/0019-one-reading-one-decision.md).
SURE = 0.95  # enough to hand over, complain or drop on a guess
LIKELY_START = 0.7  # enough to start a form, if no entry is likelier
LIKELY = 0.5  # enough to talk, to ask back, to see a reply as meant
SURE_MATCH, POSSIBLE_MATCH = ANSWER_SCORE, SUGGEST_SCORE  # the entry answers at once; it is offered
UNLIKELY_MATCH = 0.3
SURE_DANGER, LIKELY_DANGER = 0.9, 0.6
NO_DANGER_MATCH = 0.9  # with such an entry even what is surely danger is only asked about


class Row(NamedTuple):
    """The first row whose `when` is true gives the act."""

    name: str
    when: When
    then: Then


def act(name: str) -> Then:
    """An act that needs nothing but its name."""
    return lambda s: Act(name=name)


def does(*acts: str) -> When:
    """The message as a whole does one of these."""
    return lambda s: s.does(*acts)


def in_form(s: Situation) -> bool:
    """A form is open."""
    return s.form is not None


RESUMED_BY = {
    "quota_form": "check_quota",
    "application_form": "resume_application",
    "repayment_form": "calculate_repayment",
}


def resume(s: Situation) -> Act:
    """Goes on with the open form, or with the one that was left last."""
    left = [form for form in s.state.paused if form in RESUMED_BY]
    return Act(name=RESUMED_BY[left[-1]]) if left and not in_form(s) else Act(name="keep")


def cancel(state: State, *, is_confirmed: bool) -> Act:
    """Drops the open form, or the one that was left last."""
    left = state.form or (state.paused[-1] if state.paused else None)
    return Act(name="cancel", form=left, values={"is_confirmed": True} if is_confirmed else {})
