"""Thousands of open handoffs keep nobody waiting: what is read and how often does not grow with what is not due."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import event, insert, select

from conversations.tables import Conversation, Customer, Handoff
from desk.pages.open_page import OpenPage
from desk.pages.queue import Board, draw_mine
from desk.services import DeskServices
from desk.tables import Notification
from desk.wait_alerts import WaitAlerts
from tests.conversations.talk import count, sqlite_only
from tests.desk.office import Office

MANY = 2500


async def add_many(office: Office, number: int, state: str, **values: Any) -> None:
    """So many handoffs of as many customers, an hour old."""
    now = office.clock.now
    rows: dict[Any, list[dict[str, Any]]] = {Customer: [], Conversation: [], Handoff: []}
    for n in range(number):
        key = f"{state}-{n}"
        rows[Customer].append({"id": key, "channel": "web", "channel_user_id": key, "created_at": now})
        rows[Conversation].append({"id": key, "customer_id": key, "holder": "bot", "failures": 0, "created_at": now})
        handoff: dict[str, Any] = {"id": key, "conversation_id": key, "reason": "customer_request", "state": state}
        handoff |= {"slots": {}, "requested_at": now - timedelta(hours=1, seconds=-n / 10), "is_asked_phone": False}
        rows[Handoff].append(handoff | {"is_routed": True} | values)
    async with office.database.transaction() as session:
        for table, many in rows.items():
            await session.execute(insert(table), many)


@contextmanager
def count_statements(office: Office) -> Iterator[list[str]]:
    """What is sent to the database within the block."""
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        statements.append(statement)

    engine = office.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


@sqlite_only
class TestCallbacks:
    @pytest.mark.parametrize("is_overdue", [False, True])
    async def test_thousands_keep_no_new_customer_from_a_free_agent(self, office: Office, is_overdue: bool) -> None:
        due_at = office.clock.now + timedelta(hours=-1 if is_overdue else 5)
        await add_many(office, MANY, "callback", due_at=due_at, reminded_at=office.clock.now if is_overdue else None)
        an = await office.hire("an")
        handoff = await office.ask()
        with count_statements(office) as statements:
            await office.dispatcher.dispatch()
        assert (await office.handoffs.get(handoff.id)).agent_id == an.id
        assert len(statements) < 60

    async def test_they_do_not_crowd_out_waiting_customers_on_the_queue_page(self, office: Office) -> None:
        await add_many(office, MANY, "callback", due_at=office.clock.now)
        handoff = await office.ask()
        assert handoff.id in {shown.id for shown in await office.handoffs.list_open()}

    async def test_each_is_reminded_of_once_and_the_soonest_first(self, office: Office) -> None:
        await office.hire("chen", "supervisor")
        await add_many(office, 250, "callback", due_at=office.clock.now)
        for _ in range(3):
            await office.dispatcher.dispatch()
        assert await count(office.database, Notification) == 250
        with count_statements(office) as statements:
            await office.dispatcher.dispatch()
        assert len(statements) <= 6  # with their BEGINs: nothing is due, and nothing else is read

    async def test_the_newest_promise_to_a_customer_is_found(self, office: Office) -> None:
        for n in range(12):
            handoff = await office.ask(text=f"转人工{n}")
            await office.handoffs.book_callback(handoff.id)
            office.clock.move(minutes=1)
        found = await office.handoffs.find_callback(handoff.conversation_id)
        assert found
        assert found.id == handoff.id


@sqlite_only
class TestQueue:
    async def test_a_sensitive_matter_comes_first_however_many_wait(self, office: Office) -> None:
        await add_many(office, MANY, "queued")
        an = await office.hire("an", capacity=1)
        handoff = await office.ask(reason="sensitive", topic="scam")
        await office.dispatcher.dispatch()
        assert (await office.handoffs.get(handoff.id)).agent_id == an.id

    async def test_talks_of_an_agent_who_left_are_requeued_however_many_wait_overnight(self, office: Office) -> None:
        an, handoff = await office.hire("an"), await office.ask()
        await office.talks.take(an, handoff.id)
        await add_many(office, MANY, "requested")
        office.clock.move(hours=12)
        await office.dispatcher.dispatch()
        assert (await office.handoffs.get(handoff.id)).agent_id is None
        assert await office.read_events(handoff) == [
            ("request", None),
            ("take", an.id),
            ("requeue", an.id),
            ("defer", None),
        ]

    async def test_neither_talks_nor_danger_are_missing_behind_thousands_of_night_requests(
        self, office: Office
    ) -> None:
        chen = await office.hire("chen", "supervisor")
        await add_many(office, MANY, "requested")
        talk, fraud = await office.ask(), await office.ask("li", reason="sensitive", topic="scam", is_open=False)
        await office.talks.take(chen, talk.id)
        assert {talk.id, fraud.id} <= {shown.id for shown in await office.handoffs.list_open()}
        page = cast(OpenPage, SimpleNamespace(desk=office, staff=chen))
        board = Board(cast(DeskServices, office))
        await board.refresh()
        assert f"/talks/{talk.id}" in draw_mine(page, board)
        office.clock.move(minutes=2)
        alerts = WaitAlerts(office.database, office.accounts, office.calendar, timedelta(minutes=2), office.clock)
        await alerts.alert()
        async with office.database.reading() as session:
            assert list(await session.scalars(select(Notification.path))) == [f"/talks/{fraud.id}"]

    async def test_of_a_customers_many_handoffs_the_newest_are_listed(self, office: Office) -> None:
        for n in range(4):
            handoff = await office.ask(text=f"转人工{n}")
            await office.handoffs.return_to_bot(handoff.id)
            office.clock.move(minutes=1)
        listed = await office.handoffs.list_of_conversation(handoff.conversation_id, limit=2)
        assert len(listed) == 2
        assert listed[-1].id == handoff.id
