"""A revision as it is read, and what staff write of one."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

State = Literal["draft", "approved", "refused", "withdrawn"]
Content = dict[str, Any]
"""The fields of the thing, as JSON."""


class RevisionView(BaseModel):
    """One revision of the thing with the `key`.

    `number` counts a key's revisions from 1. `version` rises with every change of a draft, so that who saves an older
    one is told. `rolls_back` is the number of the revision it was copied from. `writers` are all who wrote in it.
    A seed has no writers and nobody who decided. Those of one `change`, of whatever topics, begin on one day.
    """

    model_config = ConfigDict(from_attributes=True, frozen=True)

    key: str
    number: int
    state: State
    content: Content
    effective_from: date
    version: int
    rolls_back: int | None
    writers: list[str]
    written_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    change: str | None = None


class RevisionNoteView(BaseModel):
    """What a staff member wrote to colleagues about a revision."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: int
    key: str
    number: int
    staff_id: str
    text: str
    at: datetime
