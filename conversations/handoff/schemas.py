"""What belongs to a handoff: its story, its events, its place in the queue, and notes about the conversation."""

from datetime import datetime, timedelta
from typing import Any

from conversations.schemas import State, Value, Window

# Around a talk: what led to it, and what was said in parting.
BEFORE, AFTER = timedelta(minutes=10), timedelta(minutes=2)


class HandoffStory(Value):
    """What an agent gets with a handoff: the filled slots, and messages the bot did not understand."""

    slots: dict[str, Any]
    failed_questions: list[str]


class NoteView(Value):
    """An internal note."""

    id: int
    staff_id: str
    text: str
    at: datetime


class HandoffEventView(Value):
    """One thing that happened to a handoff."""

    event: str
    state: str
    staff_id: str | None
    agent_id: str | None
    note: str
    at: datetime


class QueuePosition(Value):
    """How many customers wait ahead, and how many were accepted in the last half hour."""

    ahead: int
    recently_accepted: int


class HandoffView(Value):
    """A handoff and whose it is, as in conversations/tables.py; moments in UTC."""

    id: str
    conversation_id: str
    customer_id: str
    channel: str
    source: str | None = None
    manager_id: str | None = None
    window: Window | None = None
    reason: str
    topic: str | None
    state: State
    name: str | None
    product: str | None
    region: str | None
    agent_id: str | None
    requested_at: datetime
    assigned_at: datetime | None
    accepted_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    due_at: datetime | None
    told_to_wait_at: datetime | None
    is_asked_phone: bool
    callback_phone: str | None
    callback_wish: str | None
    callback_booked_at: datetime | None
    missed_calls: int
    wanted_skill: str | None
    labels: tuple[str, ...] = ()
    snoozed_at: datetime | None = None
    snoozed_until: datetime | None = None
    disposition: str | None
    summary: str | None
    rating: int | None
    comment: str | None

    @property
    def period(self) -> tuple[datetime, datetime] | None:
        """When it was, with what led to it and what was said in parting; None while it goes on."""
        return (self.requested_at - BEFORE, self.ended_at + AFTER) if self.ended_at else None

    def limit_for(self, staff_id: str) -> tuple[datetime, datetime] | None:
        """The period of the conversation that an agent may read with this talk: the next one may be a colleague's.

        None: all of it, while it goes on and for who manages the account.
        """
        return None if self.manager_id == staff_id else self.period
