"""Working time in China: whether the office is open, when it opens next, and adding working time."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import chinese_calendar  # type: ignore[import-untyped]

from kit.clock import CHINA

HOURS = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")
DAY = timedelta(days=1)
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

    `closes` at 00:00 is the midnight that ends the day, 24:00.
    """

    opens: time
    closes: time
    is_daily: bool = False
    days_off: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if self.opens >= self.closes and self.closes != time.min:
            raise ValueError("office hours must open before they close")

    @classmethod
    def parse(cls, text: str, *, is_daily: bool = False) -> "OfficeHours":
        """Hours from text such as 08:30-17:30 or 00:00-24:00; ValueError says what is wrong with others."""
        found = HOURS.fullmatch(text.strip())
        if not found:
            raise ValueError(f"office hours look like 08:30-17:30, not {text!r}")
        opens_hour, opens_minute, closes_hour, closes_minute = map(int, found.groups())
        is_midnight = (closes_hour, closes_minute) == (24, 0)
        try:
            opens = time(opens_hour, opens_minute)
            closes = time.min if is_midnight else time(closes_hour, closes_minute)
        except ValueError:
            raise ValueError(f"office hours are between 00:00 and 24:00, not {text!r}") from None
        if closes == time.min and not is_midnight:
            raise ValueError("office hours until midnight end at 24:00")
        return cls(opens, closes, is_daily)

    def is_open(self, moment: datetime) -> bool:
        """Whether the office is open at an aware moment; at closing time it is not."""
        return self.find_opening(moment) == moment

    def find_opening(self, moment: datetime) -> datetime:
        """The next opening, in China's time: the moment itself while open."""
        moment = _read_in_china(moment)
        day = moment.date()
        while not self._is_worked(day) or moment >= self._find_end(day):
            day += DAY
        return max(moment, datetime.combine(day, self.opens, CHINA))

    def add(self, moment: datetime, working: timedelta) -> datetime:
        """Adds working time to a moment; the result is in China's time.

        What just fits into a day ends at its closing time, not at the next opening. ValueError if negative.
        """
        if working < timedelta(0):
            raise ValueError("working time cannot be negative")
        moment = self.find_opening(moment)
        while working > (left := self._find_end(moment.date()) - moment):
            working -= left
            moment = self.find_opening(moment + left)
        return moment + working

    @property
    def length(self) -> timedelta:
        """The working time of a day."""
        return self._find_end(date.min) - datetime.combine(date.min, self.opens, CHINA)

    def find_closing(self, moment: datetime) -> datetime:
        """When the day of a moment ends."""
        return self._find_end(_read_in_china(moment).date())

    def _is_worked(self, day: date) -> bool:
        return day not in self.days_off and (self.is_daily or is_working_day(day))

    def _find_end(self, day: date) -> datetime:
        return datetime.combine(day + DAY if self.closes == time.min else day, self.closes, CHINA)


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
