"""Who is offered the customer; test_unaccepted.py: what happens when they do not answer or are gone."""

import pytest
from sqlalchemy import select

from conversations.handoff.queries import DECLINED_TIME
from conversations.handoff.schemas import HandoffView
from desk.accounts import Accounts
from desk.schemas import StaffView
from desk.tables import Notification
from kit.database import Database
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office
from tests.desk.village import Village
from tests.fakes import FixedClock


class TestOffers:
    async def test_who_is_there_is_offered_what_waits(self, office: Office) -> None:
        an = await office.hire("an")
        handoff = await office.ask()
        await office.dispatcher.dispatch()
        offered = await office.handoffs.get(handoff.id)
        assert (offered.state, offered.agent_id, offered.assigned_at) == ("assigned", an.id, office.clock.now)
        (*_, event) = await office.handoffs.list_events(handoff.id)
        assert (event.event, event.staff_id, event.note) == ("assign", None, "load")
        assert await office.read_said(handoff) == []
        await office.dispatcher.dispatch()
        assert await office.handoffs.get(handoff.id) == offered

    @sqlite_only
    async def test_who_is_not_there_is_offered_nothing(self, office: Office) -> None:
        await office.hire("offline", is_online=False)
        await office.accounts.set_status((await office.hire("away")).id, "away")
        await office.hire("editor", "editor")
        await office.accounts.update_staff((await office.hire("gone")).id, is_active=False)
        await office.hire("closed.page")
        office.clock.move(seconds=40)
        handoff = await office.ask()
        await office.dispatcher.dispatch()
        assert await office.handoffs.get(handoff.id) == handoff
        an = await office.hire("an")
        await office.wait(seconds=39)
        await office.dispatcher.dispatch()
        assert (await office.handoffs.get(handoff.id)).agent_id == an.id

    @sqlite_only
    async def test_nobody_is_offered_what_would_be_taken_back_at_once(
        self, database: Database, clock: FixedClock, cheap_hashes: None
    ) -> None:
        office = Office(database, clock, agent_grace_seconds=20)
        await office.hire("an")
        handoff = await office.ask()
        office.clock.move(seconds=25)
        await office.dispatcher.dispatch()
        assert await office.handoffs.get(handoff.id) == handoff

    async def test_no_more_than_they_can_take_and_the_longest_waiting_first(self, office: Office) -> None:
        an = await office.hire("an", capacity=2)
        handoffs = []
        for n in range(3):
            handoffs.append(await office.ask(f"customer-{n}"))
            await office.wait(an, seconds=1)
        await office.dispatcher.dispatch()
        assert [(await office.handoffs.get(h.id)).state for h in handoffs] == ["assigned", "assigned", "queued"]
        await office.talks.accept(an, handoffs[0].id)
        await office.dispatcher.dispatch()
        assert (await office.handoffs.get(handoffs[2].id)).state == "queued"
        await office.talks.close(an, handoffs[0].id, "solved", "好了")
        await office.dispatcher.dispatch()
        assert (await office.handoffs.get(handoffs[2].id)).agent_id == an.id

    @sqlite_only
    @pytest.mark.parametrize(("hours", "is_again"), [(23, True), (25, False)])
    async def test_who_comes_back_within_a_day_finds_the_same_agent(
        self, database: Database, clock: FixedClock, cheap_hashes: None, hours: int, is_again: bool
    ) -> None:
        office = Office(database, clock, office_hours="00:00-24:00", office_days="all")
        an, bo = await office.hire("an"), await office.hire("bo")
        first = await office.ask()
        await office.talks.take(an, first.id)
        await office.talks.close(an, first.id, "solved", "好了")
        await office.wait(an, bo, hours=hours)
        await office.talks.take(an, (await office.ask("somebody.else")).id)  # bo has less to do
        again = await office.ask(text="再转人工")
        await office.dispatcher.dispatch()
        assert (await office.handoffs.get(again.id)).agent_id == (an.id if is_again else bo.id)


class TestOwners:
    async def test_the_manager_of_the_place_comes_first_and_is_told(self, office: Office) -> None:
        await office.hire("an")
        zhang = await office.hire("zhang", "account_manager", villages=["柳河镇"], capacity=1)
        handoff = await office.ask(slots={"region": "柳河镇王家村"}, reason="complaint")
        await office.dispatcher.dispatch()
        offered = await office.handoffs.get(handoff.id)
        assert (offered.agent_id, offered.manager_id) == (zhang.id, zhang.id)
        async with office.database.reading() as session:
            (notification,) = await session.scalars(select(Notification))
        assert (notification.staff_id, notification.text) == (zhang.id, "您的客户在等人工\n网页客户，投诉")
        assert (notification.path, notification.state, notification.due_at) == (
            f"/talks/{handoff.id}",
            "pending",
            office.clock.now,
        )

    @sqlite_only
    @pytest.mark.parametrize("way", ["code", "application"])
    async def test_whose_customer_it_turns_out_to_be_comes_first_at_once(
        self, office: Office, accounts: Accounts, way: str
    ) -> None:
        village = Village(office.database, accounts, office.clock)
        await village.meet("wang", "manager:zhang" if way == "code" else None)
        if way == "application":
            await village.apply("wang", region="柳河镇")
        await office.hire("an")
        zhang = await office.hire("zhang", "account_manager", villages=["柳河镇"])
        handoff = await office.ask(channel="wechat")
        await office.dispatcher.dispatch()
        (*_, event) = await office.handoffs.list_events(handoff.id)
        assert (event.event, event.agent_id, event.note) == ("assign", zhang.id, "manager")


class TestDeclined:
    async def test_who_said_no_is_not_asked_again_for_a_while(self, office: Office) -> None:
        an, handoff = await office.hire("an"), await office.ask()
        await office.dispatcher.dispatch()
        await office.talks.decline(an, handoff.id)
        await office.wait(an, seconds=DECLINED_TIME.total_seconds() - 1)
        await office.dispatcher.dispatch()
        assert (await office.handoffs.get(handoff.id)).state == "queued"
        assert (await office.accounts.get_staff(an.id)).status == "online"
        other = await office.ask("other")
        await office.dispatcher.dispatch()
        assert (await office.handoffs.get(other.id)).agent_id == an.id
        await office.wait(an, seconds=1)
        await office.dispatcher.dispatch()
        assert await office.read_events(handoff) == [
            ("request", None),
            ("assign", an.id),
            ("decline", an.id),
            ("assign", an.id),
        ]

    @sqlite_only
    async def test_who_missed_an_offer_may_have_it_when_they_are_back(self, office: Office) -> None:
        an, handoff = await office.hire("an"), await office.ask()
        await office.dispatcher.dispatch()
        await office.wait(an, seconds=61)
        await office.dispatcher.dispatch()
        missed = await office.handoffs.get(handoff.id), (await office.accounts.get_staff(an.id)).status
        assert missed == (handoff.model_copy(update={"assigned_at": missed[0].assigned_at}), "missed")
        await office.accounts.set_status(an.id, "online")
        await office.dispatcher.dispatch()
        assert (await office.handoffs.get(handoff.id)).agent_id == an.id


class TestBusyAgents:
    async def serve_and_be_offered(self, office: Office) -> tuple[StaffView, HandoffView, HandoffView]:
        """An agent talks with somebody and is offered another."""
        an, talking = await office.hire("an"), await office.ask("talking")
        await office.talks.take(an, talking.id)
        await office.wait(an, minutes=5)
        offered = await office.ask("offered")
        await office.dispatcher.dispatch()
        return an, talking, offered

    async def test_who_writes_to_a_customer_stays_available_and_only_the_offer_moves_on(self, office: Office) -> None:
        an, talking, offered = await self.serve_and_be_offered(office)
        bo = await office.hire("bo")
        await office.wait(an, bo, seconds=30)
        await office.talks.say(an, talking.id, "我查一下", "key-1")
        await office.wait(an, bo, seconds=31)
        await office.dispatcher.dispatch()
        assert (await office.accounts.get_staff(an.id)).status == "online"
        assert await office.read_events(offered) == [
            ("request", None),
            ("assign", an.id),
            ("decline", an.id),
            ("assign", bo.id),
        ]
        assert (await office.handoffs.list_events(offered.id))[2].note == "到时间没有应答，手头还有客户"

    @sqlite_only
    @pytest.mark.parametrize(("is_closed", "status"), [(False, "online"), (True, "missed")])
    async def test_who_has_a_talk_stays_available_without_a_word(
        self, office: Office, is_closed: bool, status: str
    ) -> None:
        an, talking, _ = await self.serve_and_be_offered(office)
        if is_closed:
            await office.talks.close(an, talking.id, "solved", "办完了")
        await office.wait(an, seconds=61)
        await office.dispatcher.dispatch()
        assert (await office.accounts.get_staff(an.id)).status == status

    @sqlite_only
    async def test_who_was_busy_is_not_offered_the_same_at_once(self, office: Office) -> None:
        an, talking, offered = await self.serve_and_be_offered(office)
        await office.wait(an, seconds=61)
        await office.talks.say(an, talking.id, "我查一下", "key-1")
        for _ in range(2):
            await office.dispatcher.dispatch()
        assert (await office.handoffs.get(offered.id)).state == "queued"
