"""What is promised when somebody is to be called: by when, and the words for it."""

from datetime import datetime
from typing import NamedTuple

from conversations.handoff import wording
from conversations.schemas import Reply
from conversations.wished_time import WishedTime
from kit.working_time import OfficeHours


class PromisedCall(NamedTuple):
    """Until when the call is to be made, and what the customer is told."""

    due_at: datetime
    reply: Reply


def promise_call(phone: str, wish: WishedTime | None, hours: OfficeHours, now: datetime) -> PromisedCall:
    """A call at the wished time if the office is open then, or else within the promised working time."""
    wished = find_due(wish, hours, now) if wish else None
    due_at = wished or hours.add(max(wish.end, now) if wish else now, hours.promise)
    if wish is None:
        return PromisedCall(due_at, wording.confirm_callback(phone, due_at, now))
    if wished:
        return PromisedCall(due_at, wording.confirm_wish(phone, wish.describe(now)))
    return PromisedCall(due_at, wording.decline_wish(phone, wish.describe(now), due_at, now))


def find_due(wish: WishedTime, hours: OfficeHours, now: datetime) -> datetime | None:
    """When the call is due; None if the office is closed at the wished time."""
    opening = hours.find_opening(max(wish.start, now) if wish.at is None else wish.start)
    if wish.at is not None:
        if opening != wish.start:
            return None
        return hours.add(wish.start, hours.promise) if wish.bound == "后" else wish.start
    ends = (min(closes, wish.end) for opens, closes in hours.list_spans(opening.date()) if opens < wish.end)
    return max(ends) if opening < wish.end else None
