"""Reads the retention table, retention.yml beside this file: how long each kind of data is kept, and why."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

_FILE = Path(__file__).with_name("retention.yml")
_YEAR_DAYS = 365


class Retention(BaseModel):
    """How long one kind of data is kept from `since` on, why, and by which rule; no time: for good."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    name: str
    hours: int | None = Field(None, gt=0)
    days: int | None = Field(None, gt=0)
    since: str
    reason: str
    source: str

    @property
    def time(self) -> timedelta | None:
        """How long; None for good."""
        if self.days is None and self.hours is None:
            return None
        return timedelta(days=self.days or 0, hours=self.hours or 0)

    @property
    def period(self) -> str:
        """How long, as customers read it: 24小时, 30天, 3年, 长期."""
        if self.hours is not None:
            return f"{self.hours}小时"
        if self.days is None:
            return "长期"
        is_years = self.days % _YEAR_DAYS == 0
        return f"{self.days // _YEAR_DAYS}年" if is_years else f"{self.days}天"


class RetentionTable(BaseModel):
    """All kinds, and since when the table is in force."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: date
    kinds: dict[str, Retention]

    @model_validator(mode="after")
    def check_times(self) -> Self:
        """A time is given once: in hours or in days."""
        if twice := [kind.kind for kind in self.kinds.values() if kind.hours and kind.days]:
            raise ValueError(f"both hours and days: {twice}")
        return self

    def find_time(self, kind: str) -> timedelta:
        """How long a kind is kept; ValueError for one that is kept for good, KeyError for an unknown one."""
        time = self.kinds[kind].time
        if time is None:
            raise ValueError(f"{kind} is kept for good")
        return time


@cache
def load_retention(path: Path = _FILE) -> RetentionTable:
    """The table; raises pydantic.ValidationError for a wrong file."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    kinds = {kind: Retention(kind=kind, **values) for kind, values in content["kinds"].items()}
    return RetentionTable(version=content["version"], kinds=kinds)
