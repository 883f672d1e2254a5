"""What a row is, and conditions and acts that many rows share."""

import re
from collections.abc import Callable
from typing import NamedTuple

from understanding.schemas import Act, State
from understanding.situation import Situation

When = Callable[[Situation], bool]
Then = Callable[[Situation], Act]


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


# A yes that may only say that something was heard: 好的谢谢, 嗯, ok.
_HEARD = re.compile(
    "(?:好|的|吧|嘞|滴|呀|啊|嗯|恩|哦|噢|行|可以|成|中|要得|知道|晓得|明白|了解|收到|了|你|您|谢|多谢|辛苦"
    "|ok|okay|fine|alright|all right|i see|thanks|thank you|sure|yes|yeah|[ ,，。.!！~])+"
)


def only_hears(s: Situation) -> bool:
    """Whether a yes may be meant for what was said last, and not for what was asked."""
    return bool(_HEARD.fullmatch(s.reading.plain))


_SUPPOSES = re.compile("要是|如果|假如|假设|万一|倘若|(?:what )?if ")


def supposes(s: Situation) -> bool:
    """Whether the message speaks of what might be: 要是收入只有5万呢."""
    return bool(_SUPPOSES.search(s.reading.plain))


def in_form(s: Situation) -> bool:
    """A form is open."""
    return s.form is not None


RESUMED_BY = {
    "quota_form": "check_quota",
    "application_form": "resume_application",
    "repayment_form": "calculate_repayment",
    "visit_form": "book_visit",
    "completion_form": "complete_application",
}


def resume(state: State) -> Act:
    """Goes on with the open form, or with the one that was left last."""
    left = [form for form in state.paused if form in RESUMED_BY]
    return Act(name=RESUMED_BY[left[-1]]) if left and not state.form else Act(name="keep")


def cancel(state: State, *, is_confirmed: bool) -> Act:
    """Drops the open form, or the one that was left last."""
    left = state.form or (state.paused[-1] if state.paused else None)
    return Act(name="cancel", form=left, values={"is_confirmed": True} if is_confirmed else {})
