"""What belongs to a handoff: its story, its events, its place in the queue, and notes about the conversation."""

from datetime import datetime
from typing import Any

from conversations.schemas import Value


class HandoffStory(Value):
    """What an agent gets with a handoff: the filled slots, and messages the bot did not understand."""

    slots: dict[str, Any]
    failed_questions: list[str]


class NoteView(Value):
    """An internal note."""

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
