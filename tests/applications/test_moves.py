"""What moves an application on both kinds of database: each once, by whom they may, with what they need."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import nullcontext
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from applications import repository
from applications.moves import move
from applications.schemas import ApplicationIn, ApplicationView, CompletionIn, ManagedApplication, Move, StepView
from applications.stages import Actor
from applications.tables import Application, ApplicationNotice, ApplicationStep
from kit.database import Database
from kit.errors import RequestError
from kit.working_time import OfficeHours
from products.catalogue import ProductCatalogue, find_product, replace_catalogue
from tests.applications.making import make_applications
from tests.fakes import FixedClock
from tests.vaults import VAULT

HOURS = OfficeHours.parse("08:30-17:30")
CORE: tuple[Actor, ...] = ("bank_core",)
CHECKING = Move(expected="submitted", stage="checking")
RETURNED = Move(expected="submitted", stage="incomplete", reason_class="missing", items=("region", "crops"))
WHOSE = "conversation-1"


class Office:
    """Moves applications, as the bank's core unless told otherwise."""

    def __init__(self, database: Database, clock: FixedClock, form: dict[str, Any]) -> None:
        self.database = database
        self.clock = clock
        self.form = form
        self.applications = make_applications(database, clock)

    async def hand_in(self, n: int = 0) -> ApplicationView:
        whose = f"conversation-{n + 1}"  # of each product a customer has one in progress
        wanted = ApplicationIn.model_validate({**self.form, "conversation_id": whose, "amount": 10_000 + n})
        return await self.applications.submit(wanted, f"key-{n:05}")

    async def move(
        self, application_id: str, change: Move, actors: tuple[Actor, ...] = CORE, *, key: str | None = None
    ) -> StepView:
        async with self.database.transaction() as session:
            options: dict[str, Any] = {"now": self.clock.now, "hours": HOURS, "key": key}
            return StepView.model_validate(await move(session, application_id, change, actors, **options))

    async def read(self, application_id: str) -> ManagedApplication:
        async with self.database.reading() as session:
            return await repository.get_application(session, application_id)

    async def list_stages(self, application_id: str) -> list[str]:
        async with self.database.reading() as session:
            return [step.stage for step in await repository.list_steps(session, application_id)]

    async def count_notices(self) -> int:
        async with self.database.reading() as session:
            return await session.scalar(select(func.count()).select_from(ApplicationNotice)) or 0

    async def complete(self, number: str, answers: dict[str, Any], key: str = "key-of-it") -> ApplicationView:
        return await self.applications.complete(CompletionIn(conversation_id=WHOSE, answers=answers), number, key)


@pytest.fixture
def office(database: Database, clock: FixedClock, form: dict[str, Any]) -> Office:
    return Office(database, clock, form)


@pytest.fixture
async def elsewhere(database_url: str, clock: FixedClock, form: dict[str, Any]) -> AsyncIterator[Office]:
    """Another process on the same database."""
    opened = Database(database_url, VAULT)
    yield Office(opened, clock, form)
    await opened.close()


async def test_a_step_sets_the_deadline_and_is_written_down_and_told_once(office: Office) -> None:
    stored = await office.hand_in()
    office.clock.move(minutes=5)
    step = await office.move(stored.id, CHECKING)
    moved = await office.read(stored.id)
    assert (moved.stage, moved.changed_at, moved.due_at) == ("checking", office.clock.now, step.due_at)
    assert step.due_at == HOURS.add(office.clock.now, 3 * HOURS.length)
    assert (step.before, step.stage, step.actor, step.at) == ("submitted", "checking", "bank_core", office.clock.now)
    assert await office.list_stages(stored.id) == ["submitted", "checking"]
    assert await office.count_notices() == 1
    assert not moved.is_withdrawable


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (Move(expected="checking", stage="approved"), "409 application_moved_on"),
        (Move(expected="submitted", stage="drawn"), "422 no_such_transition"),
        (Move(expected="submitted", stage="withdrawn"), "403 not_yours_to_move"),
        (Move(expected="submitted", stage="declined"), "422 reason_needed"),
        (Move(expected="submitted", stage="declined", reason_class="missing"), "422 no_such_reason"),
        (Move(expected="submitted", stage="incomplete", reason_class="missing"), "422 items_needed"),
        (Move(expected="submitted", stage="checking", items=("region",)), "422 items_not_allowed"),
    ],
)
async def test_what_may_not_be_changes_nothing(office: Office, change: Move, error: str) -> None:
    stored = await office.hand_in()
    before = await office.read(stored.id)
    with pytest.raises(RequestError, match=error):
        await office.move(stored.id, change)
    assert await office.read(stored.id) == before
    assert await office.list_stages(stored.id) == ["submitted"]
    assert await office.count_notices() == 0


async def test_what_is_not_there_cannot_be_moved(office: Office) -> None:
    with pytest.raises(RequestError, match="404 no_such_application"):
        await office.move("nowhere", CHECKING)


async def test_of_two_movers_at_once_one_is_refused(office: Office, elsewhere: Office) -> None:
    for n in range(8):
        stored = await office.hand_in(n)
        movers = (
            office.move(stored.id, CHECKING),
            elsewhere.move(stored.id, Move(expected="submitted", stage="declined", reason_class="debt")),
        )
        results = await asyncio.gather(*(movers if n % 2 else movers[::-1]), return_exceptions=True)
        codes = [(error.status, error.code) for error in results if isinstance(error, RequestError)]
        assert codes == [(409, "application_moved_on")]
        assert len(await office.list_stages(stored.id)) == 2
    assert await office.count_notices() == 8


async def test_the_same_key_takes_one_step_however_often_and_at_once(office: Office, elsewhere: Office) -> None:
    stored = await office.hand_in()
    both = [(office, elsewhere)[n % 2].move(stored.id, CHECKING, key="core-12345") for n in range(10)]
    steps = await asyncio.gather(*both)
    assert all(step == steps[0] for step in steps)
    await office.move(stored.id, Move(expected="checking", stage="approved"))
    assert await office.move(stored.id, CHECKING, key="core-12345") == steps[0]  # much later
    assert await office.list_stages(stored.id) == ["submitted", "checking", "approved"]


async def test_a_key_is_for_one_step_only(office: Office) -> None:
    stored, other = await office.hand_in(), await office.hand_in(1)
    await office.move(stored.id, CHECKING, key="core-12345")
    for application_id, change in (
        (stored.id, Move(expected="submitted", stage="declined", reason_class="debt")),
        (other.id, CHECKING),
    ):
        with pytest.raises(RequestError, match="409 idempotency_conflict"):
            await office.move(application_id, change, key="core-12345")
    assert await office.list_stages(other.id) == ["submitted"]


async def test_only_the_items_asked_for_are_completed_and_it_goes_back_to_be_checked(office: Office) -> None:
    stored = await office.hand_in()
    await office.move(stored.id, RETURNED)
    completed = await office.complete(stored.number, {"region": "青石乡", "crops": "玉米"})
    assert (completed.stage, completed.region, completed.items) == ("checking", "青石乡", [])
    assert completed.details == stored.details | {"crops": "玉米"}
    same = {"id", "number", "name", "phone", "amount", "term", "purpose", "product"}
    assert completed.model_dump(include=same) == stored.model_dump(include=same)
    assert await office.complete(stored.number, {"region": "青石乡", "crops": "玉米"}) == completed
    assert await office.list_stages(stored.id) == ["submitted", "incomplete", "checking"]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"region": "青石乡", "crops": "玉米", "amount": 90_000}, "422 not_requested"),
        ({"region": "青石乡", "crops": "玉米", "conversation_id": "other"}, "422 not_requested"),
        ({"region": "青石乡"}, "422 still_missing"),
        ({"region": "", "crops": "玉米"}, "422 invalid_answer"),
    ],
)
async def test_nothing_else_is_changed(office: Office, answers: dict[str, Any], error: str) -> None:
    stored = await office.hand_in()
    await office.move(stored.id, RETURNED)
    before = await office.read(stored.id)
    with pytest.raises(RequestError, match=error):
        await office.complete(stored.number, answers)
    assert await office.read(stored.id) == before


@pytest.mark.parametrize(
    ("item", "answer", "error"),
    [("crops", "玉米", ""), ("amount", 50_000, "422 invalid_answer"), ("amount", 30_000, "")],
)
async def test_limits_that_changed_meanwhile_count_for_what_is_told_now(
    office: Office, item: str, answer: Any, error: str
) -> None:
    stored = await office.hand_in()
    await office.move(stored.id, RETURNED.model_copy(update={"items": (item,)}))
    product = find_product("farmer_loan")
    assert product
    lower = product.model_copy(update={"amount_min": 20_000, "amount_max": 40_000})  # 10,000 were asked for
    replace_catalogue(ProductCatalogue({"farmer_loan": [(date(2026, 1, 1), lower)]}))
    try:
        with pytest.raises(RequestError, match=error) if error else nullcontext():
            await office.complete(stored.number, {item: answer})
    finally:
        replace_catalogue(None)
    assert (await office.read(stored.id)).stage == ("incomplete" if error else "checking")


async def test_what_lacks_nothing_or_is_somebody_elses_cannot_be_completed(office: Office) -> None:
    stored = await office.hand_in()
    with pytest.raises(RequestError, match="409 not_incomplete"):
        await office.complete(stored.number, {"region": "青石乡"})
    theirs = CompletionIn(conversation_id="conversation-2", answers={"region": "青石乡"})
    with pytest.raises(RequestError, match="404 no_such_application"):
        await office.applications.complete(theirs, stored.number, "key-12345")


async def test_steps_and_notices_go_with_the_application(office: Office) -> None:
    stored = await office.hand_in()
    await office.move(stored.id, CHECKING)
    async with office.database.transaction() as session:
        await session.execute(delete(Application).where(Application.id == stored.id))
    async with office.database.reading() as session:
        for table in (ApplicationStep, ApplicationNotice):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
