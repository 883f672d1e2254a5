"""Whose customers and pre-applications are, and who may do what with them."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from applications.schemas import ApplicationView, Move
from applications.stages import ENDED_STAGES, OPEN_STAGES
from desk.accounts import Accounts
from desk.ownership import Ownership, announce_withdrawal
from desk.pages.customer_card import draw_application
from kit.clock import CHINA
from kit.database import Database
from kit.errors import RequestError
from privacy import ledger
from tests.applications.making import make_applications
from tests.desk.village import PHONE, Village
from tests.fakes import FixedClock
from tests.vaults import VAULT


@pytest.fixture
def village(database: Database, accounts: Accounts, clock: FixedClock) -> Village:
    return Village(database, accounts, clock)


@pytest.fixture
async def other(database_url: str, clock: FixedClock) -> AsyncIterator[Ownership]:
    """Another process on the same database."""
    opened = Database(database_url, VAULT)
    yield Ownership(opened, clock)
    await opened.close()


CHECKING = Move(expected="submitted", stage="checking")
REOPENED = Move(expected="withdrawn", stage="checking")


async def list_owners(village: Village) -> dict[str, str | None]:
    """Managers of pre-applications, by the applicant's name."""
    cards = await village.customers.list_applications(None, OPEN_STAGES)
    return {card.application.name: card.application.manager_id for card in cards}


async def refuse(action: Coroutine[Any, Any, Any]) -> str:
    with pytest.raises(RequestError) as refused:
        await action
    return f"{refused.value.status} {refused.value.code}"


async def test_a_new_application_goes_to_the_manager_of_its_place_who_is_told_once(village: Village) -> None:
    zhang, _ = await village.hire("zhang", "account_manager", "柳河镇"), await village.hire("li")
    customer = await village.meet("wang")
    await village.apply("wang")
    for _ in range(3):
        await village.ownership.assign_new()
    assert await list_owners(village) == {"王秀英": zhang.id}
    assert await village.find_owner(customer.id) == zhang.id
    told = (zhang.id, "新的贷款申请\n王** 农户贷 10万元 柳河镇", "/customers")
    assert await village.list_notifications() == [told]


async def test_the_customers_own_manager_comes_before_the_place(village: Village) -> None:
    await village.hire("zhang", "account_manager", "柳河镇")
    li = await village.hire("li")
    await village.meet("wang", manager_id=li.id)
    await village.apply("wang")
    await village.ownership.assign_new()
    assert await list_owners(village) == {"王秀英": li.id}


async def test_who_left_is_followed_by_whoever_looks_after_the_place(village: Village) -> None:
    zhang = await village.hire("zhang", "account_manager", "柳河镇")
    li = await village.hire("li")
    customer = await village.meet("wang", manager_id=li.id)
    await village.apply("wang")
    await village.accounts.update_staff(li.id, is_active=False)
    await village.ownership.assign_new()
    assert await list_owners(village) == {"王秀英": zhang.id}
    assert await village.find_owner(customer.id) == zhang.id


@pytest.mark.parametrize(
    ("source", "region", "owner"),
    [
        ("manager:zhang", "青石乡", "zhang"),
        ("manager:li的名", "柳河镇", "li"),
        ("village:柳河镇", "青石乡", "li"),
        ("village:柳河镇", "东山镇", "zhang"),
        (None, "东山镇", None),
        ("manager:gone", "东山镇", None),
    ],
)
async def test_the_code_the_customer_scanned_counts(
    village: Village, source: str | None, region: str, owner: str | None
) -> None:
    ids: dict[str | None, str | None] = {None: None}
    for login, place in (("zhang", "柳河镇"), ("li", "青石乡")):
        ids[login] = (await village.hire(login, "account_manager", place)).id
    customer = await village.meet("wang", source)
    await village.apply("wang", region=region)
    await village.ownership.assign_new()
    assert await list_owners(village) == {"王秀英": ids[owner]}
    assert await village.find_owner(customer.id) == ids[owner]
    assert len(await village.list_notifications()) == (owner is not None)


async def test_what_belongs_to_nobody_finds_its_manager_when_there_is_one(village: Village) -> None:
    await village.meet("wang")
    await village.apply("wang")
    await village.ownership.assign_new()
    assert await list_owners(village) == {"王秀英": None}
    zhang = await village.hire("zhang", "account_manager", "柳河镇")
    await village.ownership.assign_new()
    assert await list_owners(village) == {"王秀英": zhang.id}


async def test_who_came_by_a_code_is_a_lead_of_its_manager_and_nobody_elses(village: Village) -> None:
    zhang = await village.hire("zhang", "account_manager", "柳河镇")
    li = await village.hire("li")
    by_village, by_manager = await village.meet("a", "village:柳河镇"), await village.meet("b", "manager:li")
    others = await village.meet("c", "village:柳河镇", manager_id=li.id)
    stray, plain = await village.meet("d", "poster:柳河镇"), await village.meet("e")
    await village.ownership.assign_new()
    people = by_village, by_manager, others, stray, plain
    assert [await village.find_owner(c.id) for c in people] == [zhang.id, li.id, li.id, None, None]
    assert await village.list_notifications() == []


async def test_two_processes_assign_each_once(village: Village, other: Ownership) -> None:
    zhang = await village.hire("zhang", "account_manager", "柳河镇")
    for n in range(6):
        await village.meet(f"user{n}", "village:柳河镇")
        await village.apply(f"user{n}", f"王{'一二三四五六'[n]}")
    await asyncio.gather(*(each.assign_new() for each in (village.ownership, other) * 2))
    assert set((await list_owners(village)).values()) == {zhang.id}
    assert len(await village.list_notifications()) == 6


async def test_a_change_of_stage_is_audited(village: Village) -> None:
    zhang = await village.hire("zhang", "account_manager", "柳河镇")
    await village.meet("wang")
    stored = await village.apply("wang")
    await village.ownership.assign_new()
    moved = await village.customers.move_application(zhang, stored.id, CHECKING)
    assert moved.stage == "checking"
    stages = {"from": "submitted", "to": "checking"}
    assert await village.list_audit("application_moved") == [(zhang.id, stored.number, stages)]


async def test_only_the_own_manager_and_supervisors_change_stages(village: Village) -> None:
    zhang = await village.hire("zhang", "account_manager", "柳河镇")
    others = [await village.hire("li"), await village.hire("sun", "agent"), await village.hire("qian", "admin")]
    boss = await village.hire("zhou", "supervisor")
    customer = await village.meet("wang")
    stored = await village.apply("wang")
    await village.ownership.assign_new()
    for staff in others:
        for action in (
            village.customers.move_application(staff, stored.id, CHECKING),
            village.customers.reveal_applicant_phone(staff, stored.id),
            village.customers.reveal_phone(staff, customer.id),
        ):
            assert await refuse(action) == "403 not_yours"
    for staff in (*others, zhang):
        assert await refuse(village.ownership.reassign(staff, customer.id, zhang.id)) == "403 forbidden"
    assert await village.list_audit("unmasked") == await village.list_audit("application_moved") == []
    await village.customers.move_application(boss, stored.id, CHECKING)


async def test_a_supervisor_sees_a_number_only_while_serving_the_customer(village: Village) -> None:
    await village.hire("zhang", "account_manager", "柳河镇")
    boss, other = await village.hire("zhou", "supervisor"), await village.hire("wu", "supervisor")
    customer = await village.meet("wang")
    stored = await village.apply("wang")
    await village.ownership.assign_new()
    numbers = village.customers
    for state, agent in (("queued", None), ("assigned", boss.id), ("active", other.id), ("closed", boss.id)):
        await village.ask("wang", state, agent_id=agent)
        assert await refuse(numbers.reveal_applicant_phone(boss, stored.id)) == "403 not_served"
        assert await refuse(numbers.reveal_phone(boss, customer.id)) == "403 not_served"
        if state in ("queued", "assigned", "active"):
            await village.end_talks("wang")
    assert await village.list_audit("unmasked") == []
    await village.ask("wang", "active", agent_id=boss.id)
    assert await numbers.reveal_applicant_phone(boss, stored.id) == (PHONE, False)
    assert await numbers.reveal_phone(boss, customer.id) == (PHONE, False)


async def test_a_look_of_a_supervisor_is_no_call(village: Village) -> None:
    boss, customer = await village.hire("zhou", "supervisor"), await village.meet("wang")
    stored = await village.apply("wang")
    assert await refuse(village.customers.reveal_applicant_phone(boss, stored.id)) == "403 not_served"
    assert await refuse(village.customers.reveal_phone(boss, customer.id)) == "403 not_served"
    assert (await withdraw(village, stored)).stage == "withdrawn"


async def test_a_change_that_fails_is_not_audited(village: Village) -> None:
    boss = await village.hire("zhou", "supervisor")
    await village.meet("wang")
    stored = await village.apply("wang")
    move = village.customers.move_application
    await move(boss, stored.id, Move(expected="submitted", stage="visit"))
    assert await refuse(move(boss, stored.id, CHECKING)) == "409 application_moved_on"
    assert await refuse(move(boss, stored.id, Move(expected="visit", stage="drawn"))) == "422 no_such_transition"
    assert await refuse(move(boss, "nowhere", CHECKING)) == "404 no_such_application"
    assert len(await village.list_audit("application_moved")) == 1


async def test_a_full_number_is_written_down_before_it_is_shown(village: Village) -> None:
    zhang = await village.hire("zhang")
    customer = await village.meet("wang", manager_id=zhang.id)
    assert await refuse(village.customers.reveal_phone(zhang, customer.id)) == "404 no_phone"
    assert await refuse(village.customers.reveal_phone(zhang, "nobody")) == "404 no_such_customer"
    assert await refuse(village.customers.reveal_applicant_phone(zhang, "nothing")) == "404 no_such_application"
    stored = await village.apply("wang")
    await village.ownership.assign_new()
    assert await village.customers.reveal_applicant_phone(zhang, stored.id) == (PHONE, False)
    await village.ask("wang", "callback", callback_phone="13900000001")
    assert await village.customers.reveal_phone(zhang, customer.id) == ("13900000001", False)
    assert await village.list_audit("unmasked") == [(zhang.id, customer.id, {}), (zhang.id, stored.id, {})]


async def withdraw(village: Village, stored: ApplicationView) -> ApplicationView:
    """The customer takes it back, as the desk's process does it."""
    applications = make_applications(village.database, village.clock, announce_withdrawal=announce_withdrawal)
    village.clock.move(minutes=1)
    return await applications.withdraw(stored.conversation_id, stored.number, f"withdrawal-of-{stored.number}")


async def test_the_manager_is_told_once_that_a_customer_withdrew(village: Village) -> None:
    zhang = await village.hire("zhang", "account_manager", "柳河镇")
    await village.meet("wang")
    stored = await village.apply("wang")
    await village.ownership.assign_new()
    for _ in range(2):
        await withdraw(village, stored)
    told = (zhang.id, "客户撤回了申请\n王** 农户贷 10万元 柳河镇", "/customers")
    assert (await village.list_notifications())[1:] == [told]
    village.clock.move(days=30)
    [card] = await village.customers.list_applications(zhang.id, ENDED_STAGES)
    assert (card.application.stage, card.is_late) == ("withdrawn", False)
    drawn = draw_application(card, village.clock.now, None)
    assert "已撤回" in drawn
    assert "30天前改为已撤回" in drawn


async def test_what_was_withdrawn_is_given_to_nobody(village: Village) -> None:
    await village.meet("wang")
    await withdraw(village, await village.apply("wang"))
    await village.hire("zhang", "account_manager", "柳河镇")
    await village.ownership.assign_new()
    assert (await list_owners(village), await village.list_notifications()) == ({}, [])


@pytest.mark.parametrize("by", ["applicant", "customer"])
async def test_once_the_manager_calls_the_customer_withdraws_nothing_alone(village: Village, by: str) -> None:
    zhang, stranger = await village.hire("zhang", "account_manager", "柳河镇"), await village.hire("li")
    customer = await village.meet("wang")
    stored = await village.apply("wang")
    await village.ownership.assign_new()
    assert await refuse(village.customers.reveal_applicant_phone(stranger, stored.id)) == "403 not_yours"
    if by == "applicant":
        await village.customers.reveal_applicant_phone(zhang, stored.id)
    else:
        await village.customers.reveal_phone(zhang, customer.id)
    assert await refuse(withdraw(village, stored)) == "409 already_in_progress"
    assert len(await village.list_notifications()) == 1


async def test_a_call_that_is_refused_does_not_count(village: Village) -> None:
    li = await village.hire("li")
    customer = await village.meet("wang")
    stored = await village.apply("wang")
    assert await refuse(village.customers.reveal_applicant_phone(li, stored.id)) == "403 not_yours"
    assert await refuse(village.customers.reveal_phone(li, customer.id)) == "403 not_yours"
    assert (await withdraw(village, stored)).stage == "withdrawn"


async def test_who_withdrew_is_not_called_about_it_any_more(village: Village) -> None:
    zhang = await village.hire("zhang", "account_manager", "柳河镇")
    await village.meet("wang")
    stored = await village.apply("wang")
    await village.ownership.assign_new()
    await withdraw(village, stored)
    assert await refuse(village.customers.reveal_applicant_phone(zhang, stored.id)) == "409 application_moved_on"
    move = village.customers.move_application
    assert await refuse(move(zhang, stored.id, CHECKING)) == "409 application_moved_on"
    assert await refuse(move(zhang, stored.id, REOPENED)) == "422 no_such_transition"
    assert await village.list_audit("unmasked") == await village.list_audit("application_moved") == []


async def test_a_call_and_a_withdrawal_at_the_same_moment_exclude_each_other(village: Village) -> None:
    zhang = await village.hire("zhang", "account_manager", "柳河镇")
    for n in range(8):
        await village.meet(f"user{n}")
        stored = await village.apply(f"user{n}")
        await village.ownership.assign_new()
        both: list[Coroutine[Any, Any, Any]] = [
            withdraw(village, stored),
            village.customers.reveal_applicant_phone(zhang, stored.id),
        ]
        results = await asyncio.gather(*(both if n % 2 else both[::-1]), return_exceptions=True)
        [refused] = [result for result in results if isinstance(result, RequestError)]
        assert refused.code in ("already_in_progress", "application_moved_on")


async def test_a_supervisor_gives_a_customer_to_somebody_else_who_is_told(village: Village) -> None:
    zhang, li = await village.hire("zhang", "account_manager", "柳河镇"), await village.hire("li")
    boss, gone = await village.hire("zhou", "supervisor"), await village.hire("wu")
    await village.accounts.update_staff(gone.id, is_active=False)
    customer = await village.meet("wang")
    await village.apply("wang")
    await village.ownership.assign_new()
    for nobody in (gone.id, boss.id, ""):
        assert await refuse(village.ownership.reassign(boss, customer.id, nobody)) == "422 no_manager"
    assert await refuse(village.ownership.reassign(boss, "nobody", li.id)) == "404 no_such_customer"
    for _ in range(2):
        await village.ownership.reassign(boss, customer.id, li.id)
    assert (await village.find_owner(customer.id), await list_owners(village)) == (li.id, {"王秀英": li.id})
    changes = {"from": zhang.id, "to": li.id}
    assert await village.list_audit("customer_reassigned") == [(boss.id, customer.id, changes)]
    assert (await village.list_notifications())[1:] == [(li.id, "新客户\nzhou的名把一位客户交给您", "/customers")]
    assert await village.ownership.list_managers() == {li.id: li.name, zhang.id: zhang.name}


@pytest.mark.parametrize(
    ("submitted_at", "now", "is_late"),
    [
        ("2026-07-03T16:00", "2026-07-06T15:59", False),  # from Friday to Monday: no working day yet
        ("2026-07-03T16:00", "2026-07-06T16:01", True),
        ("2026-07-01T09:00", "2026-07-02T08:59", False),
        ("2026-07-01T09:00", "2026-07-02T09:01", True),
        ("2026-07-01T21:00", "2026-07-02T17:29", False),  # at night: the next day counts
        ("2026-09-30T17:00", "2026-10-08T16:00", False),  # National Day
    ],
)
async def test_an_application_is_late_after_a_working_day(
    village: Village, clock: FixedClock, submitted_at: str, now: str, is_late: bool
) -> None:
    clock.now = datetime.fromisoformat(submitted_at).replace(tzinfo=CHINA).astimezone(UTC) - timedelta(minutes=1)
    await village.apply("wang")
    clock.now = datetime.fromisoformat(now).replace(tzinfo=CHINA).astimezone(UTC)
    [card] = await village.customers.list_applications(None, OPEN_STAGES)
    assert card.is_late is is_late


async def test_each_stage_has_its_own_deadline(village: Village, clock: FixedClock) -> None:
    boss = await village.hire("zhou", "supervisor")
    stored = await village.apply("wang")
    clock.move(days=1)
    await village.customers.move_application(boss, stored.id, CHECKING)
    lates = []
    for _ in range(4):
        [card] = await village.customers.list_applications(None, OPEN_STAGES)
        lates.append(card.is_late)
        clock.move(days=1, minutes=1)
    assert lates == [False, False, False, False]  # two of the days are a weekend
    clock.move(days=1)
    [card] = await village.customers.list_applications(None, OPEN_STAGES)
    assert card.is_late
    assert "已超期，应在17:01前" in draw_application(card, clock.now, None)


async def test_half_an_emoji_in_a_search_stops_nothing(village: Village) -> None:
    await village.meet("wang")
    for search in ("王\ud83d", "\ud83d\x00"):
        assert await village.customers.list_applications(None, OPEN_STAGES, search) == []
    assert await village.customers.list_customers(None, "没有\ud83d") == []


async def test_who_took_the_consent_back_is_given_to_no_manager_again(village: Village) -> None:
    zhang = await village.hire("zhang", "account_manager", "柳河镇")
    boss = await village.hire("boss", "supervisor")
    customer = await village.meet("wang", source="manager:zhang")
    await village.apply("wang")
    async with village.database.transaction() as session:
        now = village.clock.now
        await ledger.record(session, now, "consent_given", customer.id, purpose="sharing")
        (consent,) = await ledger.list_consents(session, customer.id)
        await ledger.withdraw(session, now, consent, channel="wechat", act="key")
    await village.ownership.assign_new()
    assert await list_owners(village) == {"王秀英": None}
    assert await refuse(village.ownership.reassign(boss, customer.id, zhang.id)) == "409 not_shared"
    async with village.database.transaction() as session:
        await ledger.record(session, village.clock.now, "consent_given", customer.id, purpose="sharing")
    await village.ownership.assign_new()
    assert [*(await list_owners(village)).values()] == [zhang.id]
