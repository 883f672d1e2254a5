"""A message that fails is tried again, later and later, and then given up to the desk."""

import asyncio
from typing import Any

import pytest

from connectors.message_worker import ATTEMPTS_MAX
from connectors.pictures import Pictures
from connectors.responder import BOT_ATTEMPTS_MAX, Responder
from connectors.rights_replies import RightsReplies
from connectors.waiting_replies import WaitingReplies
from connectors.wording import APOLOGY, GIVEN_UP, GIVEN_UP_WAITING
from conversations.inbox import Inbox
from conversations.schemas import (
    ClaimedMessage,
    HandoffRequest,
    TurnOutcome,
)
from conversations.service import Conversations
from conversations.undelivered import Undelivered
from kit.database import Database
from kit.working_time import OfficeHours
from tests.connectors.message_worker.world import (
    HANDED_OVER,
    WAIT,
    MakeWorker,
    has_paused,
    is_equal,
    make_message,
    read_all,
    read_replies,
    running,
    take,
)
from tests.connectors.talk import NO_PHONE_CODES, make_pictures, make_rights_replies, make_waiting_replies
from tests.conversations.acts import Acts
from tests.fakes import FixedClock, ScriptedBot, ScriptedEvidence
from tests.waiting import wait_for
from understanding.understand import Understanding

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


class TestFaults:
    async def test_a_fault_of_ours_is_tried_again_and_the_bot_told_so(
        self, make_worker: MakeWorker, conversations: Conversations, conversation: str
    ) -> None:
        bot = ScriptedBot(ZeroDivisionError("once"))
        worker = make_worker(bot)
        async with running(worker):
            assert read_replies(await take(worker, conversation, "你好")) == ["听到：你好"]
        assert (len(bot.asked), bot.repeated) == (2, ["你好"])
        assert len(await read_all(conversations, conversation)) == 2

    @pytest.mark.parametrize(
        "fault",
        [
            pytest.param(ZeroDivisionError("always"), id="in the bot"),
            pytest.param(
                TurnOutcome(handoff=HandoffRequest(reason="complaint", slots={"amount": object()})),
                id="in recording what it said",
            ),
        ],
    )
    async def test_after_some_attempts_the_customer_gets_the_apology_and_goes_on(
        self, make_worker: MakeWorker, conversation: str, fault: Exception | TurnOutcome
    ) -> None:
        bot = ScriptedBot(*[fault] * BOT_ATTEMPTS_MAX)
        worker = make_worker(bot)
        async with running(worker):
            assert read_replies(await take(worker, conversation, "你好")) == [APOLOGY.text]
            assert len(bot.asked) == BOT_ATTEMPTS_MAX
            assert read_replies(await take(worker, conversation, "在吗")) == ["听到：在吗"]

    async def test_while_nobody_recovers_the_request_ends_without_an_answer(
        self, make_worker: MakeWorker, conversation: str
    ) -> None:
        worker = make_worker(ScriptedBot(ZeroDivisionError("once")))
        assert (await take(worker, conversation, "你好", seconds=0.2)).replies == []

    async def test_what_waits_behind_a_fault_is_answered_after_it_in_order(
        self, make_worker: MakeWorker, conversations: Conversations, conversation: str
    ) -> None:
        bot = ScriptedBot(ZeroDivisionError("once"))
        worker = make_worker(bot)
        async with running(worker):
            done = await asyncio.gather(*(take(worker, conversation, f"{n}") for n in range(3)))
        assert [read_replies(turn) for turn in done] == [[f"听到：{turn.message.text}"] for turn in done]
        said = await read_all(conversations, conversation)
        asked = [f"听到：{text}" for author, text in said if author == "customer"]
        assert [text for author, text in said if author == "bot"] == asked


class FaultyResponder(Responder):
    """Fails outside the bot, as long as `faults` last."""

    def __init__(self, faults: int, *given: Any) -> None:
        super().__init__(*given)
        self.faults = faults
        self.tries = 0

    async def respond(self, message: ClaimedMessage) -> TurnOutcome:
        self.tries += 1
        if self.tries <= self.faults:
            raise ZeroDivisionError("respond")
        return await super().respond(message)


class FaultyInbox(Inbox):
    """Cannot record any outcome."""

    tries = 0

    async def record_outcome(self, *given: Any, **named: Any) -> Any:
        self.tries += 1
        raise ZeroDivisionError("record")


class TestGivingUp:
    @pytest.fixture
    def waiting(self, database: Database, clock: FixedClock) -> WaitingReplies:
        return make_waiting_replies(database, clock, OfficeHours.parse("00:00-24:00", is_daily=True))

    @pytest.fixture
    def rights(self, database: Database, clock: FixedClock) -> RightsReplies:
        return make_rights_replies(database, clock, ScriptedBot())

    @pytest.fixture
    def pictures(self, database: Database, clock: FixedClock) -> Pictures:
        return make_pictures(database, clock, ScriptedBot())

    async def test_pauses_grow_while_it_fails(
        self,
        make_worker: MakeWorker,
        waiting: WaitingReplies,
        rights: RightsReplies,
        pictures: Pictures,
        conversation: str,
        clock: FixedClock,
    ) -> None:
        responder = FaultyResponder(
            4, ScriptedBot(), Understanding(ScriptedEvidence()), waiting, rights, NO_PHONE_CODES, pictures
        )
        worker = make_worker(None, responder=responder, retry_seconds=1)
        async with running(worker):
            taking = asyncio.create_task(take(worker, conversation, "你好"))
            for tries, pause in enumerate((1, 2, 4, 8), start=1):
                await wait_for(is_equal(lambda: responder.tries, tries))
                await wait_for(has_paused(worker))
                clock.move(seconds=pause - 0.1)
                await asyncio.sleep(0.1)
                assert responder.tries == tries
                clock.move(seconds=0.1)
            assert read_replies(await taking) == [APOLOGY.text]  # the bot is not asked a fifth time

    async def test_what_always_fails_is_handed_to_the_desk_and_the_customer_told(
        self,
        make_worker: MakeWorker,
        waiting: WaitingReplies,
        rights: RightsReplies,
        pictures: Pictures,
        handoffs: Acts,
        conversations: Conversations,
        conversation: str,
    ) -> None:
        responder = FaultyResponder(
            ATTEMPTS_MAX, ScriptedBot(), Understanding(ScriptedEvidence()), waiting, rights, NO_PHONE_CODES, pictures
        )
        worker = make_worker(None, responder=responder)
        async with running(worker):
            answer = await take(worker, conversation, "你好")
            assert (read_replies(answer), answer.holder) == ([GIVEN_UP.text, WAIT], "queue")
            assert responder.tries == ATTEMPTS_MAX
            assert [handoff.reason for handoff in await handoffs.list_open()] == ["bot_unavailable"]

    async def test_a_customer_waiting_for_an_agent_is_told_without_another_handoff(
        self,
        make_worker: MakeWorker,
        waiting: WaitingReplies,
        rights: RightsReplies,
        pictures: Pictures,
        handoffs: Acts,
        conversation: str,
    ) -> None:
        await take(make_worker(ScriptedBot(HANDED_OVER)), conversation, "转人工")
        responder = FaultyResponder(
            ATTEMPTS_MAX, ScriptedBot(), Understanding(ScriptedEvidence()), waiting, rights, NO_PHONE_CODES, pictures
        )
        worker = make_worker(None, responder=responder)
        async with running(worker):
            assert read_replies(await take(worker, conversation, "你好")) == [GIVEN_UP_WAITING.text]
        assert len(await handoffs.list_open()) == 1

    async def test_what_not_even_that_can_be_recorded_of_is_listed_for_staff_and_blocks_nobody(
        self,
        make_worker: MakeWorker,
        database: Database,
        clock: FixedClock,
        undelivered: Undelivered,
        conversation: str,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        inbox = FaultyInbox(database, clock)
        worker = make_worker(ScriptedBot(), inbox=inbox)
        async with running(worker):
            await worker.accept(conversation, make_message("你好"))
            await wait_for(undelivered.list_all)
        (shown,) = await undelivered.list_all()
        assert (shown.state, shown.text, inbox.tries) == ("unanswered", "你好", ATTEMPTS_MAX + 1)
        assert f"given up after {ATTEMPTS_MAX + 1} attempts" in caplog.text
        assert read_replies(await take(make_worker(ScriptedBot()), conversation, "在吗")) == ["听到：在吗"]
