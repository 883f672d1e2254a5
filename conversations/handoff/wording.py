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
