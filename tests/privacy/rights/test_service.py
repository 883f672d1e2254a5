"""What customers have done with their data, when a legal hold comes in between, and what a withdrawal leaves."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select

from applications.tables import Application
from conversations.office_calendar import OfficeCalendar
from conversations.tables import Handoff
from kit.errors import RequestError
from privacy import ledger
from privacy.rights.holds import add_hold
from privacy.rights.requests import list_requests
from privacy.rights.service import Rights
from privacy.rights.summary import lock_conversation
from tests.connectors.talk import HOURS, make_applications_client
from tests.conversations.talk import sqlite_only
from tests.privacy.rights.world import PHONES, World

Act = Callable[[str], Awaitable[None]]


def make_rights(world: World, forget: Act) -> Rights:
    calendar = OfficeCalendar(world.database, HOURS, world.clock)
    applications = make_applications_client(world.database, world.clock)
    return Rights(world.database, calendar, forget, applications, world.clock)


class Dialogues:
    """What the bot was asked to forget; a legal hold is put on meanwhile if `world` is given."""

    def __init__(self, world: World | None = None) -> None:
        self.forgotten: list[str] = []
        self._world = world

    async def forget(self, conversation_id: str) -> None:
        self.forgotten.append(conversation_id)
        if self._world:
            await hold(self._world, conversation_id)


async def hold(world: World, conversation_id: str) -> None:
    async with world.database.transaction() as session:
        conversation = await lock_conversation(session, conversation_id)
        await add_hold(session, conversation.customer_id, "诉讼", world.clock.now)


async def agree(world: World, purpose: str = "quota") -> None:
    async with world.database.transaction() as session:
        await ledger.record(session, world.clock.now, "consent_given", "customer-zhang", purpose=purpose)


async def list_consents(world: World) -> list[str]:
    async with world.database.reading() as session:
        return [consent.purpose for consent in await ledger.list_consents(session, "customer-zhang")]


async def test_a_hold_that_comes_in_between_stops_an_erasure(world: World) -> None:
    conversation = await world.settle()
    before = await world.find_canaries()
    with pytest.raises(RequestError, match="409 legal_hold"):
        await make_rights(world, Dialogues(world).forget).erase(conversation, "key")
    assert await world.find_canaries() == before


class TestWithdrawing:
    @pytest.mark.parametrize("is_late", [False, True])
    async def test_under_a_hold_consents_end_and_nothing_is_deleted(self, world: World, *, is_late: bool) -> None:
        conversation = await world.settle()
        await agree(world)
        async with world.database.transaction() as session:
            handoff = (await session.scalars(select(Handoff))).one()
            handoff.state, handoff.ended_at = "callback", None
        before = await world.find_canaries()
        dialogues = Dialogues(world if is_late else None)
        if not is_late:
            await hold(world, conversation)
        done = await make_rights(world, dialogues.forget).withdraw_consents(conversation, "key")
        assert (done["is_held"], done["purposes"], done["decisions"], done["drafts"]) == (True, ["quota"], 0, 0)
        assert await list_consents(world) == []
        assert await world.find_canaries() == before
        assert dialogues.forgotten == ([conversation] if is_late else [])
        async with world.database.reading() as session:
            assert (await session.scalars(select(Handoff.state))).one() == "returned", "nobody calls any more"

    async def test_papers_that_no_application_has_go(self, world: World) -> None:
        conversation = await world.settle()
        done = await make_rights(world, Dialogues().forget).withdraw_consents(conversation, "key")
        assert done["documents"] == 1
        assert "documents.content" not in await world.find_canaries()

    async def test_copies_of_the_form_in_ended_handoffs_go(self, world: World) -> None:
        conversation = await world.settle()
        await agree(world)
        done = await make_rights(world, Dialogues().forget).withdraw_consents(conversation, "key")
        assert (done["decisions"], done["drafts"], done["kept_decisions"]) == (1, 1, 0)
        async with world.database.reading() as session:
            handoff = (await session.scalars(select(Handoff))).one()
        assert (handoff.slots, handoff.name, handoff.callback_phone, handoff.search_keys) == ({}, None, None, "")
        assert handoff.summary, "what staff noted of the talk is theirs to keep"

    @sqlite_only
    async def test_a_complaint_stays_whole(self, world: World) -> None:
        conversation = await world.settle()
        async with world.database.transaction() as session:
            (await session.scalars(select(Handoff))).one().reason = "complaint"
        done = await make_rights(world, Dialogues().forget).withdraw_consents(conversation, "key")
        assert (done["drafts"], done["complaints"]) == (0, 1)
        async with world.database.reading() as session:
            assert (await session.scalars(select(Handoff))).one().slots

    @sqlite_only
    async def test_an_open_talk_keeps_whom_it_is_with(self, world: World) -> None:
        conversation = await world.settle()
        async with world.database.transaction() as session:
            handoff = (await session.scalars(select(Handoff))).one()
            handoff.state, handoff.ended_at = "active", None
        await make_rights(world, Dialogues().forget).withdraw_consents(conversation, "key")
        async with world.database.reading() as session:
            handoff = (await session.scalars(select(Handoff))).one()
        assert (handoff.slots, bool(handoff.name), bool(handoff.callback_phone)) == ({}, True, True)

    @sqlite_only
    async def test_what_an_open_application_came_from_stays_and_that_is_known(self, world: World) -> None:
        conversation = await world.settle(stage="checking", acted_at=world.clock.now)
        done = await make_rights(world, Dialogues().forget).withdraw_consents(conversation, "key")
        assert (done["decisions"], done["kept_decisions"], done["worked_on"]) == (0, 1, ["QH-zhang"])

    async def test_done_again_it_says_the_same_purposes(self, world: World) -> None:
        conversation = await world.settle()
        await agree(world)
        rights = make_rights(world, Dialogues().forget)
        for _ in range(2):
            assert (await rights.withdraw_consents(conversation, "key"))["purposes"] == ["quota"]
        assert (await rights.withdraw_consents(conversation, "another"))["purposes"] == []


class TestWithdrawingOne:
    """What rests on one consent ends, and nothing else."""

    async def withdraw(self, world: World, conversation: str, purpose: str) -> dict[str, Any]:
        for given in ("application", "sharing", "credit_inquiry", "quota", "marketing"):
            await agree(world, given)
        self.dialogues = Dialogues()
        rights = make_rights(world, self.dialogues.forget)
        return await rights.withdraw_consents(conversation, "key", purpose=purpose, claim="撤回")

    @pytest.mark.parametrize("purpose", ["application", "sharing", "credit_inquiry", "quota", "marketing"])
    async def test_the_others_stand(self, world: World, purpose: str) -> None:
        done = await self.withdraw(world, await world.settle(), purpose)
        assert done["purposes"] == [purpose]
        assert await list_consents(world) == [
            each for each in ("application", "sharing", "credit_inquiry", "quota", "marketing") if each != purpose
        ]

    @pytest.mark.parametrize(
        ("purpose", "decisions", "drafts", "stage", "manager", "is_flagged", "forgotten"),
        [
            ("quota", 1, 1, "submitted", "zhao", False, 1),
            ("application", 0, 1, "withdrawn", "zhao", False, 1),
            ("sharing", 0, 0, "withdrawn", None, False, 0),
            ("credit_inquiry", 0, 0, "submitted", "zhao", True, 0),
            ("marketing", 0, 0, "submitted", "zhao", False, 0),
        ],
    )
    async def test_what_rests_on_it_ends(
        self,
        world: World,
        purpose: str,
        decisions: int,
        drafts: int,
        stage: str,
        manager: str | None,
        is_flagged: bool,
        forgotten: int,
    ) -> None:
        conversation = await world.settle(
            stage="submitted", acted_at=None, manager_id="zhao", details={}, credit_withdrawn_at=None
        )
        done = await self.withdraw(world, conversation, purpose)
        assert (done["decisions"], done["drafts"], len(self.dialogues.forgotten)) == (decisions, drafts, forgotten)
        async with world.database.reading() as session:
            row = (await session.scalars(select(Application))).one()
        assert (row.stage, row.manager_id, bool(row.credit_withdrawn_at)) == (stage, manager, is_flagged)
        assert (await world.get_customer(conversation)).manager_id == manager
        assert done["due_at"] is None

    @pytest.mark.parametrize(("purpose", "is_task"), [("sharing", True), ("application", True), ("quota", False)])
    async def test_staff_end_what_they_work_on(self, world: World, purpose: str, is_task: bool) -> None:
        conversation = await world.settle(stage="checking", acted_at=world.clock.now)
        done = await self.withdraw(world, conversation, purpose)
        assert (done["worked_on"] == ["QH-zhang"], bool(done["due_at"])) == (is_task, is_task)
        async with world.database.reading() as session:
            assert [each.kind for each in await list_requests(session, "open", 9)] == ["withdrawal"] * is_task

    async def test_it_ends_on_every_channel_of_the_customer(self, world: World) -> None:
        here = await world.settle("zhang")
        there = await world.settle("wang", phone=PHONES["zhang"])
        async with world.database.transaction() as session:
            await ledger.record(session, world.clock.now, "consent_given", "customer-wang", purpose="marketing")
        done = await self.withdraw(world, here, "marketing")
        assert done["others"] == 1
        async with world.database.reading() as session:
            assert not await ledger.has_consent(session, "customer-wang", "marketing")
            assert await ledger.has_withdrawn(session, "customer-wang", "marketing")
        assert there
