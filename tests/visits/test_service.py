"""Visits on both kinds of database: booked once, never two at a time, moved and cancelled by their own customer."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update

from conversations.tables import Conversation, Customer
from kit.database import Database
from kit.errors import RequestError
from tests.fakes import FixedClock
from tests.visits.conftest import Office, at
from visits import repository
from visits.schemas import VisitIn
from visits.tables import Visit


async def refuse(act: Any) -> tuple[int, str]:
    with pytest.raises(RequestError) as refused:
        await act
    return refused.value.status, refused.value.code


async def test_it_is_booked_as_confirmed(office: Office, database: Database) -> None:
    conversation = await office.meet("wang")
    before = await office.visits.list_options(conversation)
    assert (before.may_book, before.place, before.manager_name, before.booked) == (True, "柳河镇", "李强", None)
    visit_id = await office.book(conversation)
    after = await office.visits.list_options(conversation)
    assert after.booked
    booked = after.booked
    assert (booked.id, booked.starts_at, booked.place, booked.minutes, booked.state, booked.manager_name) == (
        *(visit_id, at("02 09:00"), "柳河镇王家村", 90, "booked", "李强"),
    )
    assert office.announced == [("booked", "li")]
    async with database.engine.connect() as connection:
        raw = (await connection.exec_driver_sql("SELECT place FROM visits")).scalar_one()
    assert "王家村" not in raw


async def test_the_same_key_books_once(office: Office, elsewhere: Office) -> None:
    conversation = await office.meet("wang")
    found = await asyncio.gather(*(each.book(conversation, key="key-12345") for each in (office, elsewhere) * 3))
    assert len(set(found)) == 1
    assert len(office.announced + elsewhere.announced) == 1
    other = VisitIn(conversation_id=conversation, starts_at=at("02 14:00"), place="柳河镇王家村")
    assert await refuse(office.visits.book(other, "key-12345")) == (409, "idempotency_conflict")


async def test_of_two_who_want_a_time_one_gets_it_and_the_other_the_next(office: Office, elsewhere: Office) -> None:
    conversations = [await office.meet(f"customer{n}") for n in range(6)]
    acts = [(office, elsewhere)[n % 2].book(each) for n, each in enumerate(conversations)]
    found = await asyncio.gather(*acts, return_exceptions=True)
    refused = [error for error in found if isinstance(error, RequestError)]
    assert len(refused) == 5
    assert {(error.status, error.code) for error in refused} == {(409, "time_taken")}
    assert refused[0].reason == "这个时间约不了，还可以约：明天10:30、明天14:00、明天15:30"


async def test_without_a_manager_there_is_room_for_as_many_as_there_are_managers(
    office: Office, elsewhere: Office
) -> None:
    office.managers["wang"] = elsewhere.managers["wang"] = "王芳"
    conversations = [await office.meet(f"customer{n}", None) for n in range(5)]
    acts = [(office, elsewhere)[n % 2].book(each) for n, each in enumerate(conversations)]
    found = await asyncio.gather(*acts, return_exceptions=True)
    assert sum(isinstance(each, str) for each in found) == 2


async def test_who_neither_applied_nor_asked_for_the_manager_books_none(office: Office) -> None:
    conversation = await office.meet("zhao", reason="complaint")
    assert not (await office.visits.list_options(conversation)).may_book
    assert await refuse(office.book(conversation)) == (403, "may_not_book")


async def test_one_visit_is_booked_at_a_time(office: Office) -> None:
    conversation = await office.meet("wang")
    await office.book(conversation)
    assert await refuse(office.book(conversation, "02 14:00")) == (409, "already_booked")


async def test_it_is_moved_once_however_often_that_is_asked(office: Office) -> None:
    conversation = await office.meet("wang")
    visit_id = await office.book(conversation)
    for _ in range(3):
        moved = await office.visits.move(conversation, visit_id, at("03 14:00"))
        assert moved.starts_at == at("03 14:00")
    assert [change for change, _ in office.announced] == ["booked", "moved"]
    other = await office.meet("zhao")
    assert await office.book(other)  # the first time is free again


async def test_its_own_time_is_free_for_a_visit(office: Office) -> None:
    conversation = await office.meet("wang")
    await office.book(conversation)
    assert at("02 09:00") in (await office.visits.list_options(conversation)).times


async def test_a_taken_time_is_no_place_to_move_to(office: Office) -> None:
    first, second = await office.meet("wang"), await office.meet("zhao")
    await office.book(first)
    visit_id = await office.book(second, "02 10:30")
    assert await refuse(office.visits.move(second, visit_id, at("02 09:00"))) == (409, "time_taken")
    assert await refuse(office.visits.move(second, visit_id, at("04 09:00"))) == (409, "time_taken")  # a Saturday


async def test_it_is_cancelled_once(office: Office, database: Database) -> None:
    conversation = await office.meet("wang")
    visit_id = await office.book(conversation)
    for _ in range(2):
        assert (await office.visits.cancel(conversation, visit_id)).state == "cancelled"
    assert [change for change, _ in office.announced] == ["booked", "cancelled"]
    assert (await office.visits.list_options(conversation)).booked is None
    assert await refuse(office.visits.move(conversation, visit_id, at("03 14:00"))) == (409, "visit_over")
    async with database.transaction() as session:
        await session.execute(update(Visit).values(state="done"))
    assert await refuse(office.visits.cancel(conversation, visit_id)) == (409, "visit_over")


async def test_one_that_nobody_reported_is_over_for_its_customer(office: Office, clock: FixedClock) -> None:
    conversation = await office.meet("wang")
    first = await office.book(conversation)
    clock.now = at("02 09:00")
    assert (await office.visits.list_options(conversation)).booked is None
    assert await refuse(office.visits.move(conversation, first, at("03 14:00"))) == (409, "visit_over")
    assert await refuse(office.visits.cancel(conversation, first)) == (409, "visit_over")
    second = await office.book(conversation, "03 14:00")
    booked = (await office.visits.list_options(conversation)).booked
    assert booked
    assert (booked.id, booked.starts_at) == (second, at("03 14:00"))
    assert [change for change, _ in office.announced] == ["booked", "booked"]


async def test_somebody_elses_is_not_there(office: Office) -> None:
    visit_id = await office.book(await office.meet("wang"))
    stranger = await office.meet("zhao")
    assert await refuse(office.visits.move(stranger, visit_id, at("03 14:00"))) == (404, "no_such_visit")
    assert await refuse(office.visits.cancel(stranger, visit_id)) == (404, "no_such_visit")
    assert await refuse(office.visits.cancel(stranger, "unknown")) == (404, "no_such_visit")


async def test_visits_follow_the_customers_manager(office: Office, database: Database, clock: FixedClock) -> None:
    conversation = await office.meet("wang", None)
    await office.book(conversation)
    async with database.transaction() as session:
        assert await repository.follow_managers(session, clock.now) == []
    async with database.transaction() as session:
        theirs = select(Conversation.customer_id).where(Conversation.id == conversation).scalar_subquery()
        await session.execute(update(Customer).where(Customer.id == theirs).values(manager_id="li"))
        assert [visit.manager_id for visit in await repository.follow_managers(session, clock.now)] == ["li"]
    async with database.transaction() as session:
        assert await repository.follow_managers(session, clock.now) == []
