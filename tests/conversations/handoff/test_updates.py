"""What customers do about a handoff of theirs, in time and too late; and when one is due."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from conversations.handoff.schemas import HandoffView
from conversations.inbox import Inbox
from conversations.schemas import ConsentGiven, HandoffRequest, HandoffUpdate, Reply, TurnOutcome
from conversations.service import Conversations
from conversations.tables import Handoff
from kit.database import Database
from kit.pubsub import Signal
from privacy.tables import LedgerRecord
from tests.conversations.acts import Acts
from tests.conversations.talk import (
    AN,
    BO,
    OWNER,
    PHONE,
    act,
    answer,
    ask_for_human,
    count,
    hear,
    read_signals,
    sqlite_only,
    talk,
)
from tests.fakes import FixedClock


async def read_holder(record: Conversations, conversation: str) -> str:
    return (await record.get_conversation(conversation)).holder


async def list_steps(handoffs: Acts, handoff: HandoffView) -> list[tuple[str, str | None]]:
    return [(event.event, event.agent_id) for event in await handoffs.list_events(handoff.id)]


class TestRequests:
    async def test_the_story_is_kept_as_it_stood(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "你好", "您好")
        clock.move(minutes=3)
        slots = {"product": "农户贷", "region": "青河县柳树村", "amount": 50000, "has_overdue": False}
        waiting = await ask_for_human(inbox, handoffs, conversation, slots=slots, topic="scam", reason="sensitive")
        assert (waiting.reason, waiting.topic) == ("sensitive", "scam")
        assert (waiting.product, waiting.region, waiting.requested_at) == ("农户贷", "青河县柳树村", clock.now)
        await talk(inbox, conversation, "人呢", "请稍等")
        assert (await handoffs.read_story(waiting.id)).slots == slots
        assert [(m.author, m.text) for m in await record.list_messages(conversation)] == [
            ("customer", "你好"),
            ("bot", "您好"),
            ("customer", "转人工"),
            ("bot", "已为您转人工客服"),
            ("customer", "人呢"),
            ("bot", "请稍等"),
        ]

    async def test_a_waiting_customer_gets_no_second_handoff(
        self, inbox: Inbox, handoffs: Acts, waiting: HandoffView, database: Database
    ) -> None:
        again = await ask_for_human(inbox, handoffs, waiting.conversation_id, "人呢", reason="complaint")
        assert again == waiting
        assert await count(database, Handoff) == 1

    @pytest.mark.parametrize(
        ("slots", "product", "region"),
        [
            ({}, None, None),
            ({"product": "", "region": None}, None, None),
            ({"product": 5, "region": ["村"]}, None, None),
            ({"product": "贷" * 40, "region": "村" * 120}, "贷" * 32, "村" * 100),
        ],
    )
    @sqlite_only
    async def test_what_decides_who_gets_it_fits_whatever_was_filled_in(
        self,
        inbox: Inbox,
        handoffs: Acts,
        conversation: str,
        slots: dict[str, Any],
        product: str | None,
        region: str | None,
    ) -> None:
        waiting = await ask_for_human(inbox, handoffs, conversation, slots=slots)
        assert (waiting.product, waiting.region) == (product, region)


class TestUpdates:
    @pytest.mark.parametrize("is_offered", [False, True], ids=["queued", "assigned"])
    async def test_back_to_the_bot(
        self,
        record: Conversations,
        inbox: Inbox,
        handoffs: Acts,
        waiting: HandoffView,
        clock: FixedClock,
        is_offered: bool,
    ) -> None:
        if is_offered:
            await handoffs.assign(waiting.id, AN)
        clock.move(minutes=1)
        assert (await act(inbox, waiting.conversation_id, "不等了", "return")).holder == "bot"
        returned = await handoffs.get(waiting.id)
        assert (returned.state, returned.ended_at) == ("returned", clock.now)
        assert await read_holder(record, waiting.conversation_id) == "bot"
        assert (await list_steps(handoffs, waiting))[-1] == ("return", AN if is_offered else None)

    async def test_a_call_is_asked_for_and_booked_and_is_nobodys_yet(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, waiting: HandoffView, clock: FixedClock
    ) -> None:
        clock.move(minutes=1)
        await act(inbox, waiting.conversation_id, "给我打电话", "ask_callback")
        asked = await handoffs.get(waiting.id)
        assert (asked.state, asked.is_asked_phone, asked.told_to_wait_at) == ("queued", True, clock.now)

        await handoffs.assign(waiting.id, AN)
        due_at = clock.now + timedelta(hours=4)
        done = await act(inbox, waiting.conversation_id, PHONE, "book_callback", phone=PHONE, due_at=due_at)
        assert done.holder == "bot"
        booked = await handoffs.get(waiting.id)
        assert (booked.state, booked.callback_phone, booked.due_at) == ("callback", PHONE, due_at)
        assert (booked.is_asked_phone, booked.agent_id, booked.ended_at) == (False, None, None)
        assert (await list_steps(handoffs, waiting))[-1] == ("book_callback", AN)

    async def test_a_call_may_be_asked_for_at_once(self, inbox: Inbox, handoffs: Acts, conversation: str) -> None:
        handoff = HandoffRequest(reason="customer_request")
        await talk(
            inbox, conversation, "打给我", "号码？", handoff=handoff, handoff_update=HandoffUpdate(act="ask_callback")
        )
        live = await handoffs.find_live(conversation)
        assert live
        assert (live.state, live.is_asked_phone) == ("queued", True)

    async def test_when_the_wait_was_spoken_of_is_remembered(
        self, inbox: Inbox, handoffs: Acts, waiting: HandoffView, clock: FixedClock
    ) -> None:
        clock.move(minutes=2)
        await act(inbox, waiting.conversation_id, "人呢", "reassured")
        assert await handoffs.get(waiting.id) == waiting.model_copy(update={"told_to_wait_at": clock.now})
        assert await list_steps(handoffs, waiting) == [("request", None)]

    @sqlite_only
    @pytest.mark.parametrize("is_offered", [False, True], ids=["queued", "assigned"])
    async def test_a_sensitive_topic_raises_what_waits_where_it_stands(
        self,
        inbox: Inbox,
        handoffs: Acts,
        waiting: HandoffView,
        database: Database,
        clock: FixedClock,
        is_offered: bool,
    ) -> None:
        if is_offered:
            await handoffs.assign(waiting.id, AN)
        before, heard = await handoffs.get(waiting.id), await read_signals(database)
        clock.move(minutes=2)
        await act(inbox, waiting.conversation_id, "我被骗了", "escalate", topic="scam")
        change = {"reason": "sensitive", "topic": "scam", "told_to_wait_at": clock.now}
        assert await handoffs.get(waiting.id) == before.model_copy(update=change)
        assert Signal("desk", "queue", waiting.id) in (await read_signals(database))[len(heard) :]

    @pytest.mark.parametrize("caller", [None, AN, BO], ids=["nobody", "the same", "a colleague"])
    async def test_a_customer_is_called_once_however_often_it_is_booked(
        self, inbox: Inbox, handoffs: Acts, waiting: HandoffView, clock: FixedClock, caller: str | None
    ) -> None:
        await handoffs.take(waiting.id, AN)
        await handoffs.book_callback(waiting.id, PHONE, by=AN)
        await handoffs.assign_callback(waiting.id, caller, by=AN)
        first = await handoffs.get(waiting.id)
        again = await handoffs.reopen(waiting.id, AN)
        await handoffs.book_callback(again.id, "13900005678", by=AN)
        over, booked = await handoffs.get(waiting.id), await handoffs.get(again.id)
        assert (over.state, over.callback_phone, over.ended_at) == ("returned", None, clock.now)
        assert (await list_steps(handoffs, waiting))[-1] == ("rebook_callback", first.agent_id)
        assert (booked.state, booked.callback_phone, booked.agent_id) == ("callback", "13900005678", AN)
        # Whoever booked the other knows; of nobody's call the customer's manager is told.
        told = await handoffs.list_calls_to_remind_of(clock.now, 9)
        assert [call.id for call in told] == ([] if caller == AN else [waiting.id])

    async def test_a_cancelled_call_is_nobodys_any_more_and_its_number_is_gone(
        self,
        database: Database,
        record: Conversations,
        inbox: Inbox,
        handoffs: Acts,
        waiting: HandoffView,
        clock: FixedClock,
    ) -> None:
        chat = waiting.conversation_id
        await act(inbox, chat, PHONE, "book_callback", phone=PHONE, due_at=clock.now + timedelta(hours=4))
        booked = await handoffs.claim_callback(waiting.id, AN)
        assert await handoffs.mark_reminded(booked)
        clock.move(minutes=5)
        assert (await act(inbox, chat, "取消回电", "cancel_callback")).holder == "bot"
        cancelled = await handoffs.get(waiting.id)
        change = {"state": "returned", "ended_at": clock.now, "callback_phone": None}
        assert cancelled == booked.model_copy(update=change)
        by_number = select(Handoff.id).where(Handoff.search_keys.contains(PHONE))
        assert await database.fetch(by_number) == []
        assert (await list_steps(handoffs, waiting))[-1] == ("cancel_callback", AN)
        assert await handoffs.list_calls_to_remind_of(clock.now, 9) == [cancelled]  # staff are told anew
        assert await handoffs.find_callback(chat) is None
        assert (await handoffs.list_open(), await read_holder(record, chat)) == ([], "bot")

    @pytest.mark.parametrize("is_offered", [False, True], ids=["queued", "assigned"])
    async def test_so_is_a_wait_for_which_a_number_was_left(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, waiting: HandoffView, is_offered: bool
    ) -> None:
        chat = waiting.conversation_id
        await act(inbox, chat, "给我打电话", "ask_callback", phone=PHONE)
        if is_offered:
            await handoffs.assign(waiting.id, AN)
        assert [call.id for call in await handoffs.list_calls(chat)] == [waiting.id]
        assert (await act(inbox, chat, "取消回电", "cancel_callback")).holder == "bot"
        assert ((await handoffs.get(waiting.id)).state, await read_holder(record, chat)) == ("returned", "bot")
        assert await handoffs.list_calls(chat) == []

    async def test_the_call_of_the_customer_is_cancelled_and_nobody_elses(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, waiting: HandoffView, clock: FixedClock
    ) -> None:
        chat = waiting.conversation_id
        stranger = await ask_for_human(inbox, handoffs, (await record.open_conversation("web", "li")).id)
        await handoffs.book_callback(stranger.id, PHONE)
        await handoffs.book_callback(waiting.id, PHONE)
        clock.move(minutes=1)
        second = await ask_for_human(inbox, handoffs, chat, "再转人工")
        assert [call.id for call in await handoffs.list_calls(chat)] == [waiting.id]
        assert (await act(inbox, chat, "取消回电", "cancel_callback")).holder == "queue"
        assert {handoff.id for handoff in await handoffs.list_open()} == {stranger.id, second.id}

    async def test_a_talk_is_no_call_to_cancel(self, inbox: Inbox, handoffs: Acts, waiting: HandoffView) -> None:
        await act(inbox, waiting.conversation_id, "给我打电话", "ask_callback", phone=PHONE)
        taken = await handoffs.take(waiting.id, AN)
        assert await handoffs.list_calls(waiting.conversation_id) == []
        assert (await act(inbox, waiting.conversation_id, "取消回电", "cancel_callback")).holder == "agent"
        assert await handoffs.get(waiting.id) == taken

    @pytest.mark.parametrize(
        "kind", ["return", "ask_callback", "book_callback", "cancel_callback", "reassured", "escalate"]
    )
    async def test_an_agent_who_was_faster_is_not_talked_over(
        self,
        record: Conversations,
        inbox: Inbox,
        handoffs: Acts,
        waiting: HandoffView,
        database: Database,
        kind: Any,
    ) -> None:
        chat = waiting.conversation_id
        claimed = await hear(inbox, chat, "不等了")
        taken = await handoffs.take(waiting.id, AN)
        consent = ConsentGiven(purpose="callback")
        update = HandoffUpdate(act=kind, phone=PHONE)
        outcome = TurnOutcome(replies=[Reply(text="好的")], handoff_update=update, consents=[consent])
        nothing, again = await inbox.record_outcome(claimed, outcome, owner=OWNER, is_awaited=True)
        assert (nothing, again and again.holder) == (None, "agent")
        assert await handoffs.get(waiting.id) == taken
        assert [event for event, _ in await list_steps(handoffs, waiting)] == ["request", "take"]
        assert (await record.list_messages(chat))[-1].text == "不等了"
        assert await count(database, LedgerRecord) == 0

    @pytest.mark.parametrize(
        "kind", ["return", "ask_callback", "book_callback", "cancel_callback", "reassured", "escalate"]
    )
    @sqlite_only
    async def test_nothing_happens_once_it_is_over(
        self, inbox: Inbox, handoffs: Acts, waiting: HandoffView, kind: Any
    ) -> None:
        over = await handoffs.return_to_bot(waiting.id)
        assert (await act(inbox, waiting.conversation_id, "不等了", kind, phone=PHONE)).holder == "bot"
        assert await handoffs.get(waiting.id) == over


class TestRating:
    async def test_the_talk_is_rated_also_while_another_goes_on(
        self, inbox: Inbox, handoffs: Acts, waiting: HandoffView
    ) -> None:
        chat = waiting.conversation_id
        await handoffs.take(waiting.id, AN)
        await handoffs.close(waiting.id, by=AN)
        second = await ask_for_human(inbox, handoffs, chat, "再转人工")
        await handoffs.take(second.id, AN)
        done = await act(inbox, chat, "满意", "rate", handoff_id=waiting.id, rating=4)
        assert ([reply.text for reply in done.replies], done.holder) == (["好的，满意"], "agent")
        assert (await handoffs.get(waiting.id)).rating == 4
        assert (await handoffs.get(second.id)).rating is None

    async def test_somebody_elses_talk_and_an_unknown_one_are_not_rated(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, waiting: HandoffView
    ) -> None:
        stranger = (await record.open_conversation("web", "li")).id
        for text, handoff_id in (("满意", waiting.id), ("一般", "unknown"), ("不满意", None)):
            await act(inbox, stranger, text, "rate", handoff_id=handoff_id, rating=1)
        assert (await handoffs.get(waiting.id)).rating is None


@sqlite_only
class TestFailures:
    async def read_failures(self, inbox: Inbox, conversation: str, text: str) -> int:
        """How often the bot failed just before a message, which it then understands unless told otherwise."""
        return (await hear(inbox, conversation, text)).failures

    async def test_failures_in_a_row_are_counted(self, inbox: Inbox, conversation: str) -> None:
        await talk(inbox, conversation, "你好", "您好")
        await talk(inbox, conversation, "啊巴", "没听懂", is_understood=False)
        claimed = await hear(inbox, conversation, "阿巴")
        assert claimed.failures == 1
        await answer(inbox, claimed, "没听懂", is_understood=False)
        assert await self.read_failures(inbox, conversation, "呃") == 2

    @pytest.mark.parametrize(
        "outcome",
        [
            pytest.param({}, id="understood"),
            pytest.param(
                {"is_understood": False, "handoff": HandoffRequest(reason="not_understood")}, id="handed over"
            ),
        ],
    )
    async def test_the_row_ends(self, inbox: Inbox, conversation: str, outcome: dict[str, Any]) -> None:
        for text in ("啊巴", "阿巴"):
            await talk(inbox, conversation, text, "没听懂", is_understood=False)
        await talk(inbox, conversation, "额度", "好的", **outcome)
        assert await self.read_failures(inbox, conversation, "呃") == 0
