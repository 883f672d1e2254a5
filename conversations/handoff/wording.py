"""Wording about handoffs that desk and gateway share: buttons the gateway acts on, and promises."""

from datetime import datetime

from conversations.customer_texts import make_reply
from conversations.schemas import Reply, ReplyButton
from kit.masking import mask_personal_data
from kit.working_time import describe_moment

RETURN, CALLBACK, CALL_KNOWN = "/handoff_return", "/handoff_callback", "/handoff_call_known"
PAYLOADS = frozenset({RETURN, CALLBACK, CALL_KNOWN})
RETURN_BUTTON = ReplyButton(title="回到小禾", payload=RETURN)
WAITING_BUTTONS = [ReplyButton(title="预约回电", payload=CALLBACK), RETURN_BUTTON]


def confirm_callback(phone: str, due_at: datetime, now: datetime) -> Reply:
    """Confirms a callback."""
    values = {"最晚": describe_moment(due_at, now), "电话": mask_personal_data(phone)}
    return make_reply("callback_booked", values)


def confirm_wish(phone: str, when: str) -> Reply:
    """Promises a call at the wished time."""
    return Reply(text=f"记下了，同事会在{when}打{mask_personal_data(phone)}。这之前有问题，可以接着问小禾。")


def decline_wish(phone: str, when: str, due_at: datetime, now: datetime) -> Reply:
    """The office is closed at the wished time: says what can be promised instead."""
    due = describe_moment(due_at, now)
    return Reply(
        text=f"{when}不是上班时间，同事最晚{due}前打{mask_personal_data(phone)}。这之前有问题，可以接着问小禾。"
    )
