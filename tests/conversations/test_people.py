"""Who is one person: by the same verified phone, by a merge, and over others."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from conversations.customers import get_customer
from conversations.people import list_merges, list_person, lock_merges, merge, undo_merge
from conversations.service import Conversations
from conversations.tables import Conversation, Customer, CustomerMerge
from kit.database import Database
from kit.errors import RequestError
from tests.fakes import FixedClock
from tests.verification.rows import make_verification

PHONE = "13812345678"


class Town:
    """Customers by name, each on a channel of their own."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.database = database
        self.clock = clock
        self.ids: dict[str, str] = {}

    async def meet(self, *names: str, phone: str = "") -> None:
        for name in names:
            opened = await Conversations(self.database, self.clock).open_conversation("web", name)
            self.ids[name] = opened.customer_id
            if phone:
                async with self.database.transaction() as session:
                    session.add(make_verification(opened.id, phone, self.clock.now))

    async def merge(self, first: str, second: str) -> None:
        async with self.database.transaction() as session:
            await lock_merges(session)
            for each in sorted((self.ids[first], self.ids[second])):
                await get_customer(session, each, is_changed=True)
            pair, now = (self.ids[first], self.ids[second]), self.clock.now
            await merge(session, *pair, reason="同一个身份证", by="zhang", now=now)

    async def list_person(self, name: str) -> str:
        """The names of the person, the one that was asked for first."""
        names = {customer_id: name for name, customer_id in self.ids.items()}
        async with self.database.reading() as session:
            first, *others = [names[each.id] for each in await list_person(session, self.ids[name])]
        return " ".join([first, *sorted(others)])

    async def count_merges(self) -> int:
        async with self.database.reading() as session:
            return await session.scalar(select(func.count()).select_from(CustomerMerge)) or 0


@pytest.fixture
def town(database: Database, clock: FixedClock) -> Town:
    return Town(database, clock)


async def refuse(act: Coroutine[Any, Any, Any]) -> str:
    with pytest.raises(RequestError) as refused:
        await act
    return f"{refused.value.status} {refused.value.code}"


async def test_who_verified_the_same_phone_is_one_person(town: Town) -> None:
    await town.meet("a", "b", phone=PHONE)
    await town.meet("c", phone="13900001234")
    await town.meet("d")
    assert [await town.list_person(each) for each in "abcd"] == ["a b", "b a", "c", "d"]


async def test_a_phone_without_its_code_connects_nobody(town: Town) -> None:
    await town.meet("a", phone=PHONE)
    await town.meet("b")
    async with town.database.transaction() as session:
        conversation = select(Conversation.id).where(Conversation.customer_id == town.ids["b"])
        claimed = await session.scalar(conversation) or ""
        session.add(make_verification(claimed, PHONE, town.clock.now, is_done=False))
    assert await town.list_person("a") == "a"


async def test_the_person_goes_over_others_and_a_merge_undone_is_as_if_it_never_was(town: Town) -> None:
    await town.meet("a", "b", phone=PHONE)
    await town.meet("c", "d", "e")
    await town.merge("b", "c")
    await town.merge("d", "c")
    assert [await town.list_person(each) for each in "abcde"] == ["a b c d", "b a c d", "c a b d", "d a b c", "e"]
    async with town.database.transaction() as session:
        newest, first = await list_merges(session, list(town.ids.values()))
        assert (newest.id > first.id, first.reason, first.merged_by) == (True, "同一个身份证", "zhang")
        await undo_merge(session, first.id)
    assert [await town.list_person(each) for each in "abcd"] == ["a b", "b a", "c d", "d c"]


async def test_who_is_one_person_already_is_not_merged_again(town: Town) -> None:
    await town.meet("a", "b", phone=PHONE)
    await town.meet("c")
    await town.merge("a", "c")
    for first, second in (("a", "b"), ("a", "c"), ("c", "a"), ("b", "c"), ("c", "c")):
        assert await refuse(town.merge(first, second)) == "409 same_person"
    assert await town.count_merges() == 1


async def test_of_those_who_merge_the_same_people_at_once_one_does(town: Town) -> None:
    await town.meet("a", "b", phone=PHONE)
    await town.meet("c", "d", phone="13900001234")
    pairs = [("a", "c"), ("d", "b"), ("c", "b"), ("a", "d")]
    outcomes = await asyncio.gather(*(town.merge(*pair) for pair in pairs), return_exceptions=True)
    assert sorted(getattr(each, "code", "merged") for each in outcomes) == ["merged", *["same_person"] * 3]
    assert await town.count_merges() == 1


async def test_a_merge_goes_with_its_customer(town: Town) -> None:
    await town.meet("a", "b")
    await town.merge("a", "b")
    async with town.database.transaction() as session:
        await session.execute(delete(Conversation).where(Conversation.customer_id == town.ids["b"]))
        await session.execute(delete(Customer).where(Customer.id == town.ids.pop("b")))
    assert await town.list_person("a") == "a"
    assert await town.count_merges() == 0


async def test_an_unknown_customer_is_nobody(town: Town) -> None:
    async with town.database.reading() as session:
        assert await refuse(list_person(session, "nobody")) == "404 no_such_customer"
