"""Requests and responses between the chat page and the gateway."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from conversations.schemas import Holder, MessageView, Thumb

MessageId = Annotated[str, StringConstraints(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
ButtonToken = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


class SessionIn(BaseModel):
    """A session to be opened; on a phone that others use too it ends sooner."""

    model_config = ConfigDict(extra="forbid", strict=True)

    is_shared: bool = False


class SessionOpened(BaseModel):
    """The bearer token of a new conversation."""

    token: str


class MessageIn(BaseModel):
    """A typed text or a pressed button, with an id made by the page (a UUID) that makes a resend safe."""

    model_config = ConfigDict(extra="forbid", strict=True)

    message_id: MessageId
    text: str | None = None
    button: ButtonToken | None = None

    @model_validator(mode="after")
    def require_one(self) -> Self:
        """Exactly one of text and button."""
        if (self.text is None) == (self.button is None):
            raise ValueError("give either text or button")
        return self


class ThumbIn(BaseModel):
    """A thumb at an answer, which is known by its id, and what the customer missed in it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[int, Field(ge=1, le=2**31 - 1)]  # as large as the database's ids
    thumb: Thumb
    missing: str = ""


class OfficeView(BaseModel):
    """Whether humans answer now; `opens_at` is when they do next, in China's time, None while they do."""

    is_open: bool
    opens_at: datetime | None


class History(BaseModel):
    """The newest messages, oldest of them first, and who answers now."""

    messages: list[MessageView]
    holder: Holder
