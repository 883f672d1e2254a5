"""Quality checks as pages see them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from conversations.handoff.schemas import HandoffView
from conversations.schemas import Value
from desk.quality.sheets import Marks, Sheet, load_sheets

CheckState = Literal["open", "delivered", "acknowledged", "objected", "settled"]
STATE_NAMES: Mapping[CheckState, str] = {
    "open": "待检查",
    "delivered": "等坐席看",
    "acknowledged": "坐席已确认",
    "objected": "坐席有异议",
    "settled": "异议已处理",
}


class CheckView(Value):
    """A check: whose talk, who checks, what was marked and written. The columns are explained in desk/tables.py."""

    id: str
    handoff_id: str
    agent_id: str
    checker_id: str
    state: CheckState
    sheet_day: date
    marks: Marks
    score: int | None
    is_failed: bool
    feedback: str | None
    objection: str | None
    settlement: str | None
    talked_at: datetime
    drawn_at: datetime
    delivered_at: datetime | None
    answered_at: datetime | None
    settled_at: datetime | None

    @property
    def sheet(self) -> Sheet:
        """The sheet it is filled in on."""
        return load_sheets()[self.sheet_day]


class CheckedTalk(Value):
    """A check with its talk; None once that has expired."""

    check: CheckView
    handoff: HandoffView | None


class Sample(Value):
    """What talks to draw from, and how many: those that ended in the last `days`."""

    size: int
    days: int
    agent_id: str = ""
    channel: str = ""
    reason: str = ""
    is_low_rated: bool = False
    has_checked: bool = False  # those that were checked before may be drawn too
