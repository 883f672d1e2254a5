"""Night, morning and closing time, and what customers who wait for long are told."""

from datetime import UTC, datetime, timedelta

import pytest

from conversations.handoff.schemas import HandoffView
from conversations.schemas import HandoffUpdate
from desk.customer_wording import AGENT_LEFT, AGENT_LEFT_OUT_OF_HOURS, STILL_WAITING
from kit.database import Database
from tests.conversations.talk import sqlite_only, talk
from tests.desk.office import Office
from tests.fakes import FixedClock

NIGHT = datetime(2026, 7, 1, 13, 0, tzinfo=UTC)  # Wednesday 21:00 in China
OPENING = datetime(2026, 7, 2, 0, 30, tzinfo=UTC)
CLOSING = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
FRIDAY_CLOSING = datetime(2026, 7, 3, 9, 30, tzinfo=UTC)


async def read_states(office: Office, *handoffs: HandoffView) -> list[tuple[str, str | None]]:
    seen = [await office.handoffs.get(handoff.id) for handoff in handoffs]
    return [(handoff.state, handoff.agent_id) for handoff in seen]


class TestNightAndMorning:
    async def test_who_asked_at_night_is_served_first_in_the_morning(self, office: Office) -> None:
        office.clock.now = NIGHT
        night = await office.ask_at_night()
        await office.dispatcher.dispatch()
        assert await office.handoffs.get(night.id) == night
        office.clock.now = OPENING
        an = await office.hire("an", capacity=1)
        office.clock.move(seconds=5)
        morning = await office.ask("early.bird")
        await office.dispatcher.dispatch()
        assert await read_states(office, night, morning) == [("assigned", an.id), ("queued", None)]
        assert [event for event, _ in await office.read_events(night)] == ["request", "enqueue", "assign"]
        assert await office.read_said(night) == []

    @sqlite_only
    async def test_an_agent_who_works_late_may_take_it(self, office: Office) -> None:
        office.clock.now = NIGHT
        night, an = await office.ask_at_night(), await office.hire("an")
        await office.dispatcher.dispatch()
        assert await read_states(office, night) == [("requested", None)]
        await office.talks.take(an, night.id)
        await office.dispatcher.dispatch()
        assert await read_states(office, night) == [("active", an.id)]

    @sqlite_only
    async def test_the_night_does_not_count_as_waiting_in_the_queue(self, office: Office) -> None:
        office.clock.now = NIGHT
        night = await office.ask_at_night()
        office.clock.now = OPENING
        for _ in range(2):
            await office.dispatcher.dispatch()
        assert await office.read_said(night) == []
        office.clock.move(minutes=3, seconds=1)
        for _ in range(2):
            await office.dispatcher.dispatch()
        assert await office.read_words(night) == [STILL_WAITING.text]


class TestClosing:
    @pytest.mark.parametrize(
        ("closing", "opens", "due", "due_at"),
        [
            (CLOSING, "明天8:30", "明天10:30", datetime(2026, 7, 2, 2, 30, tzinfo=UTC)),
            (FRIDAY_CLOSING, "7月6日8:30", "7月6日10:30", datetime(2026, 7, 6, 2, 30, tzinfo=UTC)),
        ],
    )
    async def test_when_nobody_is_left_the_promise_is_told_once(
        self, office: Office, closing: datetime, opens: str, due: str, due_at: datetime
    ) -> None:
        an = await office.hire("an", capacity=1)
        office.clock.now = closing
        await office.accounts.mark_seen(an.id)
        office.clock.move(seconds=-2)
        handoff = await office.ask("one")
        office.clock.move(seconds=1)
        waiting = await office.ask("other")
        await office.dispatcher.dispatch()
        assert await read_states(office, handoff, waiting) == [("assigned", an.id), ("queued", None)]
        await office.talks.accept(an, handoff.id)
        office.clock.move(seconds=2)
        await office.dispatcher.dispatch()
        assert await read_states(office, waiting) == [("queued", None)]  # she may still come to it
        await office.accounts.set_status(an.id, "away")
        for _ in range(3):
            office.clock.move(seconds=1)
            await office.dispatcher.dispatch()
        deferred = await office.handoffs.get(waiting.id)
        assert (deferred.state, deferred.due_at, deferred.requested_at) == ("requested", due_at, waiting.requested_at)
        (said,) = await office.read_said(waiting)
        assert f"{opens}上班先回复您，最晚{due}前" in said.text
        assert [button.title for button in said.buttons] == ["预约回电", "回到小禾"]
        assert await read_states(office, handoff) == [("active", an.id)]

        office.clock.now = datetime(2026, 7, 6, 0, 30, tzinfo=UTC)
        bo = await office.hire("bo")
        for _ in range(2):
            await office.dispatcher.dispatch()
        assert await read_states(office, waiting) == [("assigned", bo.id)]
        assert len(await office.read_said(waiting)) == 1

    @sqlite_only
    async def test_an_earlier_promise_is_kept(self, database: Database, clock: FixedClock, cheap_hashes: None) -> None:
        office = Office(database, clock, promise_hours=12)
        office.clock.now = NIGHT
        night = await office.ask_at_night()
        assert night.due_at == datetime(2026, 7, 3, 3, 30, tzinfo=UTC)
        office.clock.now = OPENING
        await office.dispatcher.dispatch()
        assert await read_states(office, night) == [("queued", None)]
        office.clock.now = CLOSING + timedelta(days=1, seconds=1)  # nobody came to it all day
        await office.dispatcher.dispatch()
        assert await read_states(office, night) == [("requested", None)]
        assert (await office.handoffs.get(night.id)).due_at == night.due_at
        assert "最晚明天11:30前" in (await office.read_words(night))[-1]

    @sqlite_only
    @pytest.mark.parametrize(
        ("promised", "due_at"),
        [
            (CLOSING + timedelta(hours=15, minutes=30), CLOSING + timedelta(hours=15, minutes=30)),  # 9:00, earlier
            (CLOSING + timedelta(days=3), datetime(2026, 7, 2, 2, 30, tzinfo=UTC)),
            (CLOSING - timedelta(hours=1), datetime(2026, 7, 2, 2, 30, tzinfo=UTC)),  # broken already
            (CLOSING, datetime(2026, 7, 2, 2, 30, tzinfo=UTC)),
            (None, datetime(2026, 7, 2, 2, 30, tzinfo=UTC)),
        ],
        ids=["ahead and earlier", "ahead and later", "broken", "just now", "none"],
    )
    async def test_an_earlier_promise_stands_only_while_it_is_ahead(
        self, office: Office, promised: datetime | None, due_at: datetime
    ) -> None:
        office.clock.now = CLOSING - timedelta(hours=3)
        handoff = await office.ask(due_at=promised)
        office.clock.now = CLOSING
        await office.dispatcher.dispatch()
        deferred = await office.handoffs.get(handoff.id)
        assert (deferred.state, deferred.due_at) == ("requested", due_at)
        told = f"最晚明天{(due_at + timedelta(hours=8)):%-H:%M}前"
        assert told in (await office.read_words(handoff))[-1]


@sqlite_only
class TestLostAtNight:
    async def begin_late_talk(self, office: Office) -> HandoffView:
        """An agent who works late talks to a customer, and then their page is gone."""
        office.clock.now = NIGHT
        handoff = await office.ask_at_night()
        await office.talks.take(await office.hire("an"), handoff.id)
        await office.wait(minutes=1)
        return handoff

    async def test_nobody_is_promised_who_is_not_there(self, office: Office) -> None:
        handoff = await self.begin_late_talk(office)
        for _ in range(3):
            await office.dispatcher.dispatch()
        lost, deferred = (await office.read_words(handoff))[1:]
        assert lost == AGENT_LEFT_OUT_OF_HOURS.text
        assert "明天8:30上班先回复您，最晚明天10:30前" in deferred
        assert await read_states(office, handoff) == [("requested", None)]
        assert (await office.handoffs.get(handoff.id)).due_at == handoff.due_at

    async def test_while_a_colleague_is_there_they_are_found(self, office: Office) -> None:
        handoff = await self.begin_late_talk(office)
        bo = await office.hire("bo")
        await office.dispatcher.dispatch()
        assert (await office.read_words(handoff))[1:] == [AGENT_LEFT.text]
        assert await read_states(office, handoff) == [("assigned", bo.id)]


class TestLongWait:
    async def test_it_is_told_once_and_not_again(self, office: Office) -> None:
        handoff = await office.ask()
        office.clock.move(minutes=3)
        await office.dispatcher.dispatch()
        assert await office.read_said(handoff) == []
        office.clock.move(seconds=1)
        for _ in range(5):
            await office.dispatcher.dispatch()
            office.clock.move(minutes=4)
        (said,) = await office.read_said(handoff)
        assert (said.author, said.text) == ("bot", STILL_WAITING.text)
        assert [button.title for button in said.buttons] == ["预约回电", "回到小禾"]

    async def test_not_when_the_gateway_has_spoken_since(self, office: Office) -> None:
        handoff = await office.ask()
        office.clock.move(minutes=2)
        update = HandoffUpdate(act="reassured")
        await talk(office.inbox, handoff.conversation_id, "还要多久", "前面还有1位", handoff_update=update)
        office.clock.move(minutes=2)
        await office.dispatcher.dispatch()
        assert await office.read_words(handoff) == ["还要多久", "前面还有1位"]

    @sqlite_only
    async def test_not_while_somebody_is_asked_or_talks(self, office: Office) -> None:
        an = await office.hire("an")
        asked, talking = await office.ask("one"), await office.ask("other")
        await office.talks.take(an, talking.id)
        office.clock.move(minutes=4)
        await office.accounts.mark_seen(an.id)
        await office.handoffs.assign(asked.id, an.id)
        await office.dispatcher.dispatch()
        assert await office.read_said(asked) == []
        assert len(await office.read_said(talking)) == 1
