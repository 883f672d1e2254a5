"""The stages of an application: process.yml beside this file, and what follows from it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kit.clock import CHINA
from kit.errors import RequestError
from kit.parameters import load_unique
from kit.working_time import OfficeHours

_FILE = Path(__file__).with_name("process.yml")

Stage = Literal[
    "submitted",
    "checking",
    "incomplete",
    "visit",
    "approved",
    "signed",
    "drawn",
    "completed",
    "declined",
    "withdrawn",
    "expired",
]
# Renewals, drawdowns and yearly reviews are about a loan that the customer has.
ApplicationKind = Literal["new", "renewal", "drawdown", "review"]
# Who may be responsible for a stage, and who moves an application; the clock only moves it.
Party = Literal["account_manager", "credit_department", "bank_core", "customer"]
Actor = Literal["account_manager", "credit_department", "bank_core", "customer", "clock"]
Days = Annotated[dict[date, Annotated[int, Field(ge=1)]], Field(min_length=1)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StageRule(_Value):
    """One stage; the fields are explained in process.yml. Without `who` the application's way ends here."""

    name: str
    told: str
    why: str
    who: Party | None = None
    do: str = ""
    working_days: Days | None = None
    reminded_after: Days | None = None
    ends_in: Stage | None = None
    needs_reason: bool = False
    next: dict[Stage, tuple[Actor, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def require_deadline(self) -> Self:
        """Whoever is responsible has a deadline and something to do."""
        if (self.who is None) != (self.working_days is None) or bool(self.who) != bool(self.do):
            raise ValueError("who, do and working_days belong together")
        return self


class ReasonClass(_Value):
    """Why an application moves into one of `stages`: for staff, and as the customer reads it."""

    name: str
    told: str
    stages: tuple[Stage, ...]


class Process(_Value):
    """The whole table."""

    who: dict[Actor, str]
    stages: dict[Stage, StageRule]
    reasons: dict[str, ReasonClass]
    kinds: dict[ApplicationKind, dict[Stage, dict[Stage, tuple[Actor, ...]]]]

    @model_validator(mode="after")
    def require_all(self) -> Self:
        """Every stage in its order, and reasons for those that need one."""
        if tuple(self.stages) != get_args(Stage) or tuple(self.who) != get_args(Actor):
            raise ValueError("a stage or a party is missing, or out of order")
        explained = {stage for reason in self.reasons.values() for stage in reason.stages}
        if unexplained := {name for name, stage in self.stages.items() if stage.needs_reason} - explained:
            raise ValueError(f"no reason class for {unexplained}")
        return self

    def list_next(self, stage: Stage, kind: ApplicationKind) -> Mapping[Stage, Sequence[Actor]]:
        """The stages that may follow for an application of a kind, and who may move it there."""
        merged = {**self.stages[stage].next, **self.kinds.get(kind, {}).get(stage, {})}
        return {after: movers for after, movers in merged.items() if movers}


@cache
def load_process() -> Process:
    """The table of the file."""
    return Process.model_validate(load_unique(_FILE.read_text(encoding="utf-8")))


STAGE_NAMES: Mapping[Stage, str] = {name: stage.name for name, stage in load_process().stages.items()}
OPEN_STAGES: tuple[Stage, ...] = tuple(name for name, stage in load_process().stages.items() if stage.who)
REVIEWED_STAGES: tuple[Stage, ...] = tuple(
    name for name, stage in load_process().stages.items() if stage.who == "credit_department"
)
ENDED_STAGES: tuple[Stage, ...] = tuple(name for name, stage in load_process().stages.items() if not stage.who)


def next_stages(stage: Stage, actors: Collection[Actor], kind: ApplicationKind = "new") -> list[Stage]:
    """The stages into which one of these may move an application of a kind from here."""
    return [after for after, movers in load_process().list_next(stage, kind).items() if set(movers) & set(actors)]


def find_actor(before: Stage, after: Stage, actors: Sequence[Actor], kind: ApplicationKind = "new") -> Actor:
    """As which of these somebody moves it, the first that may; RequestError 403 if only others may, 422 if nobody."""
    movers = load_process().list_next(before, kind).get(after, ())
    if not movers:
        raise RequestError(422, "no_such_transition", f"“{STAGE_NAMES[before]}”不能直接改成“{STAGE_NAMES[after]}”")
    if may := [actor for actor in actors if actor in movers]:
        return may[0]
    names = "、".join(load_process().who[mover] for mover in movers)
    raise RequestError(403, "not_yours_to_move", f"“{STAGE_NAMES[after]}”只能由{names}来改")


def is_withdrawable(stage: Stage, *, is_acted_on: bool) -> bool:
    """Whether the customer may withdraw alone: not once staff have acted on it, unless it came back."""
    movers = load_process().stages[stage].next.get("withdrawn", ())
    return "customer" in movers and (stage == "incomplete" or not is_acted_on)


def deadline(stage: Stage, since: datetime, hours: OfficeHours) -> datetime | None:
    """Until when whoever is responsible has to act; None once it is over."""
    return _add_days(load_process().stages[stage].working_days, since, hours)


def find_reminder(stage: Stage, since: datetime, hours: OfficeHours) -> datetime | None:
    """When the customer is reminded of what is theirs to do; None where it is not theirs."""
    return _add_days(load_process().stages[stage].reminded_after, since, hours)


def require_reason(stage: Stage, reason_class: str | None) -> None:
    """RequestError 422 for a reason class that is missing or does not explain this stage."""
    fitting = list_reasons(stage)
    if reason_class is not None and reason_class not in fitting:
        raise RequestError(422, "no_such_reason", f"“{STAGE_NAMES[stage]}”没有这个原因：{reason_class[:40]}")
    if reason_class is None and load_process().stages[stage].needs_reason:
        raise RequestError(422, "reason_needed", f"改成“{STAGE_NAMES[stage]}”要写明原因")


def list_reasons(stage: Stage) -> dict[str, str]:
    """The reason classes for moving into a stage, with their names for staff."""
    return {key: reason.name for key, reason in load_process().reasons.items() if stage in reason.stages}


def find_days(days: Days, day: date) -> int:
    """The working days in force on a day; LookupError before the first."""
    return [count for since, count in sorted(days.items()) if since <= day][-1]


def _add_days(days: Days | None, since: datetime, hours: OfficeHours) -> datetime | None:
    if days is None:
        return None
    hours = hours.on_working_days()  # working days, also where the service desk is open on all days
    return hours.add(since, find_days(days, since.astimezone(CHINA).date()) * hours.length).astimezone(UTC)
