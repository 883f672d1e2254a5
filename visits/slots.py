"""Which times of visits are free, and which of them to offer: pure functions."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple

from kit.clock import CHINA
from kit.working_time import DAY, OfficeHours

NOTICE = timedelta(hours=2)  # before the half-day begins, so that the manager can plan it
OFFERED = 3
# From when on and until when a visit may begin, in seconds since 1970.
Span = tuple[float, float]
_HALF_DAY = re.compile(r"([0-9]{1,2}:[0-9]{2})-([0-9]{1,2}:[0-9]{2})")


@dataclass(frozen=True, slots=True)
class VisitHours:
    """When visits begin and end on a working day, in China's time: half-days, each cut into visits of `minutes`.

    They can be booked for the next `days` days.
    """

    half_days: tuple[tuple[time, time], ...]
    minutes: int
    days: int

    @classmethod
    def parse(cls, text: str, *, minutes: int, days: int) -> "VisitHours":
        """Half-days from text such as 09:00-12:00,14:00-17:30; ValueError says what is wrong with others."""
        half_days: list[tuple[time, time]] = []
        for part in text.split(","):
            found = _HALF_DAY.fullmatch(part.strip())
            if not found:
                raise ValueError(f"visit hours look like 09:00-12:00,14:00-17:30, not {text!r}")
            begins, ends = (time.fromisoformat(each.zfill(5)) for each in found.groups())
            if begins >= ends or (half_days and begins < half_days[-1][1]):
                raise ValueError(f"visit hours must follow each other: {text!r}")
            half_days.append((begins, ends))
        return cls(tuple(half_days), minutes, days)

    @property
    def length(self) -> timedelta:
        """How long a visit takes, the way there included."""
        return timedelta(minutes=self.minutes)

    def cut(self, day: date) -> Iterator[tuple[datetime, list[datetime]]]:
        """The half-days of a day: when each begins, and the times at which its visits begin."""
        for opens, closes in self.half_days:
            begins, ends = (datetime.combine(day, at, CHINA) for at in (opens, closes))
            yield begins, [begins + n * self.length for n in range((ends - begins) // self.length)]


class Busy(NamedTuple):
    """A booked visit: whose it is (None: nobody's yet), and when."""

    manager_id: str | None
    starts_at: datetime
    ends_at: datetime


def find_free(
    hours: VisitHours,
    office: OfficeHours,
    busy: Collection[Busy],
    *,
    managers: int,
    manager_id: str | None,
    now: datetime,
) -> list[datetime]:
    """The times that a customer may book, in order and in China's time.

    A manager (None: nobody yet) makes one visit at a time, and all together no more than there are `managers`.
    """
    now = now.astimezone(CHINA)
    free = []
    for ahead in range(hours.days + 1):
        for begins, times in hours.cut(now.date() + ahead * DAY):
            if begins >= now + NOTICE:
                free += [at for at in times if office.is_open(at)]
    return [at for at in free if _has_room(at, at + hours.length, busy, managers, manager_id)]


def is_taken(busy: Collection[Busy], starts_at: datetime, ends_at: datetime, manager_id: str) -> bool:
    """Whether a manager has another visit at that time."""
    return any(visit.manager_id == manager_id for visit in _overlap(busy, starts_at, ends_at))


def choose_offered(free: Sequence[datetime], wished: Span | None = None) -> list[datetime]:
    """The few times to offer: those wished for, else the nearest to the wish; without one the first of each half-day.

    In order of time.
    """
    if wished is None:
        halves = (next(times) for _, times in groupby(free, key=lambda at: (at.date(), at.hour < 12)))
        return [at for at, _ in zip(halves, range(OFFERED), strict=False)]
    if matching := match_wish(free, wished):
        return matching[:OFFERED]
    return sorted(sorted(free, key=lambda at: abs(at.timestamp() - wished[0]))[:OFFERED])


def match_wish(free: Iterable[datetime], wished: Span) -> list[datetime]:
    """The free times that begin within what was wished for."""
    return [at for at in free if wished[0] <= at.timestamp() < wished[1]]


def _has_room(
    starts_at: datetime, ends_at: datetime, busy: Collection[Busy], managers: int, manager_id: str | None
) -> bool:
    at_once = _overlap(busy, starts_at, ends_at)
    is_free = manager_id is None or all(visit.manager_id != manager_id for visit in at_once)
    return is_free and len(at_once) < managers


def _overlap(busy: Collection[Busy], starts_at: datetime, ends_at: datetime) -> list[Busy]:
    return [visit for visit in busy if visit.starts_at < ends_at and starts_at < visit.ends_at]
