"""Several dispatchers on one record, and one that is left running."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from conversations.handoff.service import Handoffs
from desk.customer_wording import AGENT_LEFT, STILL_WAITING
from desk.schemas import StaffView
from kit.database import Database
from kit.errors import RequestError
from kit.pubsub import Signal
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office
from tests.fakes import FixedClock
from tests.waiting import WAIT_SECONDS


async def dispatch_together(*offices: Office, times: int = 1) -> None:
    for _ in range(times):
        await asyncio.gather(*(office.dispatcher.dispatch() for office in offices))


class TestSeveral:
    async def test_nobody_is_given_to_two_and_nobody_has_too_many(self, office: Office, elsewhere: Office) -> None:
        agents = [await office.hire(f"agent-{n}", capacity=3) for n in range(5)]
        handoffs = [await office.ask(f"customer-{n}") for n in range(30)]
        await dispatch_together(office, elsewhere, times=3)
        assert await office.handoffs.count_load() == {agent.id: 3 for agent in agents}
        events = Counter([event for handoff in handoffs for event, _ in await office.read_events(handoff)])
        assert events == {"request": 30, "assign": 15}

        await office.wait(*agents, minutes=4)  # those who were asked did not answer, the others have waited for long
        await dispatch_together(office, elsewhere, times=3)
        for handoff in handoffs:
            assert (await office.read_words(handoff)).count(STILL_WAITING.text) <= 1
        declined = [h for h in handoffs if "decline" in dict(await office.read_events(h))]
        waiting = [h for h in handoffs if h not in declined]
        assert len(declined) == 15
        assert [await office.read_words(h) for h in waiting] == [[STILL_WAITING.text]] * 15
        assert {member.status for member in await office.accounts.list_staff()} == {"missed"}

    async def test_a_customer_who_loses_their_agent_is_told_once(self, office: Office, elsewhere: Office) -> None:
        an = await office.hire("an", capacity=10)
        handoffs = [await office.ask(f"customer-{n}") for n in range(5)]
        for handoff in handoffs:
            await office.talks.take(an, handoff.id)
        await office.wait(minutes=1)
        await dispatch_together(office, elsewhere, times=2)
        for handoff in handoffs:
            assert (await office.read_words(handoff))[1:] == [AGENT_LEFT.text]
            assert await office.read_events(handoff) == [("request", None), ("take", an.id), ("requeue", an.id)]

    @sqlite_only
    async def test_an_old_view_of_the_queue_offers_nothing_a_second_time(
        self, office: Office, elsewhere: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        an, handoff = await office.hire("an"), await office.ask()
        await office.dispatcher.dispatch()
        await office.hire("bo")

        async def list_as_before(queries: HandoffQueries, limit: int) -> list[HandoffView]:
            return [handoff]

        monkeypatch.setattr(HandoffQueries, "list_queue", list_as_before)
        await elsewhere.dispatcher.dispatch()
        assert await office.read_events(handoff) == [("request", None), ("assign", an.id)]

    @sqlite_only
    async def test_an_agent_who_comes_while_the_staff_are_read_keeps_the_talk_they_take(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        an, handoff = await office.hire("an", is_online=False), await office.ask()
        list_staff = office.accounts.list_staff

        async def list_just_before() -> list[StaffView]:
            seen = await list_staff()
            if not await office.handoffs.count_load():
                await office.accounts.mark_seen(an.id)
                await office.talks.take(an, handoff.id)
            return seen

        monkeypatch.setattr(office.accounts, "list_staff", list_just_before)
        await office.dispatcher.dispatch()
        assert await office.read_events(handoff) == [("request", None), ("take", an.id)]


@sqlite_only
class TestFaults:
    @pytest.mark.parametrize("fault", [OSError("disk full"), RequestError(409, "handoff_moved_on", "晚了一步")])
    async def test_one_handoff_that_fails_keeps_no_other_waiting(
        self, office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: Exception
    ) -> None:
        office.clock.now = datetime(2026, 7, 1, 13, 0, tzinfo=UTC)  # 21:00 in China
        broken, other = await office.ask_at_night("one"), await office.ask_at_night("other")
        office.clock.now = datetime(2026, 7, 2, 0, 30, tzinfo=UTC)
        an = await office.hire("an")
        enqueue = Handoffs.enqueue

        async def fail_with_one(handoffs: Handoffs, session: AsyncSession, handoff_id: str) -> HandoffView:
            if handoff_id == broken.id:
                raise fault
            return await enqueue(handoffs, session, handoff_id)

        with monkeypatch.context() as patched, caplog.at_level(logging.INFO, "desk.dispatcher"):
            patched.setattr(Handoffs, "enqueue", fail_with_one)
            await office.dispatcher.dispatch()
        assert await office.handoffs.get(broken.id) == broken
        assert (await office.handoffs.get(other.id)).agent_id == an.id
        told = [(r.levelname, r.getMessage()) for r in caplog.records if broken.id in r.getMessage()]
        if isinstance(fault, RequestError):
            assert told == [("INFO", f"handoff {broken.id}: handoff_moved_on")]
        else:
            assert told == [("ERROR", f"the transition of handoff {broken.id} failed")]

        await office.dispatcher.dispatch()  # the fault has gone
        assert (await office.handoffs.get(broken.id)).agent_id == an.id


@asynccontextmanager
async def run(office: Office) -> AsyncIterator[None]:
    """The running dispatcher, subscribed to signals; it is stopped at the end."""
    running = [asyncio.create_task(office.pubsub.run()), asyncio.create_task(office.dispatcher.run())]
    with office.pubsub.subscribe("beginning") as subscription:
        assert await subscription.wait(WAIT_SECONDS) == [Signal("beginning", "resync")]
    yield
    for task in running:
        task.cancel()
    office.pubsub.deliver(Signal("desk", "queue"))  # a run that has begun finishes without waiting for another signal
    outcomes = await asyncio.gather(*running, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 2
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def wait_until_offered(office: Office, handoff: HandoffView) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while (await office.handoffs.get(handoff.id)).state != "assigned":  # noqa: ASYNC110 (a table is no event)
            await asyncio.sleep(0.01)


class TestRunning:
    async def test_a_new_handoff_is_looked_at_at_once(
        self, database: Database, clock: FixedClock, cheap_hashes: None, elsewhere: Office
    ) -> None:
        office = Office(database, clock, poll_seconds=600)
        await office.hire("an")
        async with run(office):
            await wait_until_offered(office, await elsewhere.ask())

    @sqlite_only
    async def test_without_signals_the_clock_is_looked_at_and_a_fault_does_not_end_it(
        self,
        database: Database,
        clock: FixedClock,
        cheap_hashes: None,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        office = Office(database, clock, poll_seconds=0.01)
        await office.hire("an")
        handoff = await office.ask()
        list_queue = HandoffQueries.list_queue
        faults = [OSError("disk full"), OSError("disk full")]

        async def list_after_faults(queries: HandoffQueries, limit: int) -> list[HandoffView]:
            if faults:
                raise faults.pop()
            return await list_queue(queries, limit)

        monkeypatch.setattr(HandoffQueries, "list_queue", list_after_faults)
        with caplog.at_level(logging.ERROR):
            async with run(office):
                await wait_until_offered(office, handoff)
        assert caplog.text.count("background work failed") == 2
