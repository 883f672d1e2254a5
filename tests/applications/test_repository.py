"""What account managers read and change of pre-applications, on both kinds of database."""

import asyncio
from typing import Any

import pytest

from applications import repository
from applications.moves import move
from applications.schemas import ApplicationIn, ApplicationView, ManagedApplication, Move
from applications.stages import OPEN_STAGES, Actor, Stage
from kit.database import Database
from kit.working_time import OfficeHours
from tests.applications.making import make_applications
from tests.fakes import FixedClock

ZHANG, LI = "manager-zhang", "manager-li"
HOURS = OfficeHours.parse("08:30-17:30")
STAFF: tuple[Actor, ...] = ("credit_department", "account_manager")
CHECKING = Move(expected="submitted", stage="checking")


class Drawer:
    """Pre-applications by the name of who handed them in."""

    def __init__(self, database: Database, clock: FixedClock, form: dict[str, Any]) -> None:
        self.database = database
        self.clock = clock
        self.form = form

    async def hand_in(self, name: str, manager_id: str | None = None, **more: Any) -> ApplicationView:
        self.clock.move(minutes=1)
        # One of each product may be in progress.
        form = {**self.form, "conversation_id": f"conversation-of-{name}", "name": name, **more}
        application = ApplicationIn.model_validate(form)
        stored = await make_applications(self.database, self.clock).submit(application, f"key-of-{name}")
        if manager_id:
            async with self.database.transaction() as session:
                assert await repository.set_manager(session, stored.id, manager_id)
        return stored

    async def move(self, application_id: str, change: Move) -> ManagedApplication:
        self.clock.move(minutes=1)
        async with self.database.transaction() as session:
            await move(session, application_id, change, STAFF, now=self.clock.now, hours=HOURS)
            return await repository.get_application(session, application_id)

    async def list_names(self, manager_id: str | None, *stages: Stage, search: str = "", limit: int = 9) -> list[str]:
        async with self.database.reading() as session:
            wanted = stages or OPEN_STAGES
            found = await repository.list_of_manager(session, manager_id, wanted, search=search, limit=limit)
            return [application.name for application in found]


@pytest.fixture
def drawer(database: Database, clock: FixedClock, form: dict[str, Any]) -> Drawer:
    return Drawer(database, clock, form)


async def test_a_manager_sees_their_own_what_changed_last_first(drawer: Drawer) -> None:
    first = await drawer.hand_in("张一一", ZHANG)
    await drawer.hand_in("张二二", ZHANG)
    await drawer.hand_in("李一一", LI)
    await drawer.hand_in("无主一")
    assert await drawer.list_names(ZHANG) == ["张二二", "张一一"]
    await drawer.move(first.id, CHECKING)
    assert await drawer.list_names(ZHANG) == ["张一一", "张二二"]
    assert await drawer.list_names(ZHANG, "submitted") == ["张二二"]
    assert await drawer.list_names(None) == ["张一一", "无主一", "李一一", "张二二"]
    assert await drawer.list_names(None, limit=1) == ["张一一"]


@pytest.mark.parametrize("search", ["秀英", "13900000001", "0001", "青石", "QH260701"])
async def test_it_is_found_by_name_phone_place_and_number(drawer: Drawer, search: str) -> None:
    await drawer.hand_in("王秀英", ZHANG, phone="13900000001", region="青石乡")
    assert await drawer.list_names(ZHANG, search=search) == ["王秀英"]
    assert await drawer.list_names(ZHANG, "drawn", search=search) == []
    assert await drawer.list_names(LI, search=search) == []


@pytest.mark.parametrize("search", ["%", "_", "秀_英", "\\"])
async def test_wildcards_are_letters_like_others(drawer: Drawer, search: str) -> None:
    await drawer.hand_in("王秀秀英", ZHANG)
    assert await drawer.list_names(None, search=search) == []


async def test_what_is_nobodys_is_taken_once(drawer: Drawer) -> None:
    old = await drawer.hand_in("王秀英")
    new = await drawer.hand_in("赵铁柱")
    closed = await drawer.hand_in("孙老三")
    await drawer.move(closed.id, Move(expected="submitted", stage="declined", reason_class="debt"))
    async with drawer.database.reading() as session:
        assert [a.id for a in await repository.list_unassigned(session, 9)] == [new.id, old.id]
        assert [a.id for a in await repository.list_unassigned(session, 1)] == [new.id]

    async def take(manager_id: str) -> bool:
        async with drawer.database.transaction() as session:
            return await repository.set_manager(session, old.id, manager_id)

    assert sorted(await asyncio.gather(take(ZHANG), take(LI))) == [False, True]


async def test_all_of_a_conversation_change_hands(drawer: Drawer) -> None:
    await drawer.hand_in("王秀英", ZHANG, conversation_id="conversation-1")
    await drawer.hand_in("王秀兰", conversation_id="conversation-1", product="trader_loan")
    await drawer.hand_in("赵铁柱", ZHANG)
    async with drawer.database.transaction() as session:
        await repository.set_manager_of_conversation(session, "conversation-1", LI)
    assert await drawer.list_names(LI) == ["王秀兰", "王秀英"]
    assert await drawer.list_names(ZHANG) == ["赵铁柱"]
    async with drawer.database.reading() as session:
        listed = await repository.list_of_conversations(session, ["conversation-1", "conversation-3"])
    assert [a.name for a in listed] == ["王秀兰", "王秀英"]
