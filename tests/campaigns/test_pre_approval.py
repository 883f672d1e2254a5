"""Quotas of whole villages: by policy, repeatable to the yuan, all or none, 10,000 households within a minute."""

import time
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import repository, service
from campaigns.policy import UNITS, find_policy, load_parameters
from campaigns.pre_approval import Policies, PreApproval, pre_approve
from campaigns.schemas import CampaignIn, VillageGrade
from imports.service import ImportCancelled, Progress
from kit.database import Database
from kit.errors import RequestError
from scoring.policy_file import load_policies
from tests.campaigns.registers import TWO, WHITE_LIST, build_register, create, import_register
from tests.fakes import FixedClock

DAY = date(2026, 11, 1)
ROWS = 10_000
SECONDS_MAX = 60
POLICIES = Policies(load_policies()["farmer_loan"].get_policy(DAY), find_policy(DAY))
HOUSEHOLD: dict[str, Any] = {
    "land_mu": "20",
    "machinery_value": 30_000,
    "household_income": 80_000,
    "existing_debt": 0,
    "has_overdue": False,
    "age": 45,
}


def decide(grade: VillageGrade = "A", **facts: Any) -> PreApproval:
    return pre_approve({**HOUSEHOLD, **facts}, grade, POLICIES, DAY)


@pytest.mark.parametrize(
    ("grade", "facts", "outcome", "quota"),
    [
        ("A", {}, "approve", 100_000),
        ("B", {"household_income": 40_000}, "approve", 52_000),
        ("C", {"household_income": 40_000}, "approve", 32_000),
        ("D", {}, "decline", 0),
        ("A", {"has_overdue": True}, "decline", 0),
        ("A", {"age": 80}, "decline", 0),
        ("A", {"land_mu": "400"}, "review", 100_000),
        ("C", {"household_income": 1_500, "land_mu": "0", "machinery_value": 0}, "decline", 0),
    ],
)
def test_a_household_gets_the_share_of_its_grade(
    grade: VillageGrade, facts: dict[str, Any], outcome: str, quota: int
) -> None:
    decided = decide(grade, **facts)
    assert (decided.outcome, decided.quota) == (outcome, quota)
    assert decided.reasons


FACTS = st.fixed_dictionaries(
    {
        "land_mu": st.decimals(0, 500, places=2).map(str),
        "machinery_value": st.integers(0, 900_000),
        "household_income": st.integers(0, 900_000),
        "existing_debt": st.integers(0, 900_000),
        "has_overdue": st.booleans(),
        "age": st.none() | st.integers(0, 100),
    }
)


@given(facts=FACTS, grade=st.sampled_from(["A", "B", "C", "D"]))
def test_the_same_household_has_the_same_quota_within_the_limits(facts: dict[str, Any], grade: VillageGrade) -> None:
    first, again = (pre_approve(facts, grade, POLICIES, day) for day in (DAY, date(2026, 12, 24)))
    assert first == again
    assert 0 <= first.quota <= POLICIES.village.household_max
    assert first.quota % POLICIES.village.rounding == 0
    assert (first.quota == 0) == (first.outcome == "decline")
    best = pre_approve(facts, "A", POLICIES, DAY)
    assert first.quota <= best.quota


def test_the_policy_is_dated_and_says_where_it_comes_from() -> None:
    assert find_policy(DAY).version == "village@2026-01-01"
    assert find_policy(DAY).grade_share["B"] == Decimal(80)
    assert set(load_parameters()) == set(UNITS)
    with pytest.raises(LookupError):
        find_policy(date(2025, 12, 31))


async def list_quotas(database: Database, campaign_id: str) -> list[tuple[str, int]]:
    async with database.reading() as session:
        members = await repository.list_members(session, campaign_id, limit=ROWS)
        return [(str(each.outcome), each.quota) for each in members]


async def test_a_run_decides_all_members_and_keeps_the_version(database: Database, clock: FixedClock) -> None:
    campaign = await create(database, clock)
    await import_register(database, campaign, clock, TWO)
    version = await service.decide_all(database, campaign.id, Progress(), clock.now)
    assert version == "farmer_loan@2026-07-01 village@2026-01-01 farmer_loan#2"
    async with database.reading() as session:
        assert (await repository.get_campaign(session, campaign.id)).policy_version == version
        members = await repository.list_members(session, campaign.id)
    assert [(each.name, each.outcome, each.quota) for each in members] == [
        ("李大山", "approve", 22_000),
        ("王秀英", "approve", 100_000),
    ]
    assert "村级评定C级，按50%计，每户最高10万元" in members[0].reasons


async def test_a_cancelled_run_and_one_overtaken_by_an_import_change_nothing(
    database: Database, clock: FixedClock
) -> None:
    campaign = await create(database, clock)
    await import_register(database, campaign, clock, build_register(1_000))
    progress = Progress()
    progress.cancel()
    with pytest.raises(ImportCancelled):
        await service.decide_all(database, campaign.id, progress, clock.now)
    assert {outcome for outcome, _ in await list_quotas(database, campaign.id)} == {"None"}


async def test_a_white_list_keeps_the_quotas_of_the_bank(database: Database, clock: FixedClock) -> None:
    campaign = await create(database, clock, kind="white_list")
    await import_register(database, campaign, clock, WHITE_LIST)
    assert await service.decide_all(database, campaign.id, Progress(), clock.now) == "farmer_loan#2"
    assert await list_quotas(database, campaign.id) == [("approve", 80_000)]


async def test_two_people_start_it(database: Database, clock: FixedClock) -> None:
    campaign = await create(database, clock)
    async with database.transaction() as session:
        with pytest.raises(RequestError, match="请先算好额度"):
            await service.propose(session, campaign.id, by="an")
    await import_register(database, campaign, clock, TWO)
    await service.decide_all(database, campaign.id, Progress(), clock.now)
    async with database.transaction() as session:
        await service.propose(session, campaign.id, by="an")
    async with database.transaction() as session:
        with pytest.raises(RequestError, match="另一位同事"):
            await service.start(session, campaign.id, by="an", now=clock.now)
        assert (await service.start(session, campaign.id, by="bo", now=clock.now)).state == "running"
    with pytest.raises(RequestError) as refused:
        await service.decide_all(database, campaign.id, Progress(), clock.now)
    assert refused.value.status == 409
    clock.move(days=70)
    async with database.transaction() as session:
        assert await service.end_over(session, clock.now) == [campaign.id]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"last_day": date(2020, 1, 1)}, "结束日期"),
        ({"last_day": date(2030, 1, 1)}, "最长"),
        ({"product": "trader_loan"}, "农户的产品"),
        ({"product": "nothing"}, "没有在办"),
    ],
)
async def test_what_is_no_campaign(database: Database, clock: FixedClock, changes: dict[str, Any], reason: str) -> None:
    wanted = CampaignIn(
        **{
            "name": "整村",
            "kind": "village",
            "product": "farmer_loan",
            "first_day": clock.now.date(),
            "last_day": clock.now.date(),
            **changes,
        }
    )
    async with database.transaction() as session:
        with pytest.raises(RequestError, match=reason):
            await service.create(session, wanted, by="an", now=clock.now)


async def test_ten_thousand_households_take_less_than_a_minute_twice_the_same(
    database: Database, clock: FixedClock
) -> None:
    campaign, progress = await create(database, clock), Progress()
    await import_register(database, campaign, clock, build_register(ROWS))
    began = time.process_time()
    await service.decide_all(database, campaign.id, progress, clock.now)
    seconds = time.process_time() - began
    print(f"pre-approval of {ROWS} households: {seconds:.1f} s of processor time")
    assert (progress.done, progress.total) == (2 * ROWS, 2 * ROWS)
    assert seconds < SECONDS_MAX
    first = await list_quotas(database, campaign.id)
    clock.move(days=10)
    await service.decide_all(database, campaign.id, Progress(), clock.now)
    assert await list_quotas(database, campaign.id) == first
