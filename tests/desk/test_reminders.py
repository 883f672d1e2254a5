"""Half an hour before a promised call whoever can still keep the promise is reminded, once; or told that it is off."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from conversations.handoff.statistics import HandoffStatistics
from conversations.tables import Customer
from desk.accounts import Accounts
from desk.reminders import REMIND_BEFORE, Reminders
from desk.schemas import StaffView
from desk.tables import Notification
from kit.database import Database
from tests.conversations.talk import PHONE, act, sqlite_only
from tests.desk.office import Office
from tests.fakes import FixedClock
from tests.vaults import VAULT

DUE_AT = datetime(2026, 7, 2, 2, 30, tzinfo=UTC)  # 10:30 in China


@pytest.fixture
def reminders(office: Office) -> Reminders:
    return Reminders(office.database, office.accounts, office.clock)


@pytest.fixture
async def elsewhere(database_url: str, clock: FixedClock) -> AsyncIterator[Reminders]:
    """Another desk process."""
    opened = Database(database_url, VAULT)
    yield Reminders(opened, Accounts(opened, clock), clock)
    await opened.close()


async def promise(office: Office, customer: str = "wang", caller: StaffView | None = None) -> HandoffView:
    """A call that somebody, or nobody yet, is going to make."""
    handoff = await office.ask(customer, slots={"name": "王秀英"})
    await office.handoffs.book_callback(handoff.id, PHONE, due_at=DUE_AT)
    if caller:
        await office.handoffs.claim_callback(handoff.id, caller.id)
    return handoff


async def give_to(office: Office, handoff: HandoffView, manager: StaffView) -> None:
    """It is this account manager's customer."""
    async with office.database.transaction() as session:
        customer = Customer.id == handoff.customer_id
        await session.execute(update(Customer).where(customer).values(manager_id=manager.id))


async def fill_office(
    office: Office, caller: str | None, manager: str | None, left: list[str], supervisors: tuple[str, ...]
) -> tuple[dict[str, StaffView], HandoffView]:
    """The staff by login, and a call by `caller` to a customer of `manager`; who has `left` is active no more."""
    people = {"an": await office.hire("an"), "zhang": await office.hire("zhang", "account_manager")}
    for login in supervisors:
        people[login] = await office.hire(login, "supervisor")
    call = await promise(office, caller=people[caller] if caller else None)
    if manager:
        await give_to(office, call, people[manager])
    for login in left:
        await office.accounts.update_staff(people[login].id, is_active=False)
    return people, call


async def cancel(office: Office, handoff: HandoffView) -> None:
    """The customer wants no call any more."""
    await act(office.inbox, handoff.conversation_id, "取消回电", "cancel_callback")


async def look(*reminders: Reminders) -> None:
    """Each looks at what is open, all at the same time."""
    await asyncio.gather(*(each.remind() for each in reminders))


async def list_told(office: Office) -> list[tuple[str, str]]:
    """Who was reminded, and of which page."""
    async with office.database.reading() as session:
        notifications = await session.scalars(select(Notification).order_by(Notification.id))
        return [(notification.staff_id, notification.path) for notification in notifications]


class TestWhen:
    async def test_half_an_hour_before_and_once(self, office: Office, reminders: Reminders) -> None:
        an = await office.hire("an")
        call = await promise(office, caller=an)
        office.clock.now = DUE_AT - REMIND_BEFORE
        await look(reminders)
        assert await list_told(office) == []
        for _ in range(3):
            office.clock.move(seconds=1)
            await look(reminders)
        assert await list_told(office) == [(an.id, f"/talks/{call.id}")]
        assert timedelta(minutes=30) == REMIND_BEFORE

    async def test_what_is_said_names_the_customer_and_the_time_and_no_number(
        self, office: Office, reminders: Reminders
    ) -> None:
        await promise(office, caller=await office.hire("an"))
        office.clock.now = DUE_AT - timedelta(minutes=10)
        await look(reminders)
        async with office.database.reading() as session:
            (notification,) = await session.scalars(select(Notification))
        assert notification.text == "有回电快到时间了\n王**，应在10:30前"
        assert (notification.state, notification.due_at) == ("pending", office.clock.now)

    @sqlite_only
    async def test_also_when_it_is_late_already(self, office: Office, reminders: Reminders) -> None:
        an = await office.hire("an")
        call = await promise(office, caller=an)
        office.clock.now = DUE_AT + timedelta(hours=1)
        await look(reminders)
        assert await list_told(office) == [(an.id, f"/talks/{call.id}")]

    @sqlite_only
    async def test_only_of_calls_that_are_still_to_be_made(self, office: Office, reminders: Reminders) -> None:
        an = await office.hire("an")
        made = await promise(office, "made", an)
        await office.handoffs.close(made.id, by=an.id)
        await office.ask("waits", due_at=DUE_AT)
        talks = await office.ask("talks", due_at=DUE_AT)
        await office.handoffs.take(talks.id, an.id)
        office.clock.now = DUE_AT
        await look(reminders)
        assert await list_told(office) == []


class TestWhom:
    @sqlite_only
    @pytest.mark.parametrize(
        ("caller", "manager", "left", "told"),
        [
            ("an", "zhang", [], ["an"]),
            (None, "zhang", [], ["zhang"]),
            ("an", "zhang", ["an"], ["zhang"]),
            ("an", None, ["an"], ["chen", "deng"]),
            (None, "zhang", ["zhang"], ["chen", "deng"]),
            (None, None, ["deng"], ["chen"]),
            (None, None, ["chen", "deng"], []),
        ],
    )
    async def test_who_calls_else_the_manager_else_the_supervisors(
        self,
        office: Office,
        reminders: Reminders,
        caller: str | None,
        manager: str | None,
        left: list[str],
        told: list[str],
    ) -> None:
        await office.hire("bo")
        people, call = await fill_office(office, caller, manager, left, ("chen", "deng"))
        office.clock.now = DUE_AT
        await look(reminders)
        assert sorted(await list_told(office)) == sorted((people[login].id, f"/talks/{call.id}") for login in told)


class TestCancelled:
    @pytest.mark.parametrize("is_reminded", [False, True])
    async def test_whoever_was_going_to_call_is_told_once(
        self, office: Office, reminders: Reminders, elsewhere: Reminders, is_reminded: bool
    ) -> None:
        an = await office.hire("an")
        await office.hire("chen", "supervisor")
        call = await promise(office, caller=an)
        if is_reminded:
            office.clock.now = DUE_AT
            await look(reminders)
        await cancel(office, call)
        for _ in range(2):
            await look(reminders, elsewhere)
        office.clock.now = DUE_AT + timedelta(hours=1)
        await look(reminders)
        assert await list_told(office) == [(an.id, f"/talks/{call.id}")] * (1 + is_reminded)
        async with office.database.reading() as session:
            texts = list(await session.scalars(select(Notification.text).order_by(Notification.id)))
        assert texts[-1] == "客户取消了回电，这个不用再打\n王**"

    @sqlite_only
    @pytest.mark.parametrize(
        ("caller", "manager", "left", "told"),
        [
            ("an", "zhang", [], ["an"]),
            (None, "zhang", [], ["zhang"]),
            ("an", "zhang", ["an"], ["zhang"]),
            (None, None, [], []),
            ("an", None, ["an"], []),
        ],
    )
    async def test_who_calls_else_the_manager_and_nobody_else(
        self,
        office: Office,
        reminders: Reminders,
        caller: str | None,
        manager: str | None,
        left: list[str],
        told: list[str],
    ) -> None:
        people, call = await fill_office(office, caller, manager, left, ("chen",))
        await cancel(office, call)
        for _ in range(2):
            await look(reminders)
        assert await list_told(office) == [(people[login].id, f"/talks/{call.id}") for login in told]

    async def test_a_reminder_that_comes_too_late_is_not_sent(
        self, office: Office, reminders: Reminders, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        an = await office.hire("an")
        call = await promise(office, caller=an)
        office.clock.now = DUE_AT
        due = await office.handoffs.list_calls_to_remind_of(DUE_AT + REMIND_BEFORE, 9)
        await cancel(office, call)
        with monkeypatch.context() as behind:
            behind.setattr(HandoffQueries, "list_calls_to_remind_of", lambda *given: asyncio.sleep(0, due))
            await look(reminders)
        assert await list_told(office) == []
        await look(reminders)
        assert await list_told(office) == [(an.id, f"/talks/{call.id}")]

    @sqlite_only
    async def test_it_is_no_open_promise_any_more(self, office: Office) -> None:
        an = await office.hire("an")
        call = await promise(office, caller=an)
        office.clock.now = DUE_AT + timedelta(hours=1)
        statistics = HandoffStatistics(office.database)
        assert await statistics.count_overdue(office.clock.now, None) == 1
        await cancel(office, call)
        assert await statistics.count_overdue(office.clock.now, None) == 0
        assert (await statistics.count_open(None), await office.handoffs.list_open()) == ([], [])
        (facts,) = await statistics.list_facts(call.requested_at, office.clock.now, None)
        assert (facts.is_callback, facts.is_handled, facts.disposition) == (True, False, None)


class TestSeveral:
    async def test_two_processes_together_remind_once(
        self, office: Office, reminders: Reminders, elsewhere: Reminders
    ) -> None:
        supervisors = [await office.hire(login, "supervisor") for login in ("chen", "deng")]
        calls = [await promise(office, f"customer-{n}") for n in range(3)]
        office.clock.now = DUE_AT
        for _ in range(2):
            await look(reminders, elsewhere)
        told = [(supervisor.id, f"/talks/{call.id}") for supervisor in supervisors for call in calls]
        assert sorted(await list_told(office)) == sorted(told)

    @sqlite_only
    async def test_a_process_that_was_started_anew_does_not_remind_again(
        self, office: Office, reminders: Reminders, database: Database, clock: FixedClock
    ) -> None:
        await promise(office, caller=await office.hire("an"))
        office.clock.now = DUE_AT
        await look(reminders)
        await look(Reminders(database, office.accounts, clock))
        assert len(await list_told(office)) == 1

    @sqlite_only
    async def test_the_dispatcher_looks_after_it(self, office: Office) -> None:
        an = await office.hire("an")
        call = await promise(office, caller=an)
        office.clock.now = DUE_AT
        await office.dispatcher.dispatch()
        assert await list_told(office) == [(an.id, f"/talks/{call.id}")]
