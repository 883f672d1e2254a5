"""What is offered and not accepted, and whose agent leaves, goes on to others; and who learns of it."""

from sqlalchemy import select

from desk.customer_wording import AGENT_LEFT
from desk.tables import Notification
from kit.database import Database
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office
from tests.fakes import FixedClock


class TestNobodyAnswers:
    async def test_who_gave_it_learns_that_it_was_not_accepted(self, office: Office) -> None:
        boss, an, bo = await office.hire("chen", "supervisor"), await office.hire("an"), await office.hire("bo")
        assigned, passed, offered = [await office.ask(name) for name in ("assigned", "passed", "offered")]
        await office.talks.take(bo, passed.id)
        await office.talks.assign(boss, assigned.id, an.id, "老客户")
        await office.talks.transfer(bo, passed.id, an.id, "")
        await office.handoffs.move(offered.id, "assign", staff_id=None, agent_id=an.id)
        await office.wait(boss, an, bo, seconds=61)
        for _ in range(2):
            await office.dispatcher.dispatch()
        async with office.database.reading() as session:
            told = (await session.scalars(select(Notification).where(Notification.key.startswith("unaccepted:")))).all()
        assert {(each.staff_id, each.path, each.text.partition("\n")[0]) for each in told} == {
            (boss.id, f"/talks/{assigned.id}", "安宁没有接待，客户回到排队"),
            (bo.id, f"/talks/{passed.id}", "安宁没有接待，客户回到排队"),
        }

    async def test_the_next_one_is_asked_and_the_first_is_away(self, office: Office) -> None:
        an, bo = await office.hire("an"), await office.hire("bo", is_online=False)
        handoff = await office.ask()
        await office.dispatcher.dispatch()
        await office.accounts.set_status(bo.id, "online")
        await office.wait(an, bo, seconds=60)
        await office.dispatcher.dispatch()
        assert (await office.handoffs.get(handoff.id)).agent_id == an.id
        await office.wait(an, bo, seconds=1)
        await office.dispatcher.dispatch()
        assert await office.read_events(handoff) == [
            ("request", None),
            ("assign", an.id),
            ("decline", an.id),
            ("assign", bo.id),
        ]
        assert (await office.accounts.get_staff(an.id)).status == "missed"
        assert (await office.handoffs.get(handoff.id)).requested_at == handoff.requested_at
        assert await office.read_said(handoff) == []

    async def test_an_agent_whose_pages_are_gone_loses_their_talks_and_nothing_else_is_lost(
        self, office: Office
    ) -> None:
        an, bo = await office.hire("an"), await office.hire("bo", is_online=False)
        talks = []
        for n in range(2):
            talks.append(await office.ask(f"customer-{n}"))
            await office.talks.take(an, talks[-1].id)
            await office.wait(an, seconds=1)
        later = await office.ask("later")
        await office.talks.say(an, talks[0].id, "您好", "key-1")
        await office.accounts.set_status(an.id, "away")  # a break is not the end
        await office.wait(seconds=59)
        await office.dispatcher.dispatch()
        assert [(await office.handoffs.get(h.id)).state for h in talks] == ["active", "active"]
        await office.wait(seconds=1)
        for _ in range(2):
            await office.dispatcher.dispatch()
        requeued = [await office.handoffs.get(h.id) for h in talks]
        assert [(h.state, h.agent_id) for h in requeued] == [("queued", None)] * 2
        assert [h.id for h in await office.handoffs.list_open()] == [talks[0].id, talks[1].id, later.id]
        assert (await office.read_words(talks[0]))[1:] == ["您好", AGENT_LEFT.text]
        assert (await office.read_words(talks[1]))[1:] == [AGENT_LEFT.text]
        assert await office.read_events(talks[0]) == [("request", None), ("take", an.id), ("requeue", an.id)]

        await office.accounts.update_staff(bo.id, capacity=2)
        await office.accounts.set_status(bo.id, "online")
        await office.accounts.mark_seen(bo.id)
        await office.dispatcher.dispatch()
        assert [(await office.handoffs.get(h.id)).agent_id for h in (*talks, later)] == [bo.id, bo.id, None]

    @sqlite_only
    async def test_an_empty_chair_is_offered_nothing_more(self, office: Office) -> None:
        an, first = await office.hire("an"), await office.ask("first")
        await office.dispatcher.dispatch()
        await office.wait(an, seconds=61)
        second = await office.ask("second")
        await office.dispatcher.dispatch()
        assert [(await office.handoffs.get(h.id)).state for h in (first, second)] == ["queued", "queued"]

    @sqlite_only
    async def test_who_was_told_of_a_lost_colleague_is_not_told_again_that_they_wait(self, office: Office) -> None:
        an, handoff = await office.hire("an"), await office.ask()
        await office.talks.take(an, handoff.id)
        await office.wait(minutes=5)
        for _ in range(3):
            await office.dispatcher.dispatch()
        assert (await office.read_words(handoff))[1:] == [AGENT_LEFT.text]

    @sqlite_only
    async def test_an_offer_to_somebody_who_has_left_goes_on_without_a_word(
        self, database: Database, clock: FixedClock, cheap_hashes: None
    ) -> None:
        office = Office(database, clock, accept_seconds=600)
        an, handoff = await office.hire("an"), await office.ask()
        await office.dispatcher.dispatch()
        await office.wait(seconds=60)
        bo = await office.hire("bo")
        for _ in range(2):
            await office.dispatcher.dispatch()
        events = await office.read_events(handoff)
        assert events[1:] == [("assign", an.id), ("requeue", an.id), ("assign", bo.id)]
        assert await office.read_said(handoff) == []
