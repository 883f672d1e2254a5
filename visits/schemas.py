"""Requests and responses of the visits service."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

VisitState = Literal["booked", "done", "missed", "cancelled"]
STATE_NAMES: dict[VisitState, str] = {"booked": "已约", "done": "已上门", "missed": "没见到", "cancelled": "已取消"}

ConversationId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Place = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    conversation_id: ConversationId


class VisitIn(_Request):
    """A visit as the customer confirmed it: one of the free times, and where."""

    starts_at: AwareDatetime
    place: Place


class MoveIn(_Request):
    """The free time to which the conversation's visit is moved, and the place if that changes too."""

    starts_at: AwareDatetime
    place: Place | None = None


class CancellationIn(_Request):
    """Whose visit is cancelled."""


class VisitView(BaseModel):
    """A visit, as its customer may see it; `manager_name` is empty until it is known who comes."""

    model_config = ConfigDict(frozen=True)

    id: str
    starts_at: datetime
    minutes: int
    place: str
    state: VisitState
    manager_name: str = ""


class ManagedVisit(BaseModel):
    """A visit as staff see it."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str
    application_id: str | None
    conversation_id: str
    manager_id: str | None
    starts_at: datetime
    minutes: int
    place: str
    state: VisitState
    note: str
    changed_at: datetime


class VisitOptions(BaseModel):
    """What a customer can book: every free time, in order, and the place they told before.

    `may_book`: they have an open application, or asked for an account manager. `booked` is the visit that stands.
    """

    may_book: bool
    times: list[datetime] = Field(default_factory=list)
    place: str = ""
    manager_name: str = ""
    booked: VisitView | None = None
