"""What staff do with a handoff, transition by transition: its agent, the holder, events, signals and messages."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest

from conversations.handoff.schemas import HandoffView
from conversations.inbox import Inbox
from conversations.schemas import TALKS, Reply
from conversations.service import Conversations
from kit.database import Database
from kit.errors import RequestError
from kit.pubsub import Signal
from tests.conversations.acts import Acts
from tests.conversations.talk import AN, BO, CHEN, MOVED_ON, PHONE, act, ask_for_human, read_signals, sqlite_only, talk
from tests.fakes import FixedClock

MINUTE = timedelta(minutes=1)


async def later(clock: FixedClock, act: Awaitable[Any]) -> Any:
    """Another minute has passed."""
    clock.move(minutes=1)
    return await act


async def read_holder(record: Conversations, handoff: HandoffView) -> str:
    return (await record.get_conversation(handoff.conversation_id)).holder


class TestTransitions:
    async def test_a_request_waits_in_the_queue_and_the_bot_is_mute(
        self, record: Conversations, handoffs: Acts, waiting: HandoffView, clock: FixedClock
    ) -> None:
        assert (waiting.state, waiting.agent_id, waiting.channel) == ("queued", None, "web")
        assert (waiting.requested_at, waiting.told_to_wait_at) == (clock.now, None)
        assert (waiting.assigned_at, waiting.accepted_at, waiting.answered_at, waiting.ended_at) == (None,) * 4
        assert await read_holder(record, waiting) == "queue"
        assert await handoffs.get(waiting.id) == waiting
        (event,) = await handoffs.list_events(waiting.id)
        assert (event.event, event.state, event.staff_id, event.agent_id) == ("request", "queued", None, None)
        assert event.at == clock.now

    async def test_out_of_hours_it_waits_for_the_office_to_open_and_to_close_again(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, conversation: str, clock: FixedClock
    ) -> None:
        due_at = clock.now + timedelta(hours=15)
        waiting = await ask_for_human(inbox, handoffs, conversation, is_open=False, due_at=due_at)
        assert (waiting.state, waiting.due_at) == ("requested", due_at)
        assert await read_holder(record, waiting) == "queue"
        assert (await later(clock, handoffs.enqueue(waiting.id))).state == "queued"
        replies = [Reply(text="现在下班了，明天8:30联系您。")]
        deferred = await later(clock, handoffs.defer(waiting.id, due_at, replies=replies))
        assert (deferred.state, deferred.told_to_wait_at) == ("requested", clock.now)
        assert (await later(clock, handoffs.enqueue(waiting.id))).state == "queued"
        assert await read_holder(record, waiting) == "queue"

    async def test_it_is_taken_talked_about_and_closed(
        self, record: Conversations, handoffs: Acts, waiting: HandoffView, clock: FixedClock
    ) -> None:
        taken = await later(clock, handoffs.take(waiting.id, AN))
        assert (taken.state, taken.agent_id, taken.accepted_at) == ("active", AN, clock.now)
        assert await read_holder(record, waiting) == "agent"
        closed = await later(clock, handoffs.close(waiting.id, disposition="solved", summary="已说明", by=AN))
        assert (closed.state, closed.agent_id, closed.ended_at) == ("closed", AN, clock.now)
        assert (closed.accepted_at, closed.disposition, closed.summary) == (clock.now - MINUTE, "solved", "已说明")
        assert await read_holder(record, waiting) == "bot"
        assert await handoffs.find_live(waiting.conversation_id) is None
        events = [(e.event, e.state, e.staff_id, e.agent_id) for e in await handoffs.list_events(waiting.id)]
        assert events == [
            ("request", "queued", None, None),
            ("take", "active", AN, AN),
            ("close", "closed", AN, AN),
        ]

    async def test_it_is_offered_declined_offered_again_and_accepted(
        self, record: Conversations, handoffs: Acts, waiting: HandoffView, clock: FixedClock
    ) -> None:
        offered = await later(clock, handoffs.assign(waiting.id, AN, note="负责这个村"))
        assert (offered.state, offered.agent_id, offered.assigned_at) == ("assigned", AN, clock.now)
        declined = await later(clock, handoffs.decline(waiting.id, only_of=AN, note="没有应答"))
        assert (declined.state, declined.agent_id) == ("queued", None)
        await later(clock, handoffs.assign(waiting.id, BO))
        await later(clock, handoffs.assign(waiting.id, AN, by=CHEN))  # a supervisor wants it so
        assert await read_holder(record, waiting) == "queue"
        accepted = await later(clock, handoffs.accept(waiting.id, AN))
        assert (accepted.state, accepted.agent_id) == ("active", AN)
        assert (accepted.assigned_at, accepted.accepted_at) == (clock.now - MINUTE, clock.now)
        events = [(e.event, e.staff_id, e.agent_id, e.note) for e in await handoffs.list_events(waiting.id)]
        assert events[1:] == [
            ("assign", None, AN, "负责这个村"),
            ("decline", None, AN, "没有应答"),
            ("assign", None, BO, ""),
            ("assign", CHEN, AN, ""),
            ("accept", AN, AN, ""),
        ]

    async def test_it_goes_from_hand_to_hand_and_keeps_its_first_times(
        self, record: Conversations, handoffs: Acts, waiting: HandoffView, clock: FixedClock
    ) -> None:
        begun = (await later(clock, handoffs.take(waiting.id, AN))).accepted_at
        transferred = await later(clock, handoffs.transfer(waiting.id, BO, only_of=AN, by=AN))
        assert (transferred.state, transferred.agent_id, transferred.assigned_at) == ("assigned", BO, clock.now)
        assert await read_holder(record, waiting) == "queue"
        taken_over = await later(clock, handoffs.take_over(waiting.id, CHEN))
        assert (taken_over.state, taken_over.agent_id, taken_over.accepted_at) == ("active", CHEN, begun)
        requeued = await later(clock, handoffs.requeue(waiting.id, only_of=CHEN, note="坐席断线"))
        assert (requeued.state, requeued.agent_id, requeued.requested_at) == ("queued", None, waiting.requested_at)
        assert await read_holder(record, waiting) == "queue"
        events = [(e.event, e.staff_id, e.agent_id) for e in await handoffs.list_events(waiting.id)]
        assert events[2:] == [("transfer", AN, BO), ("take_over", CHEN, CHEN), ("requeue", None, CHEN)]

    async def test_a_wanted_skill_lasts_until_somebody_has_the_customer(
        self, handoffs: Acts, waiting: HandoffView
    ) -> None:
        await handoffs.take(waiting.id, AN)
        await handoffs.requeue(waiting.id, by=AN, wanted_skill="complaint")
        for event in ("assign", "decline", "assign", "requeue", "assign"):
            moved = await handoffs.move(waiting.id, event, staff_id=None, agent_id=BO)
            assert moved.wanted_skill == "complaint", event
        assert (await handoffs.accept(waiting.id, BO)).wanted_skill is None
        assert (await handoffs.requeue(waiting.id, by=BO)).wanted_skill is None

    async def test_it_is_given_back_to_the_bot_which_says_so(
        self, record: Conversations, handoffs: Acts, waiting: HandoffView, clock: FixedClock
    ) -> None:
        await later(clock, handoffs.take(waiting.id, AN))
        replies = [Reply(text="接下来由小禾为您服务。")]
        returned = await later(clock, handoffs.return_to_bot(waiting.id, only_of=AN, replies=replies, by=AN))
        assert (returned.state, returned.ended_at) == ("returned", clock.now)
        assert await read_holder(record, waiting) == "bot"
        (said,) = await record.list_last_messages(waiting.conversation_id, 1)
        assert (said.author, said.text, said.at) == ("bot", "接下来由小禾为您服务。", clock.now)

    async def test_a_call_is_promised_claimed_and_done_while_the_bot_goes_on(
        self, record: Conversations, handoffs: Acts, waiting: HandoffView, clock: FixedClock
    ) -> None:
        due_at = clock.now + timedelta(hours=4)
        await later(clock, handoffs.take(waiting.id, AN))
        booked = await later(clock, handoffs.book_callback(waiting.id, PHONE, due_at=due_at, by=AN))
        assert (booked.state, booked.callback_phone, booked.due_at, booked.ended_at) == (
            "callback",
            PHONE,
            due_at,
            None,
        )
        assert booked.agent_id == AN  # who talked will call, unless somebody else does
        assert await read_holder(record, waiting) == "bot"
        claimed = await later(clock, handoffs.claim_callback(waiting.id, BO, only_of=AN))
        assert (claimed.state, claimed.agent_id, claimed.accepted_at) == ("callback", BO, clock.now - 2 * MINUTE)
        assert [h.id for h in await handoffs.list_open()] == [waiting.id]
        closed = await later(clock, handoffs.close(waiting.id, only_of=BO, disposition="solved", by=BO))
        assert (closed.state, closed.ended_at) == ("closed", clock.now)
        assert await handoffs.list_open() == []

    async def test_a_promised_call_stays_while_the_customer_asks_again(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, waiting: HandoffView, clock: FixedClock
    ) -> None:
        chat = waiting.conversation_id
        await act(inbox, chat, "打给我", "book_callback", phone=PHONE, due_at=clock.now)
        clock.move(minutes=1)
        second = await ask_for_human(inbox, handoffs, chat, "还是转人工")
        assert [h.id for h in await handoffs.list_open()] == [waiting.id, second.id]
        for event, holder in (("take", "agent"), ("requeue", "queue")):
            await handoffs.move(second.id, event, staff_id=AN)  # type: ignore[arg-type]
            await handoffs.claim_callback(waiting.id, BO)
            assert await read_holder(record, waiting) == holder
        await handoffs.close(waiting.id, by=BO)
        assert await read_holder(record, waiting) == "queue"
        live = await handoffs.find_live(chat)
        assert live
        assert live.id == second.id
        await handoffs.return_to_bot(second.id)
        assert await read_holder(record, waiting) == "bot"
        assert [h.id for h in await handoffs.list_of_conversation(chat)] == [waiting.id, second.id]


class TestRefusals:
    async def test_only_whose_it_is_or_nobodys(self, handoffs: Acts, waiting: HandoffView) -> None:
        with pytest.raises(RequestError, match=MOVED_ON):
            await handoffs.assign(waiting.id, AN, only_of=BO)
        await handoffs.assign(waiting.id, AN, only_of="")
        for whose in ("", BO):
            with pytest.raises(RequestError, match=MOVED_ON):
                await handoffs.assign(waiting.id, BO, only_of=whose)
        assert (await handoffs.get(waiting.id)).agent_id == AN

    async def test_a_refused_transition_leaves_nothing(
        self, record: Conversations, handoffs: Acts, waiting: HandoffView
    ) -> None:
        said = await record.list_messages(waiting.conversation_id)
        with pytest.raises(RequestError, match=MOVED_ON):
            await handoffs.close(waiting.id, replies=[Reply(text="再见")], disposition="solved", summary="早了", by=AN)
        assert await handoffs.get(waiting.id) == waiting
        assert len(await handoffs.list_events(waiting.id)) == 1
        assert await record.list_messages(waiting.conversation_id) == said

    async def test_an_unknown_handoff_is_said_to_be_unknown(self, handoffs: Acts, waiting: HandoffView) -> None:
        for transition in (
            handoffs.get("nothing"),
            handoffs.read_story("nothing"),
            handoffs.take("nothing", AN),
            handoffs.say("nothing", AN, "您好", "key-1"),
            handoffs.reassure(waiting.model_copy(update={"id": "nothing"}), [Reply(text="请稍等")]),
        ):
            with pytest.raises(RequestError, match="404 unknown_handoff"):
                await transition


class TestSignals:
    @sqlite_only
    async def test_every_transition_is_signalled_to_every_process(
        self, inbox: Inbox, handoffs: Acts, conversation: str, database: Database
    ) -> None:
        await talk(inbox, conversation, "你好", "您好")
        told, listed = Signal(conversation, "message"), Signal(TALKS, "message", conversation)
        heard = [told, told]  # the customer's page may be open in another process
        assert await read_signals(database) == heard

        waiting = await ask_for_human(inbox, handoffs, conversation)
        moved = [Signal("desk", "queue", waiting.id), Signal(conversation, "holder")]
        assert await read_signals(database) == (heard := [*heard, told, told, *moved])
        await handoffs.take(waiting.id, AN)
        assert await read_signals(database) == (heard := heard + moved)
        await handoffs.say(waiting.id, AN, "您好", "key-1")
        assert await read_signals(database) == (heard := [*heard, told, listed])
        await talk(inbox, conversation, "您好，我想问一下")
        assert await read_signals(database) == (heard := [*heard, told, listed])
        await handoffs.add_note(conversation, AN, "老客户")
        assert await read_signals(database) == (heard := [*heard, Signal(conversation, "note", AN)])
        await handoffs.close(waiting.id, replies=[Reply(text="请打个分")], by=AN)
        assert await read_signals(database) == (heard := [*heard, *moved, told])
        await act(inbox, conversation, "满意", "rate", handoff_id=waiting.id, rating=4)
        assert await read_signals(database) == [*heard, told, told, Signal("desk", "rated", waiting.id)]
