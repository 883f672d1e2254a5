"""Office hours by the calendar of 2026, its make-up days among it, and of a year whose holidays nobody knows yet."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.clock import CHINA
from kit.working_time import (
    OfficeHours,
    describe_moment,
    is_working_day,
    list_coming_holidays,
    list_unknown_years,
)

OFFICE = OfficeHours.parse("08:30-17:30")
DAILY = OfficeHours.parse("09:00-18:00", is_daily=True)
WITH_LUNCH = OfficeHours.parse("08:30-12:00,14:00-17:30")
ALWAYS = OfficeHours.parse("00:00-24:00", is_daily=True)


def at(text: str) -> datetime:
    """A moment in China; of 2026 when no year is written."""
    return datetime.fromisoformat(text if text.startswith("20") else f"2026-{text}").replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        ("2026-11-25", True),  # a Wednesday
        ("2026-11-28", False),  # a Saturday
        ("2026-01-04", True),  # a Sunday that makes up for New Year
        ("2026-02-16", False),  # the day before the Spring Festival
        ("2026-02-28", True),  # a Saturday that makes up for it
        ("2026-09-25", False),  # Mid-autumn, a Friday
        ("2026-10-01", False),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", True),  # a Saturday that makes up for National Day
        ("2099-10-01", False),  # a year not announced yet: National Day, as every year
        ("2099-10-02", False),
        ("2099-05-01", False),
        ("2099-10-05", True),  # what is not the same every year is not known
        ("2099-01-01", False),
        ("2099-10-03", False),  # a Saturday
    ],
)
def test_working_days_follow_the_public_calendar_as_far_as_it_is_known(day: str, is_worked: bool) -> None:
    assert is_working_day(date.fromisoformat(day)) is is_worked


class TestParse:
    @pytest.mark.parametrize(
        ("text", "opens", "closes"),
        [
            ("08:30-17:30", time(8, 30), time(17, 30)),
            (" 8:30-17:30 ", time(8, 30), time(17, 30)),
            ("00:00-24:00", time(0), time(0)),
            ("23:59-24:00", time(23, 59), time(0)),
        ],
    )
    def test_hours_are_read(self, text: str, opens: time, closes: time) -> None:
        for is_daily in (False, True):
            assert OfficeHours.parse(text, is_daily=is_daily) == OfficeHours(((opens, closes),), is_daily)

    def test_several_spans_are_read(self) -> None:
        assert OfficeHours.parse("8:30-12:00, 14:00-24:00").spans == (
            (time(8, 30), time(12)),
            (time(14), time.min),
        )

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("", "look like"),
            ("9-17", "look like"),
            ("08:30~17:30", "look like"),
            ("08:30-17:30,", "look like"),
            ("14:00-17:30,08:30-12:00", "follow"),
            ("08:30-12:00,11:00-17:30", "follow"),
            ("08:30-24:00,14:00-17:30", "follow"),
            ("０８:30-17:30", "look like"),
            ("08:60-17:30", "between"),
            ("24:00-24:00", "between"),
            ("08:30-24:30", "between"),
            ("08:30-00:00", "24:00"),
            ("17:30-08:30", "before"),
            ("08:30-08:30", "before"),
        ],
    )
    def test_what_are_no_hours_is_refused_with_a_reason(self, text: str, reason: str) -> None:
        with pytest.raises(ValueError, match=reason):
            OfficeHours.parse(text)


@pytest.mark.parametrize(
    ("hours", "moment", "opening"),
    [
        (OFFICE, "11-25 08:30", "11-25 08:30"),
        (OFFICE, "11-25 17:29:59", "11-25 17:29:59"),
        (OFFICE, "11-25 17:30", "11-26 08:30"),
        (OFFICE, "11-25 03:00", "11-25 08:30"),  # at night
        (OFFICE, "11-27 20:00", "11-30 08:30"),  # Friday evening
        (OFFICE, "09-30 17:30", "10-08 08:30"),  # National Day
        (OFFICE, "10-09 18:00", "10-10 08:30"),  # the Saturday after it is worked
        (OFFICE, "10-10 18:00", "10-12 08:30"),
        (OFFICE, "02-14 17:30", "02-24 08:30"),  # the Spring Festival
        (OFFICE, "2027-01-02 12:00", "2027-01-04 08:30"),  # a Saturday of the next year
        (OFFICE, "2098-12-30 18:00", "2098-12-31 08:30"),  # not announced yet
        (OFFICE, "2098-12-31 18:00", "2099-01-02 08:30"),  # a Friday: New Year is a holiday in every year
        (DAILY, "10-01 07:00", "10-01 09:00"),
        (DAILY, "10-03 18:00", "10-04 09:00"),
        (DAILY, "12-31 18:00", "2027-01-01 09:00"),
        (ALWAYS, "10-01 00:00", "10-01 00:00"),
        (ALWAYS, "10-01 23:59:59", "10-01 23:59:59"),
        (WITH_LUNCH, "11-25 11:59", "11-25 11:59"),
        (WITH_LUNCH, "11-25 12:00", "11-25 14:00"),
        (WITH_LUNCH, "11-25 17:30", "11-26 08:30"),
        (OfficeHours.parse("20:00-24:00"), "11-27 23:59", "11-27 23:59"),
        (OfficeHours.parse("20:00-24:00"), "11-28 00:00", "11-30 20:00"),
    ],
)
def test_the_next_opening(hours: OfficeHours, moment: str, opening: str) -> None:
    found = hours.find_opening(at(moment))
    assert (found, found.utcoffset()) == (at(opening), timedelta(hours=8))
    assert hours.find_opening(at(moment).astimezone(UTC)) == at(opening)
    assert hours.is_open(at(moment).astimezone(UTC)) is (moment == opening)


@pytest.mark.parametrize(
    ("hours", "moment", "working_hours", "deadline"),
    [
        (OFFICE, "11-25 09:00", 2, "11-25 11:00"),
        (OFFICE, "11-25 15:30", 2, "11-25 17:30"),  # just fits
        (OFFICE, "11-25 16:30", 2, "11-26 09:30"),
        (OFFICE, "11-25 22:00", 2, "11-26 10:30"),
        (OFFICE, "11-27 16:30", 2, "11-30 09:30"),
        (OFFICE, "09-30 17:00", 1, "10-08 09:00"),
        (OFFICE, "10-09 17:00", 10, "10-12 09:00"),  # over the Saturday that is worked
        (OFFICE, "11-23 08:30", 45, "11-27 17:30"),  # a week
        (DAILY, "10-01 17:00", 2, "10-02 10:00"),
        (DAILY, "12-31 17:00", 2, "2027-01-01 10:00"),
        (ALWAYS, "12-31 17:00", 48, "2027-01-02 17:00"),
        (WITH_LUNCH, "11-25 10:00", 2, "11-25 12:00"),  # just fits
        (WITH_LUNCH, "11-25 11:00", 2, "11-25 15:00"),
        (WITH_LUNCH, "11-25 13:00", 7, "11-26 12:00"),  # a day
        (OFFICE, "2027-01-01 23:00", 1, "2027-01-04 09:30"),
    ],
)
def test_a_deadline_counts_working_time_only(
    hours: OfficeHours, moment: str, working_hours: int, deadline: str
) -> None:
    assert hours.add(at(moment), timedelta(hours=working_hours)) == at(deadline)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        OFFICE.add(at("11-25 09:00"), timedelta(seconds=-1))
    with pytest.raises(ValueError, match="before"):
        OfficeHours(((time(9), time(9)),))
    naive = datetime(2026, 11, 25)  # noqa: DTZ001
    for ask in (OFFICE.is_open, OFFICE.find_opening, lambda moment: describe_moment(moment, at("11-25 09:00"))):
        with pytest.raises(ValueError, match="time zone"):
            ask(naive)


DAYS = st.dates(date(2025, 12, 1), date(2027, 2, 1))


@st.composite
def make_hours(draw: st.DrawFn) -> OfficeHours:
    minutes = sorted(draw(st.sets(st.integers(0, 24 * 4), min_size=2, max_size=6)))
    times = [f"{quarter // 4:02}:{quarter % 4 * 15:02}" for quarter in minutes]
    text = ",".join(f"{opens}-{closes}" for opens, closes in zip(times[::2], times[1::2], strict=False))
    later = draw(st.none() | make_hours()) if draw(st.booleans()) else None
    changes = ((draw(DAYS), later),) if later else ()
    return replace(OfficeHours.parse(text, is_daily=draw(st.booleans())), later=changes)


MOMENTS = st.datetimes(datetime(2025, 12, 1), datetime(2027, 2, 1), timezones=st.sampled_from([UTC, CHINA]))  # noqa: DTZ001
WORKING = st.timedeltas(timedelta(0), timedelta(hours=12))


class TestAlways:
    @given(make_hours(), MOMENTS)
    def test_an_opening_is_not_before_and_somebody_is_there(self, hours: OfficeHours, moment: datetime) -> None:
        opening = hours.find_opening(moment)
        assert opening >= moment
        assert hours.is_open(opening)
        assert hours.is_open(moment) is (opening == moment)
        assert hours.find_opening(opening) == hours.add(moment, timedelta(0)) == opening

    @given(make_hours(), MOMENTS, MOMENTS, WORKING, WORKING)
    def test_later_or_more_is_never_due_sooner(
        self, hours: OfficeHours, one: datetime, other: datetime, little: timedelta, more: timedelta
    ) -> None:
        assert hours.add(min(one, other), little) <= hours.add(max(one, other), little)
        assert hours.add(one, little) <= hours.add(one, little + more)

    @given(make_hours(), MOMENTS, WORKING)
    def test_a_deadline_is_within_hours_or_at_their_end(
        self, hours: OfficeHours, moment: datetime, working: timedelta
    ) -> None:
        deadline = hours.add(moment, working)
        assert hours.is_open(deadline) or hours.is_open(deadline - timedelta(microseconds=1))
        assert deadline >= hours.find_opening(moment) + working

    @given(make_hours(), MOMENTS, WORKING, WORKING)
    def test_time_is_added_in_one_step_or_in_two(
        self, hours: OfficeHours, moment: datetime, first: timedelta, second: timedelta
    ) -> None:
        at_once, in_steps = hours.add(moment, first + second), hours.add(hours.add(moment, first), second)
        # Nothing added to closing time is the next opening; it is the same working time.
        assert hours.find_opening(at_once) == hours.find_opening(in_steps)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("11-25 10:30", "今天10:30"),
        ("11-25 08:00", "今天8:00"),  # over already
        ("11-26 08:30", "明天8:30"),
        ("11-27 09:05", "后天9:05"),
        ("11-28 00:00", "11月28日0:00"),
        ("11-30 08:30", "11月30日8:30"),
        ("11-24 17:30", "11月24日17:30"),
        ("2027-01-04 08:30", "1月4日8:30"),
    ],
)
def test_a_moment_in_words(moment: str, words: str) -> None:
    assert describe_moment(at(moment).astimezone(UTC), at("11-25 09:00")) == words


def test_tomorrow_is_chinas() -> None:
    late_in_utc = datetime(2026, 11, 25, 16, 30, tzinfo=UTC)  # half past midnight of the 26th
    assert describe_moment(at("11-26 08:30"), late_in_utc) == "今天8:30"
    assert describe_moment(at("11-26 08:30"), late_in_utc - timedelta(hours=1)) == "明天8:30"


@pytest.mark.parametrize(
    ("today", "years"),
    [("2026-07-01", []), ("2026-11-30", []), ("2098-03-01", [2098]), ("2098-12-01", [2098, 2099])],
)
def test_a_year_without_announced_holidays_is_found(today: str, years: list[int]) -> None:
    assert list_unknown_years(date.fromisoformat(today)) == years


def test_holidays_that_may_still_come() -> None:
    assert list_coming_holidays(2099, date(2098, 12, 1)) == ["春节", "清明", "端午", "中秋"]
    assert list_coming_holidays(2099, date(2099, 4, 7)) == ["端午", "中秋"]
    assert list_coming_holidays(2099, date(2099, 10, 9)) == []


def test_the_year_that_begins_soon_is_looked_at_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def know_this_year(day: date) -> bool:
        if day.year > 2026:
            raise NotImplementedError
        return True

    monkeypatch.setattr("chinese_calendar.is_workday", know_this_year)
    assert list_unknown_years(date(2026, 11, 30)) == []
    assert list_unknown_years(date(2026, 12, 1)) == [2027]


def test_a_day_off_is_no_working_day_and_time_goes_on_after_it() -> None:
    hours = replace(OFFICE, days_off=frozenset({date(2026, 11, 26)}))
    assert not hours.is_open(at("11-26 10:00"))
    assert hours.add(at("11-25 16:30"), timedelta(hours=2)) == at("11-27 09:30")


@pytest.mark.parametrize(
    ("hours", "length"), [(OFFICE, 9), (WITH_LUNCH, 7), (ALWAYS, 24), (OfficeHours.parse("20:00-24:00"), 4)]
)
def test_the_working_time_of_a_day(hours: OfficeHours, length: int) -> None:
    assert hours.length == timedelta(hours=length)


@pytest.mark.parametrize(
    ("hours", "moment", "morning"),
    [
        (WITH_LUNCH, "11-25 08:00", "11-25 08:30"),
        (WITH_LUNCH, "11-25 08:30", "11-26 08:30"),
        (WITH_LUNCH, "11-25 13:00", "11-26 08:30"),
        (WITH_LUNCH, "11-27 18:00", "11-30 08:30"),
        (ALWAYS, "11-25 10:00", "11-26 00:00"),
    ],
)
def test_the_next_morning(hours: OfficeHours, moment: str, morning: str) -> None:
    assert hours.find_morning(at(moment)) == at(morning)


class TestLaterHours:
    SUMMER = replace(
        OFFICE,
        later=((date(2026, 11, 26), OfficeHours.parse("09:00-17:00")), (date(2026, 11, 28), DAILY)),
    )

    @pytest.mark.parametrize(
        ("moment", "working_hours", "deadline"),
        [
            ("11-25 16:30", 2, "11-26 10:00"),
            ("11-26 08:30", 2, "11-26 11:00"),
            ("11-27 16:00", 2, "11-28 10:00"),  # a Saturday, worked from then on
        ],
    )
    def test_each_day_has_its_own(self, moment: str, working_hours: int, deadline: str) -> None:
        assert self.SUMMER.add(at(moment), timedelta(hours=working_hours)) == at(deadline)

    def test_working_days_stay_working_days(self) -> None:
        assert self.SUMMER.on_working_days().find_opening(at("11-28 08:00")) == at("11-30 09:00")
