"""Wording about handoffs that desk and gateway share: buttons the gateway acts on, and promises."""

from datetime import datetime

from conversations.schemas import Reply, ReplyButton
from kit.masking import mask_personal_data
from kit.working_time import describe_moment

RETURN, CALLBACK, CALL_KNOWN = "/handoff_return", "/handoff_callback", "/handoff_call_known"
PAYLOADS = frozenset({RETURN, CALLBACK, CALL_KNOWN})
RETURN_BUTTON = ReplyButton(title="回到小禾", payload=RETURN)
WAITING_BUTTONS = [ReplyButton(title="预约回电", payload=CALLBACK), RETURN_BUTTON]


def confirm_callback(phone: str, due_at: datetime, now: datetime) -> Reply:
    """Confirms a callback."""
    due = describe_moment(due_at, now)
    return Reply(text=f"记下了，同事会在{due}前打{mask_personal_data(phone)}。这之前有问题，可以接着问小禾。")
