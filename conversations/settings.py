"""When staff answer and what customers are promised: the gateway tells customers, the desk dispatches by it."""

from datetime import timedelta
from typing import Literal

from pydantic import Field, field_validator

from kit.settings import Settings
from kit.working_time import OfficeHours


class ConversationsSettings(Settings):
    """The settings of a process that works with conversations."""

    office_hours: str = Field(
        "08:30-17:30",
        description="When humans answer, China time: `08:30-17:30` or `08:30-12:00,14:00-17:30`. Counts, as the next "
        "two, until the first change on the page 营业设置.",
    )
    office_days: Literal["working", "all"] = Field(
        "working", description="`working`: not on weekends and public holidays; `all`: every day."
    )
    promise_hours: float = Field(
        2.0, gt=0, le=40, description="Office hours that may pass until a waiting customer is answered or called back."
    )

    @field_validator("office_hours")
    @classmethod
    def require_hours(cls, value: str) -> str:
        """Refuses what OfficeHours cannot read."""
        OfficeHours.parse(value)
        return value

    @property
    def hours(self) -> OfficeHours:
        """The office hours as a value."""
        promise = timedelta(hours=self.promise_hours)
        return OfficeHours.parse(self.office_hours, is_daily=self.office_days == "all", promise=promise)
