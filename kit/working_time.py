"""Working time in China: whether the office is open, when it opens next, and adding working time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import chain

import chinese_calendar  # type: ignore[import-untyped]

from kit.clock import CHINA

HOURS = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")
DAY = timedelta(days=1)
PROMISE = timedelta(hours=2)
QUIET_FROM, QUIET_UNTIL = time(22), time(8)  # nobody is disturbed at night; China's time
NEAR_DAYS = {0: "今天", 1: "明天", 2: "后天"}
# Month and day of the public holidays that are the same every year: 元旦, 劳动节, 国庆节.
FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)})
# The public holidays that move, and the latest month and day on which each can begin.
MOVING_HOLIDAYS = {"春节": (2, 21), "清明": (4, 6), "端午": (6, 25), "中秋": (10, 8)}
AHEAD = timedelta(days=31)  # how long before a year begins its holidays must be known


def is_working_day(day: date) -> bool:
    """Whether a day is a working day: no weekend or public holiday, or a weekend day that makes up for one.

    The state announces a year's holidays late in the year before. Of years that the installed `chinesecalendar` does
    not know yet, only weekends and the holidays with a fixed date are known.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5 and (day.month, day.day) not in FIXED_HOLIDAYS


def list_unknown_years(today: date) -> list[int]:
    """This year and the one that begins within a month, if the installed `chinesecalendar` does not know them."""
    return [year for year in sorted({today.year, (today + AHEAD).year}) if not _is_known(year)]


def list_coming_holidays(year: int, today: date) -> list[str]:
    """The holidays of a year that move and may still be to come."""
    return [name for name, (month, day) in MOVING_HOLIDAYS.items() if date(year, month, day) >= today]


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Office hours in China's time, on working days or daily, except for days off.

    `spans` are when the office opens and closes, in order; one that closes at 00:00 ends at midnight, 24:00. `promise`
    is the working time in which customers are answered. `later` are the hours that replace these, each from a day on.
    """

    spans: tuple[tuple[time, time], ...]
    is_daily: bool = False
    promise: timedelta = PROMISE
    days_off: frozenset[date] = frozenset()
    later: tuple[tuple[date, "OfficeHours"], ...] = ()

    def __post_init__(self) -> None:
        begin = time.min
        for number, (opens, closes) in enumerate(self.spans, 1):
            is_last_midnight = closes == time.min and number == len(self.spans)
            if opens < begin or (opens >= closes and not is_last_midnight):
                raise ValueError("office hours must open before they close, and follow each other")
            begin = closes

    @classmethod
    def parse(cls, text: str, *, is_daily: bool = False, promise: timedelta = PROMISE) -> "OfficeHours":
        """Hours from text such as 08:30-17:30, 00:00-24:00 or 08:30-12:00,14:00-17:30.

        ValueError says what is wrong with others.
        """
        return cls(tuple(_parse_span(part, text) for part in text.split(",")), is_daily, promise)

    def is_open(self, moment: datetime) -> bool:
        """Whether the office is open at an aware moment; at closing time it is not."""
        return self.find_opening(moment) == moment

    def find_opening(self, moment: datetime) -> datetime:
        """The next opening, in China's time: the moment itself while open."""
        moment = _read_in_china(moment)
        return max(moment, self._find_span(moment)[0])

    def find_morning(self, moment: datetime) -> datetime:
        """The next time that a day of work begins, in China's time."""
        moment = _read_in_china(moment)
        begins = (spans[0][0] for spans in self._list_days(moment.date()))
        return next(begin for begin in begins if begin > moment)

    def add(self, moment: datetime, working: timedelta) -> datetime:
        """Adds working time to a moment; the result is in China's time.

        What just fits before a closing time ends then, not at the next opening. ValueError if negative.
        """
        if working < timedelta(0):
            raise ValueError("working time cannot be negative")
        opens, closes = self._find_span(_read_in_china(moment))
        moment = max(_read_in_china(moment), opens)
        while working > (left := closes - moment):
            working -= left
            moment, closes = self._find_span(closes)
        return moment + working

    @property
    def length(self) -> timedelta:
        """The working time of a day."""
        return sum((closes - opens for opens, closes in self._date_spans(date.min)), timedelta(0))

    def list_spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """When the office opens and closes on a day; empty for a day on which it does not."""
        begun = [hours for since, hours in self.later if since <= day]
        hours = begun[-1] if begun else self
        is_worked = day not in self.days_off and (hours.is_daily or is_working_day(day))
        return hours._date_spans(day) if is_worked else []

    def on_working_days(self) -> "OfficeHours":
        """The same hours, on working days only."""
        later = tuple((since, replace(hours, is_daily=False)) for since, hours in self.later)
        return replace(self, is_daily=False, later=later)

    def _date_spans(self, day: date) -> list[tuple[datetime, datetime]]:
        return [
            (
                datetime.combine(day, opens, CHINA),
                datetime.combine(day + DAY if closes == time.min else day, closes, CHINA),
            )
            for opens, closes in self.spans
        ]

    def _list_days(self, day: date) -> Iterator[list[tuple[datetime, datetime]]]:
        """The spans of each day that is worked, from a day on."""
        while True:
            if spans := self.list_spans(day):
                yield spans
            day += DAY

    def _find_span(self, moment: datetime) -> tuple[datetime, datetime]:
        """The span at a moment in China's time, or the next one."""
        spans = chain.from_iterable(self._list_days(moment.date()))
        return next((opens, closes) for opens, closes in spans if moment < closes)


def _parse_span(part: str, text: str) -> tuple[time, time]:
    found = HOURS.fullmatch(part.strip())
    if not found:
        raise ValueError(f"office hours look like 08:30-17:30 or 08:30-12:00,14:00-17:30, not {text!r}")
    opens_hour, opens_minute, closes_hour, closes_minute = map(int, found.groups())
    is_midnight = (closes_hour, closes_minute) == (24, 0)
    try:
        opens = time(opens_hour, opens_minute)
        closes = time.min if is_midnight else time(closes_hour, closes_minute)
    except ValueError:
        raise ValueError(f"office hours are between 00:00 and 24:00, not {text!r}") from None
    if closes == time.min and not is_midnight:
        raise ValueError("office hours until midnight end at 24:00")
    return opens, closes


def find_waking(moment: datetime) -> datetime:
    """The moment itself, or the end of the night it is in."""
    local = moment.astimezone(CHINA)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return moment
    day = local.date() + timedelta(days=local.time() >= QUIET_FROM)
    return datetime.combine(day, QUIET_UNTIL, CHINA)


def describe_moment(moment: datetime, now: datetime) -> str:
    """A moment in words for customers, in China's time: 今天10:30, 明天8:30, 后天9:00, or else 11月30日8:30."""
    moment, now = _read_in_china(moment), _read_in_china(now)
    day = NEAR_DAYS.get((moment.date() - now.date()).days, f"{moment.month}月{moment.day}日")
    return f"{day}{moment.hour}:{moment.minute:02}"


def _is_known(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def _read_in_china(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(CHINA)
