"""Who reviews an application for the credit department: one supervisor, whom customer and staff hear by name."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from applications import repository
from applications.moves import move
from applications.schemas import ApplicationView, Move
from applications.stages import OPEN_STAGES, Actor
from desk.notices import NoticeSender
from desk.pages.customer_card import draw_application
from desk.reviews import assign_reviewers
from desk.schemas import StaffView
from desk.staff_repository import list_names
from kit.errors import RequestError
from tests.applications.making import make_applications
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office
from tests.desk.village import Village

CORE: tuple[Actor, ...] = ("bank_core",)
CHECKING = Move(expected="submitted", stage="checking")
VISIT = Move(expected="checking", stage="visit")
BACK = Move(expected="visit", stage="checking")


async def apply(village: Village, user: str = "wang") -> ApplicationView:
    await village.meet(user)
    return await village.apply(user)


async def move_by_core(village: Village, stored: ApplicationView, change: Move = CHECKING) -> None:
    village.clock.move(minutes=1)
    async with village.database.transaction() as session:
        now, hours = village.clock.now, await village.calendar.read_hours()
        await move(session, stored.id, change, CORE, now=now, hours=hours)


async def find_reviewer(village: Village, stored: ApplicationView) -> str | None:
    async with village.database.reading() as session:
        return (await repository.get_application(session, stored.id)).responsible_id


async def read_status(village: Village, stored: ApplicationView) -> str:
    """Who has the ball, as the customer's client reads it."""
    service = make_applications(village.database, village.clock, name_staff=list_names)
    [found] = await service.list_applications(stored.conversation_id)
    return found.responsible


async def test_what_staff_move_has_its_reviewer_at_once_who_is_told(village: Village) -> None:
    zhou = await village.hire("zhou", "supervisor")
    stored = await apply(village)
    moved = await village.customers.move_application(zhou, stored.id, CHECKING)
    assert moved.responsible_id == await find_reviewer(village, stored) == zhou.id
    assert await read_status(village, stored) == "zhou的名"
    told = (zhou.id, "轮到您审核\n王** 农户贷 10万元 柳河镇", "/customers")
    assert await village.list_notifications() == [told]


async def test_what_the_core_moves_has_it_with_the_next_round_once(village: Village) -> None:
    zhou = await village.hire("zhou", "supervisor")
    stored = await apply(village)
    await move_by_core(village, stored)
    assert (await find_reviewer(village, stored), await read_status(village, stored)) == (None, "")
    for _ in range(2):
        await village.ownership.assign_new()
    assert await find_reviewer(village, stored) == zhou.id
    assert len(await village.list_notifications()) == 1


async def test_each_gets_as_many_and_whoever_had_it_gets_it_back(village: Village) -> None:
    staff = [await village.hire(login, "supervisor") for login in ("zhou", "wu")]
    stored = [await apply(village, f"user{n}") for n in range(4)]
    first: list[str | None] = []
    for each in stored:
        village.clock.move(minutes=1)
        first.append((await village.customers.move_application(staff[0], each.id, CHECKING)).responsible_id)
    assert first[0] != first[1]
    assert first[2:] == first[:2], "the one whose last came longest ago"
    for each in (stored[0], stored[2]):  # the same reviewer's
        await village.customers.move_application(staff[0], each.id, VISIT)
    assert await find_reviewer(village, stored[0]) is None, "the account manager's turn"
    village.clock.move(minutes=1)
    new = await village.customers.move_application(staff[0], (await apply(village, "new")).id, CHECKING)
    assert new.responsible_id == first[0], "who has none now"
    back = await village.customers.move_application(staff[0], stored[2].id, BACK)
    assert back.responsible_id == first[2]


async def test_many_processes_assign_each_once_and_evenly(village: Village, elsewhere: Office) -> None:
    staff = [await village.hire(login, "supervisor") for login in ("zhou", "wu", "zheng")]
    stored = [await apply(village, f"user{n}") for n in range(9)]
    for each in stored[:6]:
        await move_by_core(village, each)
    rounds = [assign_reviewers(database, village.clock) for database in (village.database, elsewhere.database) * 2]
    moves = [village.customers.move_application(staff[0], each.id, CHECKING) for each in stored[6:]]
    await asyncio.gather(*rounds, *moves)
    found = Counter([await find_reviewer(village, each) for each in stored])
    assert found == {member.id: 3 for member in staff}
    assert len(await village.list_notifications()) == 9


async def test_nobody_is_assigned_a_review_while_they_leave(village: Village, elsewhere: Office) -> None:
    zhou, wu = await village.hire("zhou", "supervisor"), await village.hire("wu", "supervisor")
    stored = [await apply(village, f"user{n}") for n in range(6)]
    for each in stored[:4]:
        await move_by_core(village, each)
    await asyncio.gather(
        assign_reviewers(village.database, village.clock),
        *(village.customers.move_application(wu, each.id, CHECKING) for each in stored[4:]),
        village.accounts.update_staff(zhou.id, is_active=False),
        assign_reviewers(elsewhere.database, village.clock),
    )
    await assign_reviewers(village.database, village.clock)
    assert {await find_reviewer(village, each) for each in stored} == {wu.id}


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "agent"}], ids=["leaves", "does something else"])
@pytest.mark.parametrize("is_named", [True, False], ids=["to somebody", "to the others"])
async def test_who_reviews_no_more_hands_over(village: Village, change: dict[str, Any], *, is_named: bool) -> None:
    zhou = await village.hire("zhou", "supervisor")
    stored = await apply(village)
    await village.customers.move_application(zhou, stored.id, CHECKING)
    zheng, wu = await village.hire("zheng", "supervisor"), await village.hire("wu", "supervisor")
    other = await apply(village, "li")
    await village.customers.move_application(zhou, other.id, CHECKING)
    free, busy = (wu, zheng) if await find_reviewer(village, other) == zheng.id else (zheng, wu)
    assert (await village.accounts.count_open_work(zhou.id))["reviews"] == 1
    work_to: dict[Any, str] = {"reviews": busy.id} if is_named else {}
    await village.accounts.update_staff(zhou.id, work_to=work_to, **change)
    handed = {"work": "reviews", "from": zhou.id, "to": busy.id if is_named else None, "ids": [stored.id]}
    assert await village.list_audit("work_handed_over") == [(None, "zhou", handed)]
    await village.ownership.assign_new()
    assert await find_reviewer(village, stored) == (busy.id if is_named else free.id)


@sqlite_only
async def test_only_a_supervisor_takes_reviews_over(village: Village) -> None:
    zhou, zhang = await village.hire("zhou", "supervisor"), await village.hire("zhang")
    with pytest.raises(RequestError, match="不能接手审核中的申请"):
        await village.accounts.update_staff(zhou.id, is_active=False, work_to={"reviews": zhang.id})


async def test_without_a_supervisor_it_is_the_departments_until_there_is_one(village: Village) -> None:
    stored = await apply(village)
    await move_by_core(village, stored)
    await village.ownership.assign_new()
    assert await draw_card(village) == "轮到信贷审批部：审核申请和材料"
    await village.hire("zhou", "supervisor")
    await village.ownership.assign_new()
    assert await draw_card(village) == "轮到信贷审批部zhou的名：审核申请和材料"
    assert await read_status(village, stored) == "zhou的名"


async def test_the_customer_hears_the_name_whoever_moved_it(village: Village) -> None:
    await village.hire("zhou", "supervisor")
    stored = await apply(village)
    await move_by_core(village, stored)
    sender = NoticeSender(village.database, village.accounts, village.calendar, clock=village.clock)
    await sender.send_due()
    said = (await village.conversations.list_messages(stored.conversation_id))[-1].text
    assert "审核申请和材料，由信贷审批部zhou的名负责，3个工作日内" in said


async def draw_card(village: Village, staff: StaffView | None = None) -> str:
    """Whose turn it is, on the only card."""
    [card] = await village.customers.list_applications(staff.id if staff else None, OPEN_STAGES)
    drawn = draw_application(card, village.clock.now, None if staff else {})
    return drawn[drawn.index("轮到") :].split("<")[0].strip()


@sqlite_only
async def test_the_account_manager_reads_on_the_card_who_reviews_it(village: Village) -> None:
    zhang = await village.hire("zhang", "account_manager", "柳河镇")
    zhou = await village.hire("zhou", "supervisor")
    stored = await apply(village)
    await village.ownership.assign_new()
    assert await draw_card(village, zhang) == "轮到您：打电话向客户了解情况"
    assert await draw_card(village, None) == "轮到客户经理zhang的名：打电话向客户了解情况"
    await village.customers.move_application(zhang, stored.id, CHECKING)
    assert await draw_card(village, zhang) == "轮到信贷审批部zhou的名：审核申请和材料"
    [card] = await village.customers.list_customers(zhang.id)
    assert card.application
    assert (card.application.responsible_id, card.application.responsible) == (zhou.id, "zhou的名")
