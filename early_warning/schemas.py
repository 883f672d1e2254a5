"""Early warnings as staff see them, and what is counted of each rule."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from conversations.schemas import Value
from early_warning.case import CaseKind

Outcome = Literal["confirmed", "false_alarm", "watched"]
OUTCOME_NAMES: Mapping[Outcome, str] = {"confirmed": "属实", "false_alarm": "误报", "watched": "继续观察"}
Standing = Literal["open", "watched", "over"]
STANDING_NAMES: Mapping[Standing, str] = {"open": "要处理", "watched": "观察中", "over": "处理过的"}


class WarningView(Value):
    """A live warning; of a loan, or of an application that is gone, `name` and `product` are empty and `amount` 0.

    `staff_id`: the account manager whose it is now; None: the supervisors'.
    """

    id: str
    subject_kind: CaseKind
    number: str
    name: str
    product: str
    amount: int
    rule: str
    reason: str
    staff_id: str | None
    raised_at: datetime
    gone_at: datetime | None
    outcome: Outcome | None
    note: str
    decided_by: str | None
    decided_at: datetime | None


class RuleMetrics(NamedTuple):
    """What came of one rule's warnings: live ones, and how often it would have raised one in shadow."""

    rule: str
    raised: int = 0
    open: int = 0
    confirmed: int = 0
    false_alarms: int = 0
    watched: int = 0
    shadow_raised: int = 0
    shadow_open: int = 0

    @property
    def false_share(self) -> float | None:
        """The share of false alarms among those that were found to be one or the other; None without any."""
        found = self.confirmed + self.false_alarms
        return self.false_alarms / found if found else None


class NewWarnings(NamedTuple):
    """How many warnings of a rule a day has raised for an account manager, or without one."""

    staff_id: str | None
    rule: str
    total: int
