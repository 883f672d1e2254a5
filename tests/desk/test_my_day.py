"""An account manager's visits: who sees and changes which, and what the customer hears of it."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select, update

from applications.schemas import Move
from applications.tables import Application
from conversations.office_calendar import OfficeCalendar
from conversations.tables import Conversation, Message
from desk.accounts import Accounts
from desk.my_day import MyDay
from desk.ownership import list_manager_names
from desk.schemas import StaffView
from desk.visit_notices import DAY_PATH, VisitNotices, announce_visit, find_ends
from kit.clock import CHINA
from kit.database import Database
from kit.errors import RequestError
from kit.working_time import OfficeHours
from tests.desk.village import Village
from tests.fakes import FixedClock
from visits.schemas import VisitIn
from visits.service import Visits
from visits.slots import VisitHours
from visits.tables import Visit

HOURS = VisitHours.parse("09:00-12:00,14:00-17:30", minutes=90, days=14)
NOW = datetime(2026, 7, 1, 10, 0, tzinfo=CHINA)  # a Wednesday


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-07-{text}").replace(tzinfo=CHINA)


class Visited(Village):
    """A village whose customers book visits."""

    def __init__(self, database: Database, accounts: Accounts, clock: FixedClock) -> None:
        super().__init__(database, accounts, clock)
        calendar = OfficeCalendar(database, OfficeHours.parse("08:30-17:30"), clock)
        self.visits = Visits(database, calendar, HOURS, list_manager_names, clock, announce=announce_visit)
        self.my_day = MyDay(database, clock)
        self.notices = VisitNotices(database, clock)

    async def book(self, user: str, manager: StaffView, time: str = "02 09:00", **application: Any) -> str:
        """A customer of a manager applies and books a visit; its id."""
        await self.meet(user, manager_id=manager.id)
        conversation = (await self.apply(user, **application)).conversation_id
        visit = VisitIn(conversation_id=conversation, starts_at=at(time), place="柳河镇王家村3组")
        return (await self.visits.book(visit, f"key-{user}-{time}")).id

    async def open_window(self, user: str, left: int = 5) -> None:
        """WeChat lets us write."""
        opened = await self.conversations.open_conversation("wechat", user)
        window = {"window_until": at("30 10:00"), "window_left": left}
        async with self.database.transaction() as session:
            await session.execute(update(Conversation).where(Conversation.id == opened.id).values(**window))

    async def list_said(self, user: str) -> list[str]:
        """What we said by ourselves."""
        opened = await self.conversations.open_conversation("wechat", user)
        ours = Message.conversation_id == opened.id, Message.direction == "outbound"
        async with self.database.reading() as session:
            return list(await session.scalars(select(Message.text).where(*ours).order_by(Message.id)))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def village(database: Database, accounts: Accounts, clock: FixedClock) -> Visited:
    return Visited(database, accounts, clock)


async def list_names(village: Visited, staff: StaffView) -> list[str]:
    return [card.name for card in await village.my_day.list_visits(staff)]


async def refuse(act: Any) -> str:
    with pytest.raises(RequestError) as refused:
        await act
    return refused.value.code


async def test_managers_see_their_own_and_supervisors_all_in_order(village: Visited) -> None:
    li, wang, boss = await village.hire("li"), await village.hire("wang"), await village.hire("zhao", "supervisor")
    await village.book("a", li, "03 09:00", name="王秀英")
    await village.book("b", li, "02 14:00", name="李大山")
    await village.book("c", wang, "02 14:00", name="赵小红")
    assert await list_names(village, li) == ["李大山", "王秀英"]
    assert await list_names(village, wang) == ["赵小红"]
    assert len(await list_names(village, boss)) == 3
    agent = await village.hire("zhang", "agent")
    assert await refuse(village.my_day.list_visits(agent)) == "forbidden"


async def test_a_card_tells_whom_to_see_where(village: Visited) -> None:
    li = await village.hire("li")
    await village.book("a", li, name="王秀英")
    (card,) = await village.my_day.list_visits(li)
    assert (card.name, card.phone, card.visit.place, card.manager) == (
        "王秀英",
        "138****5678",
        "柳河镇王家村3组",
        "li的名",
    )
    assert card.application.startswith("QH")
    assert not card.clashes


async def test_what_was_done_stays_until_the_day_is_over_and_what_was_cancelled_goes(
    village: Visited, clock: FixedClock
) -> None:
    li = await village.hire("li")
    done, cancelled = await village.book("a", li, "02 09:00"), await village.book("b", li, "02 14:00")
    await village.my_day.cancel(li, cancelled, "")
    assert await refuse(village.my_day.report(li, done, "done", "")) == "not_begun"
    clock.now = at("02 11:00")
    await village.my_day.report(li, done, "done", "看了大棚")
    (card,) = await village.my_day.list_visits(li)
    assert (card.visit.state, card.visit.note) == ("done", "看了大棚")
    assert await refuse(village.my_day.report(li, done, "missed", "")) == "visit_over"
    assert await refuse(village.my_day.move(li, done, "2026-07-03", "09:00", "")) == "visit_over"
    clock.now = at("03 08:00")
    assert await village.my_day.list_visits(li) == []


async def test_what_nobody_reported_stays_on_top_until_somebody_does(village: Visited, clock: FixedClock) -> None:
    li, wang, boss = await village.hire("li"), await village.hire("wang"), await village.hire("zhao", "supervisor")
    visit = await village.book("a", li, "02 09:00", name="王秀英")
    await village.book("b", li, "06 09:00", name="李大山")
    clock.now = at("06 08:00")
    assert await list_names(village, li) == ["王秀英", "李大山"]
    assert await list_names(village, boss) == ["王秀英", "李大山"]
    assert await list_names(village, wang) == []
    await village.my_day.report(li, visit, "missed", "")
    assert await list_names(village, li) == ["李大山"]


async def test_a_past_visit_is_not_moved_beside_the_one_booked_since(village: Visited, clock: FixedClock) -> None:
    li = await village.hire("li")
    first = await village.book("a", li, "02 09:00")
    clock.now = at("03 08:00")
    await village.book("a", li, "06 09:00", product="trader_loan")
    assert await refuse(village.my_day.move(li, first, "2026-07-07", "09:00", "")) == "already_booked"
    await village.my_day.report(li, first, "missed", "")


async def test_a_past_visit_keeps_its_manager_and_its_customer_hears_nothing(
    village: Visited, clock: FixedClock
) -> None:
    li, wang = await village.hire("li"), await village.hire("wang")
    await village.book("a", li, "02 09:00", name="王秀英")
    boss = await village.hire("zhao", "supervisor")
    (card,) = await village.my_day.list_visits(li)
    clock.now = at("03 08:00")
    await village.ownership.reassign(boss, card.customer_id, wang.id)
    async with village.database.transaction() as session:
        await session.execute(update(Application).values(stage="withdrawn"))
    await village.notices.check()
    assert await list_names(village, li) == ["王秀英"]
    assert await village.list_said("a") == []


async def test_the_customer_is_told_of_a_change(village: Visited) -> None:
    li = await village.hire("li")
    visit = await village.book("a", li)
    await village.my_day.move(li, visit, "2026-07-03", "10:15", "临时开会")
    await village.my_day.cancel(li, visit, "")
    assert await village.list_said("a") == [
        "上门时间改到后天10:15了，li的名会来。\n地点：柳河镇王家村3组",
        "抱歉，后天10:15的上门取消了，可以重新约时间。",
    ]
    assert [details for _, _, details in await village.list_audit("visit_moved")] == [
        {"from": "2026-07-02 09:00", "to": "2026-07-03 10:15"}
    ]


@pytest.mark.parametrize(
    ("day", "time", "code"),
    [
        ("2026-06-30", "09:00", "past_time"),
        ("", "09:00", "no_time"),
        ("2026-07-02", "", "no_time"),
        ("2026-07-02", "15:00", "time_taken"),
    ],
)
async def test_where_it_cannot_be_moved(village: Visited, day: str, time: str, code: str) -> None:
    li = await village.hire("li")
    visit = await village.book("a", li)
    await village.book("b", li, "02 14:00")
    assert await refuse(village.my_day.move(li, visit, day, time, "")) == code
    assert await village.list_said("a") == []


async def test_somebody_elses_visit_is_not_theirs_to_change(village: Visited) -> None:
    li, wang, boss = await village.hire("li"), await village.hire("wang"), await village.hire("zhao", "supervisor")
    visit = await village.book("a", li)
    for act in (
        village.my_day.report(wang, visit, "done", ""),
        village.my_day.move(wang, visit, "2026-07-03", "09:00", ""),
        village.my_day.cancel(wang, visit, ""),
    ):
        assert await refuse(act) == "not_yours"
    await village.my_day.cancel(boss, visit, "")


async def test_the_manager_hears_of_bookings_and_takes_them_over(village: Visited) -> None:
    li, wang = await village.hire("li"), await village.hire("wang")
    await village.book("a", li, name="王秀英")
    customer = (await village.my_day.list_visits(li))[0].customer_id
    boss = await village.hire("zhao", "supervisor")
    await village.ownership.reassign(boss, customer, wang.id)
    for _ in range(2):
        await village.notices.check()
    about = [(who, text) for who, text, path in await village.list_notifications() if path == DAY_PATH]
    assert about == [(li.id, "客户约了上门\n王**，明天9:00"), (wang.id, "上门转给您\n王**，明天9:00")]
    assert await list_names(village, wang) == ["王秀英"]


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
    assert told[-1] == "今天有上门\n王**，今天9:00"


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
    assert told[1:] == ["请打电话提醒客户上门时间，渠道里发不出去\n王**，明天9:00"]


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
