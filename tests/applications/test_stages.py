"""The table of an application's stages: whoever is responsible has a deadline, and every way ends."""

from datetime import date, datetime, timedelta
from itertools import product
from typing import get_args

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from applications.stages import (
    ENDED_STAGES,
    OPEN_STAGES,
    STAGE_NAMES,
    Actor,
    ApplicationKind,
    Process,
    Stage,
    deadline,
    find_actor,
    find_days,
    find_reminder,
    list_reasons,
    load_process,
    next_stages,
    require_reason,
)
from kit.clock import CHINA
from kit.errors import RequestError
from kit.settings import ROOT
from kit.working_time import OfficeHours

STAGES: tuple[Stage, ...] = get_args(Stage)
KINDS: tuple[ApplicationKind, ...] = get_args(ApplicationKind)
ACTORS: tuple[Actor, ...] = get_args(Actor)
HOURS = OfficeHours.parse("08:30-17:30")
MOMENTS = st.integers(0, 300 * 24 * 60).map(lambda n: datetime(2026, 1, 1, tzinfo=CHINA) + timedelta(minutes=n))


def test_stages_are_open_or_over() -> None:
    assert (*OPEN_STAGES, *ENDED_STAGES) == tuple(STAGE_NAMES) == STAGES
    assert ENDED_STAGES == ("drawn", "completed", "declined", "withdrawn", "expired")


@pytest.mark.parametrize("stage", OPEN_STAGES)
def test_whoever_is_responsible_can_move_it_on(stage: Stage) -> None:
    rule = load_process().stages[stage]
    assert rule.who is not None
    assert next_stages(stage, [rule.who])
    assert stage not in rule.next


@pytest.mark.parametrize("stage", STAGES)
def test_from_everywhere_the_way_ends_and_everything_is_reached(stage: Stage) -> None:
    assert set(ENDED_STAGES) & (_follow(stage) | {stage})
    assert stage in _follow("submitted") | {"submitted"}


def _follow(stage: Stage) -> set[Stage]:
    reached: set[Stage] = set()
    ahead: list[Stage] = [stage]
    while ahead:
        before = ahead.pop()
        new = {after for kind in KINDS for after in next_stages(before, ACTORS, kind)} - reached
        reached |= new
        ahead += new
    return reached


@pytest.mark.parametrize(
    ("kind", "before", "after", "is_possible"),
    [
        ("new", "submitted", "drawn", False),
        ("drawdown", "submitted", "drawn", True),
        ("drawdown", "checking", "approved", False),
        ("renewal", "approved", "completed", True),
        ("renewal", "approved", "signed", False),
        ("review", "checking", "completed", True),
        ("new", "checking", "completed", False),
    ],
)
def test_a_loan_that_exists_goes_another_way(
    kind: ApplicationKind, before: Stage, after: Stage, is_possible: bool
) -> None:
    assert (after in next_stages(before, ["bank_core"], kind)) == is_possible


def test_nobody_decides_alone_but_the_credit_department_and_the_core() -> None:
    deciding: tuple[Stage, ...] = ("approved", "declined")
    for before, after in product(STAGES, deciding):
        assert set(load_process().stages[before].next.get(after, ())) <= {"credit_department", "bank_core"}


def test_the_customer_withdraws_and_completes_and_nothing_else() -> None:
    may = {(before, after) for before in STAGES for after in next_stages(before, ["customer"])}
    assert may == {("submitted", "withdrawn"), ("incomplete", "withdrawn"), ("incomplete", "checking")}


def test_the_clock_ends_only_what_waits_for_the_customer() -> None:
    for stage in STAGES:
        rule = load_process().stages[stage]
        assert next_stages(stage, ["clock"]) == ([rule.ends_in] if rule.ends_in else [])
        assert rule.ends_in is None or rule.who == "customer"


@given(since=MOMENTS, stage=st.sampled_from(OPEN_STAGES))
def test_a_deadline_is_in_office_hours_and_after_its_reminder(since: datetime, stage: Stage) -> None:
    due, reminder = deadline(stage, since, HOURS), find_reminder(stage, since, HOURS)
    assert due is not None
    ((opens, closes),) = HOURS.spans
    assert opens <= due.astimezone(CHINA).time() <= closes
    assert since < (reminder or due) <= due < since + timedelta(days=40)
    assert (reminder is not None) == (load_process().stages[stage].who == "customer")


def test_what_the_bot_promises_at_submission_is_the_tables() -> None:
    responses = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
    days = load_process().stages["submitted"].working_days
    assert days
    assert f"在{find_days(days, date(2026, 7, 1))}个工作日内" in responses["utter_application_submitted"][0]["text"]


def test_a_service_desk_that_is_open_on_all_days_makes_no_more_working_days() -> None:
    friday = datetime(2026, 7, 3, 16, tzinfo=CHINA)
    daily = OfficeHours.parse("08:30-17:30", is_daily=True)
    assert deadline("submitted", friday, daily) == deadline("submitted", friday, HOURS)


@pytest.mark.parametrize("stage", ENDED_STAGES)
def test_what_is_over_has_no_deadline(stage: Stage) -> None:
    assert deadline(stage, datetime(2026, 7, 1, 9, tzinfo=CHINA), HOURS) is None


@pytest.mark.parametrize(
    ("before", "after", "actors", "actor"),
    [
        ("submitted", "checking", ("account_manager",), "account_manager"),
        ("submitted", "checking", ("credit_department", "account_manager"), "credit_department"),
        ("checking", "approved", ("credit_department", "account_manager"), "credit_department"),
        ("checking", "approved", ("account_manager",), 403),
        ("checking", "drawn", ("bank_core",), 422),
        ("signed", "drawn", ("customer",), 403),
        ("drawn", "checking", ("credit_department", "bank_core"), 422),
        ("declined", "checking", ("account_manager",), 403),
        ("declined", "checking", ("credit_department",), "credit_department"),
    ],
)
def test_who_may_move_it(before: Stage, after: Stage, actors: tuple[Actor, ...], actor: Actor | int) -> None:
    if isinstance(actor, str):
        assert find_actor(before, after, actors) == actor
        return
    with pytest.raises(RequestError) as refused:
        find_actor(before, after, actors)
    assert refused.value.status == actor
    assert STAGE_NAMES[after] in refused.value.reason


@pytest.mark.parametrize("stage", STAGES)
def test_a_reason_class_explains_its_own_stages_only(stage: Stage) -> None:
    for reason_class in load_process().reasons:
        if reason_class in list_reasons(stage):
            require_reason(stage, reason_class)
        else:
            with pytest.raises(RequestError, match="422 no_such_reason"):
                require_reason(stage, reason_class)
    if load_process().stages[stage].needs_reason:
        with pytest.raises(RequestError, match="422 reason_needed"):
            require_reason(stage, None)
    else:
        require_reason(stage, None)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"working_days": None}, "belong together"),
        ({"who": None}, "belong together"),
        ({"next": {"nowhere": ["clock"]}}, "next"),
    ],
)
def test_a_table_with_a_gap_is_refused(changed: dict[str, object], problem: str) -> None:
    table = load_process().model_dump()
    table["stages"]["visit"] |= changed
    with pytest.raises(ValueError, match=problem):
        Process.model_validate(table)
