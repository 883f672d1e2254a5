"""Customers take back what they handed in, as long as staff have done nothing about it; on both kinds of database."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from applications import repository
from applications.moves import move
from applications.schemas import ApplicationIn, ApplicationView, ManagedApplication, Move
from applications.service import Applications
from applications.stages import OPEN_STAGES, Actor, Stage
from kit.database import Database
from kit.errors import RequestError
from kit.working_time import OfficeHours
from tests.applications.making import make_applications
from tests.fakes import FixedClock
from tests.vaults import VAULT

KEY, OTHER_KEY = "withdrawal-1", "withdrawal-2"
WHOSE = "conversation-1"
ROUNDS = 10
HOURS = OfficeHours.parse("08:30-17:30")
STAFF: tuple[Actor, ...] = ("credit_department", "account_manager")
CHECKING = Move(expected="submitted", stage="checking")
WITHDRAWN = {"stage": "withdrawn", "reason_class": "customer_request", "due_at": None, "is_withdrawable": False}
Form = dict[str, Any]


class Announcements:
    """Remembers what was announced, unless it is to fail."""

    def __init__(self) -> None:
        self.heard: list[ManagedApplication] = []
        self.fault: Exception | None = None

    async def hear(self, session: AsyncSession, application: ManagedApplication) -> None:
        if self.fault:
            raise self.fault
        self.heard.append(application)


PRODUCTS = ("farmer_loan", "trader_loan", "firm_loan")


@pytest.fixture
def announcements() -> Announcements:
    return Announcements()


@pytest.fixture
def applications(database: Database, clock: FixedClock, announcements: Announcements) -> Applications:
    return make_applications(database, clock, announce_withdrawal=announcements.hear)


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncIterator[Database]:
    """Another process on the same database."""
    opened = Database(database_url, VAULT)
    yield opened
    await opened.close()


async def hand_in(applications: Applications, form: Form, n: int = 0) -> ApplicationView:
    product = PRODUCTS[n % len(PRODUCTS)]  # one of each may be in progress
    application = ApplicationIn.model_validate({**form, "product": product, "amount": 10_000 + n})
    return await applications.submit(application, f"key-{n:05}")


async def move_on(database: Database, clock: FixedClock, application_id: str, change: Move) -> None:
    async with database.transaction() as session:
        await move(session, application_id, change, STAFF, now=clock.now, hours=HOURS)


async def call(database: Database, clock: FixedClock, application_id: str) -> None:
    async with database.transaction() as session:
        await repository.mark_called(session, [application_id], clock.now)


async def read(database: Database, application_id: str) -> ManagedApplication:
    async with database.reading() as session:
        return await repository.get_application(session, application_id)


async def refuse(applications: Applications, number: str, conversation_id: str = WHOSE, key: str = KEY) -> RequestError:
    with pytest.raises(RequestError) as refused:
        await applications.withdraw(conversation_id, number, key)
    return refused.value


async def test_it_is_withdrawn_and_nothing_else_changes(
    applications: Applications,
    announcements: Announcements,
    form: Form,
    clock: FixedClock,
    database: Database,
) -> None:
    stored = await hand_in(applications, form)
    other = await hand_in(applications, form, 1)
    assert stored.is_withdrawable
    clock.move(minutes=5)
    withdrawn = await applications.withdraw(WHOSE, stored.number, KEY)
    assert withdrawn == stored.model_copy(update={**WITHDRAWN, "changed_at": clock.now})
    assert {view.id: view for view in await applications.list_applications(WHOSE)} == {
        stored.id: withdrawn,
        other.id: other,
    }
    managed = await read(database, stored.id)
    assert managed.changed_at == clock.now
    assert announcements.heard == [managed]


async def test_again_it_is_the_same_and_nobody_hears_of_it_twice(
    applications: Applications,
    announcements: Announcements,
    form: Form,
    clock: FixedClock,
    database: Database,
) -> None:
    stored = await hand_in(applications, form)
    first = await applications.withdraw(WHOSE, stored.number, KEY)
    before = await read(database, stored.id)
    clock.move(hours=1)
    for key in (KEY, OTHER_KEY):
        assert await applications.withdraw(WHOSE, stored.number, key) == first
    assert await read(database, stored.id) == before
    assert len(announcements.heard) == 1


async def test_of_anothers_application_no_more_is_told_than_of_none(
    applications: Applications, form: Form, database: Database
) -> None:
    stored = await hand_in(applications, form)
    errors = [
        await refuse(applications, stored.number, "conversation-2"),
        await refuse(applications, "QH260701-AAAAA"),
        await refuse(applications, stored.number.lower()),
        await refuse(applications, ""),
    ]
    assert {(error.status, error.code, error.reason) for error in errors} == {
        (404, "no_such_application", "没有这笔申请")
    }
    assert (await read(database, stored.id)).stage == "submitted"


@pytest.mark.parametrize(("stage", "reason"), [("checking", None), ("visit", None), ("declined", "debt")])
async def test_what_staff_moved_stays(
    applications: Applications,
    announcements: Announcements,
    form: Form,
    clock: FixedClock,
    database: Database,
    stage: Stage,
    reason: str | None,
) -> None:
    stored = await hand_in(applications, form)
    await move_on(database, clock, stored.id, Move(expected="submitted", stage=stage, reason_class=reason))
    error = await refuse(applications, stored.number)
    why = "已经办结" if stage == "declined" else "客户经理已经在办"
    assert (error.status, error.code) == (409, "already_in_progress")
    assert error.reason == f"这笔申请{why}，不能直接撤回"
    assert ((await read(database, stored.id)).stage, announcements.heard) == (stage, [])
    [view] = await applications.list_applications(WHOSE)
    assert not view.is_withdrawable


async def test_what_came_back_for_more_is_the_customers_again(
    applications: Applications, form: Form, clock: FixedClock, database: Database
) -> None:
    stored = await hand_in(applications, form)
    change = Move(expected="submitted", stage="incomplete", reason_class="missing", items=("region",))
    await move_on(database, clock, stored.id, change)
    assert (await applications.withdraw(WHOSE, stored.number, KEY)).stage == "withdrawn"


async def test_so_does_the_application_of_whoever_was_called(
    applications: Applications, form: Form, clock: FixedClock, database: Database
) -> None:
    stored, other = await hand_in(applications, form), await hand_in(applications, form, 1)
    await call(database, clock, stored.id)
    assert (await refuse(applications, stored.number)).code == "already_in_progress"
    assert (await applications.withdraw(WHOSE, other.number, KEY)).stage == "withdrawn"
    managed = await read(database, stored.id)
    assert (managed.stage, managed.changed_at, managed.is_withdrawable) == ("submitted", stored.created_at, False)


async def test_one_key_withdraws_one_application(
    applications: Applications, announcements: Announcements, form: Form, database: Database
) -> None:
    stored, other = await hand_in(applications, form), await hand_in(applications, form, 1)
    await applications.withdraw(WHOSE, stored.number, KEY)
    error = await refuse(applications, other.number)
    assert (error.status, error.code) == (409, "idempotency_conflict")
    assert ((await read(database, other.id)).stage, len(announcements.heard)) == ("submitted", 1)
    assert (await applications.withdraw(WHOSE, other.number, OTHER_KEY)).stage == "withdrawn"


async def test_staff_move_it_no_more_nor_is_it_anybodys_work(
    applications: Applications, form: Form, clock: FixedClock, database: Database
) -> None:
    stored = await hand_in(applications, form)
    await applications.withdraw(WHOSE, stored.number, KEY)
    with pytest.raises(RequestError, match="409 application_moved_on") as refused:
        await move_on(database, clock, stored.id, CHECKING)
    assert "“已撤回”" in refused.value.reason
    for stage in OPEN_STAGES:
        with pytest.raises(RequestError, match="422 no_such_transition"):
            await move_on(database, clock, stored.id, Move(expected="withdrawn", stage=stage))
    async with database.transaction() as session:
        assert await repository.list_unassigned(session, 9) == []
        assert not await repository.set_manager(session, stored.id, "manager-zhang")
        assert await repository.list_of_manager(session, None, OPEN_STAGES, limit=9) == []
    await call(database, clock, stored.id)
    assert (await read(database, stored.id)).stage == "withdrawn"


async def test_what_cannot_be_announced_is_not_withdrawn(
    applications: Applications, announcements: Announcements, form: Form, database: Database
) -> None:
    stored = await hand_in(applications, form)
    announcements.fault = OSError("disk full")
    with pytest.raises(OSError, match="disk full"):
        await applications.withdraw(WHOSE, stored.number, KEY)
    assert (await read(database, stored.id)).stage == "submitted"
    announcements.fault = None
    assert (await applications.withdraw(WHOSE, stored.number, KEY)).stage == "withdrawn"


@pytest.mark.parametrize("act", ["move", "call"])
async def test_customer_and_staff_at_the_same_moment_agree_on_what_happened(
    applications: Applications,
    announcements: Announcements,
    form: Form,
    clock: FixedClock,
    elsewhere: Database,
    database: Database,
    act: str,
) -> None:
    for n in range(ROUNDS):
        whose = f"conversation-{n}"
        stored = await hand_in(applications, {**form, "conversation_id": whose}, n)
        acts = {
            "move": lambda application_id: move_on(elsewhere, clock, application_id, CHECKING),
            "call": lambda application_id: call(elsewhere, clock, application_id),
        }
        both = [applications.withdraw(whose, stored.number, f"withdrawal-{n}"), acts[act](stored.id)]
        order = both if n % 2 else both[::-1]
        results = await asyncio.gather(*order, return_exceptions=True)
        codes = {result.code for result in results if isinstance(result, RequestError)}
        managed = await read(database, stored.id)
        is_withdrawn = managed.stage == "withdrawn"
        assert is_withdrawn == (stored.id in {each.id for each in announcements.heard})
        if is_withdrawn:
            assert codes == ({"application_moved_on"} if act == "move" else set())
        else:
            assert (codes, managed.is_withdrawable) == ({"already_in_progress"}, False)


async def test_withdrawn_many_times_at_once_it_is_withdrawn_once(
    applications: Applications,
    announcements: Announcements,
    form: Form,
    clock: FixedClock,
    elsewhere: Database,
) -> None:
    stored = await hand_in(applications, form)
    other = make_applications(elsewhere, clock, announce_withdrawal=announcements.hear)
    keys = [f"withdrawal-{n % 3}" for n in range(10)]
    both = [(applications, other)[n % 2].withdraw(WHOSE, stored.number, key) for n, key in enumerate(keys)]
    views = await asyncio.gather(*both)
    assert {view.stage for view in views} == {"withdrawn"}
    assert len(announcements.heard) == 1
