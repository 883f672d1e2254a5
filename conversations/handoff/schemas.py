"""What staff see beside a handoff: its story, its events, and notes about the conversation."""

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
