"""What both sides of a visit are told and reminded of, and when the bank is late with one."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select, update

from applications.schemas import Move
from applications.tables import Application
from desk.visit_notices import DAY_PATH, find_ends
from tests.desk.visits.conftest import Visited, at
from tests.fakes import FixedClock
from visits.schemas import VisitIn
from visits.tables import Visit


async def test_the_manager_hears_of_bookings_and_takes_them_over(village: Visited) -> None:
    li, wang = await village.hire("li"), await village.hire("wang")
    await village.book("a", li, name="王秀英")
    customer = (await village.my_day.list_visits(li))[0].customer_id
    boss = await village.hire("zhao", "supervisor")
    await village.ownership.reassign(boss, customer, wang.id)
    for _ in range(2):
        await village.notices.check()
    about = [(who, text) for who, text, path in await village.list_notifications() if path == DAY_PATH]
    assert about == [(li.id, "客户约了上门\n王**，7月2日9:00"), (wang.id, "上门转给您\n王**，7月2日9:00")]
    assert await village.list_names(wang) == ["王秀英"]


async def test_both_are_reminded_once(village: Visited, clock: FixedClock) -> None:
    li = await village.hire("li")
    await village.book("a", li, "03 09:00", name="王秀英")
    await village.open_window("a")
    heard = []
    for now in ("02 17:59", "02 18:00", "02 18:01", "03 07:29", "03 07:30", "03 08:00"):
        clock.now = at(now)
        await village.notices.check()
        told = [text for _, text, path in await village.list_notifications() if path == DAY_PATH]
        heard.append((len(await village.list_said("a")), len(told)))
    assert heard == [(0, 1), (1, 1), (1, 1), (1, 1), (1, 2), (1, 2)]
    assert await village.list_said("a") == ["提醒您：明天9:00li的名上门。\n地点：柳河镇王家村3组"]
    assert told[-1] == "今天有上门\n王**，7月3日9:00"


@pytest.mark.parametrize(
    ("now", "customers", "managers"),
    [
        ("02 07:29", "03 00:00", "02 00:00"),
        ("02 07:30", "03 00:00", "03 00:00"),
        ("02 17:59", "03 00:00", "03 00:00"),
        ("02 18:00", "04 00:00", "03 00:00"),
    ],
)
def test_of_which_visits_both_sides_are_to_be_reminded_by_now(now: str, customers: str, managers: str) -> None:
    assert find_ends(at(now)) == (at(customers), at(managers))


async def test_no_number_of_visits_keeps_others_from_being_reminded_of(village: Visited, clock: FixedClock) -> None:
    li = await village.hire("li")
    first = await village.book("a", li, "03 09:00")
    async with village.database.transaction() as session:
        row = await session.get_one(Visit, first)
        values = {column.key: getattr(row, column.key) for column in Visit.__table__.columns}
        for n in range(129):
            own = {"id": f"visit-{n}", "idempotency_key": f"visit-{n}", "starts_at": at("03 10:00")}
            session.add(Visit(**values | own))

    async def count(reminded: Any) -> int:
        async with village.database.reading() as session:
            return int(await session.scalar(select(func.count()).where(reminded.is_not(None))) or 0)

    clock.now = at("02 18:00")
    for _ in range(2):
        await village.notices.check()
    assert (await count(Visit.customer_reminded_at), await count(Visit.manager_reminded_at)) == (130, 0)
    clock.now = at("03 07:30")
    for _ in range(2):
        await village.notices.check()
    assert await count(Visit.manager_reminded_at) == 130


async def test_where_we_may_not_write_the_manager_calls(village: Visited, clock: FixedClock) -> None:
    li = await village.hire("li")
    await village.book("a", li, "03 09:00", name="王秀英")
    await village.open_window("a", left=0)
    clock.now = at("02 18:00")
    for _ in range(2):
        await village.notices.check()
    assert await village.list_said("a") == []
    told = [text for _, text, path in await village.list_notifications() if path == DAY_PATH]
    assert told[1:] == ["请打电话提醒客户上门时间，渠道里发不出去\n王**，7月3日9:00"]


async def test_who_books_in_the_evening_is_not_reminded_of_it(village: Visited, clock: FixedClock) -> None:
    li = await village.hire("li")
    clock.now = at("02 18:30")
    await village.book("a", li, "03 09:00")
    await village.open_window("a")
    await village.notices.check()
    assert await village.list_said("a") == []


async def test_a_moved_visit_is_reminded_of_anew(village: Visited, clock: FixedClock) -> None:
    li = await village.hire("li")
    visit = await village.book("a", li, "03 09:00")
    await village.open_window("a")
    clock.now = at("02 18:00")
    await village.notices.check()
    await village.my_day.move(li, visit, "2026-07-06", "09:00", "")
    clock.now = at("05 18:00")
    await village.notices.check()
    assert [text[:6] for text in await village.list_said("a")] == ["提醒您：明天", "上门时间改到", "提醒您：明天"]


async def set_stage(village: Visited, stage: str, due_at: datetime) -> None:
    async with village.database.transaction() as session:
        await session.execute(update(Application).values(stage=stage, due_at=due_at, check_at=due_at))


async def read_promise(village: Visited) -> tuple[datetime | None, datetime | None]:
    async with village.database.reading() as session:
        due_at, check_at = (await session.execute(select(Application.due_at, Application.check_at))).one()
        return due_at, check_at


@pytest.mark.parametrize(
    ("stage", "due", "time", "promised"),
    [
        ("visit", "08 10:00", "14 09:00", "14 23:59"),
        ("visit", "14 08:00", "14 09:00", "14 23:59"),
        ("visit", "15 10:00", "14 09:00", "15 10:00"),
        ("checking", "08 10:00", "14 09:00", "08 10:00"),
    ],
)
async def test_the_bank_is_not_late_before_the_day_that_the_customer_chose(
    village: Visited, stage: str, due: str, time: str, promised: str
) -> None:
    li = await village.hire("li")
    await village.meet("a", manager_id=li.id)
    conversation = (await village.apply("a")).conversation_id
    await set_stage(village, stage, at(due))
    visit = VisitIn(conversation_id=conversation, starts_at=at(time), place="柳河镇王家村3组")
    await village.visits.book(visit, "key-of-a-visit")
    assert await read_promise(village) == (at(promised), at(promised))


async def test_a_later_day_of_the_customers_puts_the_promise_off_and_an_earlier_or_none_leaves_it(
    village: Visited,
) -> None:
    li = await village.hire("li")
    visit = await village.book("a", li, "02 09:00")
    conversation = (await village.conversations.open_conversation("wechat", "a")).id
    await set_stage(village, "visit", at("08 10:00"))
    await village.visits.move(conversation, visit, at("13 09:00"))
    assert await read_promise(village) == (at("13 23:59"), at("13 23:59"))
    await village.visits.move(conversation, visit, at("03 09:00"))
    await village.visits.cancel(conversation, visit)
    assert await read_promise(village) == (at("13 23:59"), at("13 23:59"))


async def test_the_bank_does_not_put_off_its_own_promise(village: Visited) -> None:
    li = await village.hire("li")
    visit = await village.book("a", li, "02 09:00")
    await set_stage(village, "visit", at("08 10:00"))
    await village.my_day.move(li, visit, "2026-07-13", "09:00", "")
    assert await read_promise(village) == (at("08 10:00"), at("08 10:00"))


async def test_a_visit_booked_before_counts_when_the_application_comes_to_that_stage(village: Visited) -> None:
    li = await village.hire("li", "account_manager", "柳河镇")
    await village.book("a", li, "14 09:00")
    await village.ownership.assign_new()
    async with village.database.reading() as session:
        (application,) = await session.scalars(select(Application.id))
    await village.customers.move_application(li, application, Move(expected="submitted", stage="visit"))
    assert await read_promise(village) == (at("14 23:59"), at("14 23:59"))


async def test_a_visit_for_an_application_that_is_over_is_off(village: Visited) -> None:
    li = await village.hire("li")
    await village.book("a", li)
    async with village.database.transaction() as session:
        await session.execute(update(Application).values(stage="withdrawn"))
    for _ in range(2):
        await village.notices.check()
    assert await village.my_day.list_visits(li) == []
    assert await village.list_said("a") == ["您的申请已经结束，明天9:00的上门也取消了。"]
