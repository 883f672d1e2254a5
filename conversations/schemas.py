"""Plain values of the shared record, as other packages and the web see them."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Holder = Literal["bot", "queue", "agent"]
Direction = Literal["inbound", "outbound"]
Sender = Literal["customer", "bot", "agent", "system"]


class Value(BaseModel):
    """Immutable and strict about unknown fields; its errors do not repeat what customers said."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ButtonView(Value):
    """A quick reply: its title and the opaque token that presses it."""

    title: str
    token: str


class MessageView(Value):
    """One message; ids grow with time, `message_id` is the sender's own id of an inbound one."""

    id: int
    direction: Direction
    sender: Sender
    text: str
    buttons: list[ButtonView] = Field(default_factory=list)
    message_id: str | None = None
    at: datetime


class ConversationView(Value):
    """Who talks, and who answers now."""

    id: str
    customer_id: str
    holder: Holder


class ReplyButton(Value):
    """A quick reply to be sent: the payload stays with us."""

    title: str = Field(max_length=64)
    payload: str


class Reply(Value):
    """Something to say to the customer."""

    text: str
    buttons: list[ReplyButton] = Field(default_factory=list)
    sender: Sender = "bot"


class HandoffRequest(Value):
    """Why a human is wanted, and what the customer has already filled in."""

    reason: str = Field(max_length=32)
    slots: dict[str, Any] = Field(default_factory=dict)


class ConsentGiven(Value):
    """What the customer agreed to."""

    purpose: str = Field(max_length=32)
    wording_version: str = Field(max_length=32)


class TurnOutcome(Value):
    """All that one inbound message led to; recorded in one transaction."""

    replies: list[Reply] = Field(default_factory=list)
    handoff: HandoffRequest | None = None
    consents: list[ConsentGiven] = Field(default_factory=list)


class RecordedInbound(Value):
    """An inbound message as it stands in the record; `replies` is set when it was answered before."""

    message: MessageView
    payload: str | None
    holder: Holder
    replies: list[MessageView] | None = None


class HandoffView(Value):
    """A handoff as staff see it."""

    id: str
    conversation_id: str
    channel: str
    reason: str
    status: str
    transcript: list[dict[str, Any]]
    slots: dict[str, Any]
    requested_at: datetime
