"""Free times of visits: tables of a week in July 2026, and what always holds."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conversations.wished_time import WishedTime, find_wish
from kit.clock import CHINA
from kit.working_time import OfficeHours
from visits.slots import NOTICE, OFFERED, Busy, VisitHours, choose_offered, find_free, is_taken, match_wish

HOURS = VisitHours.parse("09:00-12:00,14:00-17:30", minutes=90, days=14)
OFFICE = OfficeHours.parse("08:30-17:30")
LENGTH = timedelta(minutes=90)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-07-{text}").replace(tzinfo=CHINA)


def write(times: list[datetime]) -> list[str]:
    return [f"{time:%d %H:%M}" for time in times]


def busy(manager: str | None, text: str) -> Busy:
    return Busy(manager, at(text), at(text) + LENGTH)


def to_span(wish: WishedTime) -> tuple[float, float]:
    since, until = wish.span
    return since.timestamp(), until.timestamp()


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("01 06:30", "01 09:00"),  # a Wednesday
        ("01 08:00", "01 14:00"),  # too late for this morning
        ("01 11:00", "01 14:00"),
        ("01 13:00", "02 09:00"),
        ("01 20:00", "02 09:00"),
        ("03 16:00", "06 09:00"),  # Friday
        ("04 10:00", "06 09:00"),
    ],
)
def test_the_next_half_day_that_can_still_be_planned_comes_first(now: str, first: str) -> None:
    free = find_free(HOURS, OFFICE, [], managers=1, manager_id="li", now=at(now))
    assert write(free)[0] == first


def test_a_day_has_two_visits_in_each_half() -> None:
    free = find_free(HOURS, OFFICE, [], managers=1, manager_id="li", now=at("01 20:00"))
    assert write(free)[:5] == ["02 09:00", "02 10:30", "02 14:00", "02 15:30", "03 09:00"]
    assert write(free)[-1] == "15 15:30"


def test_days_off_have_none() -> None:
    office = replace(OFFICE, days_off=frozenset({at("02 00:00").date()}))
    free = find_free(HOURS, office, [], managers=1, manager_id="li", now=at("01 20:00"))
    assert write(free)[0] == "03 09:00"


@pytest.mark.parametrize(
    ("taken", "managers", "manager", "is_free"),
    [
        ([], 1, "li", True),
        ([], 0, None, False),
        ([busy("li", "02 09:00")], 2, "li", False),
        ([busy("li", "02 08:00")], 2, "li", False),  # ends at half past nine
        ([busy("li", "02 07:30")], 2, "li", True),
        ([busy("wang", "02 09:00")], 2, "li", True),
        ([busy("wang", "02 09:00")], 2, None, True),
        ([busy(None, "02 09:00")], 2, "li", True),
        ([busy(None, "02 09:00")], 1, "li", False),  # it will be theirs
        ([busy("wang", "02 09:00"), busy(None, "02 09:30")], 2, None, False),
    ],
)
def test_a_manager_makes_one_visit_at_a_time(
    taken: list[Busy], managers: int, manager: str | None, is_free: bool
) -> None:
    free = find_free(HOURS, OFFICE, taken, managers=managers, manager_id=manager, now=at("01 20:00"))
    assert (at("02 09:00") in free) is is_free


def test_a_taken_time() -> None:
    assert is_taken([busy("li", "02 09:00")], at("02 10:00"), at("02 11:30"), "li")
    assert not is_taken([busy("li", "02 09:00")], at("02 10:30"), at("02 12:00"), "li")
    assert not is_taken([busy("wang", "02 09:00")], at("02 09:00"), at("02 10:30"), "li")


@pytest.mark.parametrize(
    ("wish", "offered"),
    [
        ("", ["02 09:00", "02 14:00", "03 09:00"]),
        ("明天上午", ["02 09:00", "02 10:30"]),
        ("后天下午", ["03 14:00", "03 15:30"]),
        ("下周二", ["07 09:00", "07 10:30", "07 14:00"]),
        ("下周二下午三点半", ["07 15:30"]),
        ("后天下午三点", ["03 10:30", "03 14:00", "03 15:30"]),  # not offered: the nearest
        ("周五上午10点以后", ["03 10:30", "03 14:00", "03 15:30"]),
        ("周五上午10点以前", ["03 09:00"]),
        ("周六上午", ["03 10:30", "03 14:00", "03 15:30"]),
        ("晚上八点", ["02 09:00", "02 10:30", "02 14:00"]),
    ],
)
def test_what_is_offered(wish: str, offered: list[str]) -> None:
    now = at("01 20:00") if wish != "晚上八点" else at("01 19:00")
    free = find_free(HOURS, OFFICE, [], managers=1, manager_id="li", now=now)
    found = find_wish(wish, now, is_day_enough=True) if wish else None
    assert write(choose_offered(free, to_span(found[0]) if found else None)) == offered


@pytest.mark.parametrize("text", ["", "9-12", "12:00-09:00", "09:00-12:00,11:00-14:00", "25:00-26:00", "09:00"])
def test_wrong_hours_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"visit hours|hour must be"):
        VisitHours.parse(text, minutes=90, days=14)


MOMENTS = st.integers(0, 40 * 24 * 4).map(lambda quarters: at("01 00:00") + timedelta(minutes=15 * quarters))
VISITS = st.lists(
    st.builds(lambda m, s: Busy(m, s, s + LENGTH), st.sampled_from(["li", "wang", None]), MOMENTS), max_size=12
)


@given(VISITS, MOMENTS, st.integers(0, 3), st.sampled_from(["li", None]))
def test_whatever_is_free_can_be_kept(taken: list[Busy], now: datetime, managers: int, manager: str | None) -> None:
    free = find_free(HOURS, OFFICE, taken, managers=managers, manager_id=manager, now=now)
    assert free == sorted(set(free))
    for time in free:
        assert now + NOTICE <= time < now + timedelta(days=15)
        assert OFFICE.is_open(time)
        at_once = [visit for visit in taken if visit.starts_at < time + LENGTH and time < visit.ends_at]
        assert len(at_once) < managers
        assert manager is None or not is_taken(taken, time, time + LENGTH, manager)
    offered = choose_offered(free)
    assert set(offered) <= set(free)
    assert len(offered) <= OFFERED
    assert bool(offered) == bool(free)


@given(MOMENTS, st.sampled_from(["明天", "后天上午", "下周三下午", "周五10点以后", "上午九点"]))
def test_what_matches_a_wish_is_free(now: datetime, text: str) -> None:
    free = find_free(HOURS, OFFICE, [], managers=1, manager_id=None, now=now)
    found = find_wish(text, now, is_day_enough=True)
    assume(found)
    assert found
    assert set(match_wish(free, to_span(found[0]))) <= set(free)
    assert choose_offered(free, to_span(found[0]))
