"""Each message is recorded once and answered once, in order, whichever processes come, go or meet."""

import asyncio

import pytest
from pydantic import ValidationError

from conversations.client import Conversations
from conversations.inbox import WORKER_PATIENCE, Inbox
from conversations.outbox import Outbox
from conversations.schemas import (
    HandoffRequest,
    PushGrant,
    RecordedInbound,
    Reply,
    TurnOutcome,
)
from conversations.tables import Consent, Delivery, Handoff, Message
from kit.database import Database
from kit.settings import Settings
from tests.conversations.talk import ASK_TRADE, HANDED_OVER, OTHER, WORKER, answer, count, make_inbound, say, talk
from tests.fakes import FixedClock


def to_answer(recorded: RecordedInbound | None) -> str | None:
    """What the asking worker has to answer first."""
    return recorded.turn.message.text if recorded and recorded.turn else None


async def pass_patience(clock: FixedClock) -> None:
    clock.move(seconds=WORKER_PATIENCE.total_seconds() + 0.001)


class TestRecording:
    async def test_a_message_acts_once(
        self, inbox: Inbox, conversation: str, database: Database, clock: FixedClock
    ) -> None:
        first = await say(inbox, conversation, "你好", worker=WORKER)
        assert (first.message.text, first.message.sender, first.message.direction) == ("你好", "customer", "inbound")
        assert (first.message.message_id, first.message.at) == ("id-of-你好", clock.now)
        assert (first.holder, first.replies, first.offer, to_answer(first)) == ("bot", None, None, "你好")

        done = await answer(inbox, conversation, first.message.id, "您好", ASK_TRADE)
        assert [reply.text for reply in done.replies] == ["您好", "您主要是做什么的？"]
        assert (done.holder, done.offer, done.next_turn) == ("bot", None, None)
        assert {reply.sender for reply in done.replies} == {"bot"}

        clock.move(minutes=1)
        again = await inbox.record(conversation, make_inbound("别的", message_id="id-of-你好"), worker=OTHER)
        assert (again.message, again.replies, again.turn) == (first.message, done.replies, None)
        assert await count(database, Message) == 3

    async def test_a_message_without_an_answer_is_still_to_be_answered(self, inbox: Inbox, conversation: str) -> None:
        await say(inbox, conversation, "你好")
        again = await say(inbox, conversation, "你好", worker=WORKER)
        assert (again.replies, to_answer(again)) == (None, "你好")

    async def test_a_message_answered_with_silence_is_answered(self, inbox: Inbox, conversation: str) -> None:
        await talk(inbox, conversation, "在吗")
        again = await say(inbox, conversation, "在吗", worker=OTHER)
        assert (again.replies, again.turn) == ([], None)

    async def test_from_several_processes_at_once_it_is_recorded_and_answered_once(
        self, inbox: Inbox, other_inbox: Inbox, conversation: str, database: Database
    ) -> None:
        each = ((inbox, WORKER), (other_inbox, OTHER)) * 4
        recorded = await asyncio.gather(*(say(process, conversation, "转人工", worker=w) for process, w in each))
        assert len({each.message.id for each in recorded}) == 1
        turns = [(worker, r.turn) for (_, worker), r in zip(each, recorded, strict=True) if r.turn]
        assert len(turns) == 1

        (worker, turn) = turns[0]
        told = await asyncio.gather(
            *(
                p.record_outcome(conversation, turn.message.id, HANDED_OVER, holder="bot", worker=worker)
                for p, _ in each
            )
        )
        assert len([done for done in told if done]) == 1
        assert [await count(database, table) for table in (Message, Handoff, Consent)] == [2, 1, 1]

    async def test_the_same_id_in_two_conversations_is_two_messages(
        self, record: Conversations, inbox: Inbox, conversation: str
    ) -> None:
        stranger = (await record.open_conversation("web", "li")).id
        for someone, text in ((conversation, "我姓张"), (stranger, "我姓李")):
            await say(inbox, someone, text, message_id="message-1")
        assert [m.text for m in await record.list_messages(conversation)] == ["我姓张"]
        assert [m.text for m in await record.list_messages(stranger)] == ["我姓李"]

    async def test_an_outcome_that_cannot_be_stored_leaves_nothing(
        self, record: Conversations, inbox: Inbox, conversation: str, database: Database
    ) -> None:
        handoff = HandoffRequest(reason="customer_request", slots={"amount": object()})
        with pytest.raises(Exception, match="not JSON serializable"):
            await talk(inbox, conversation, "转人工", "已为您转人工客服", push="offered", handoff=handoff)
        assert (await record.get_conversation(conversation)).holder == "bot"
        assert [m.text for m in await record.list_messages(conversation)] == ["转人工"]
        assert await count(database, Delivery) == 0
        assert (await say(inbox, conversation, "转人工")).replies is None

    async def test_a_turn_tells_all_that_is_needed_to_answer(self, inbox: Inbox, conversation: str) -> None:
        recorded = await say(inbox, conversation, "[语音]", kind="voice", worker=WORKER)
        turn = recorded.turn
        assert turn
        assert turn.message == recorded.message
        assert (turn.channel, turn.kind, turn.payload, turn.holder, turn.attempt) == ("web", "voice", None, "bot", 1)
        await answer(inbox, conversation, turn.message.id, handoff=HandoffRequest(reason="complaint"))
        menu = await say(inbox, conversation, "查额度", kind="event", payload="/check_quota", worker=WORKER)
        assert menu.turn
        assert (menu.turn.kind, menu.turn.payload, menu.turn.holder) == ("event", "/check_quota", "queue")


class TestWorkers:
    async def test_only_one_worker_gets_a_conversation(
        self, inbox: Inbox, other_inbox: Inbox, conversation: str
    ) -> None:
        for text in ("一", "二", "三"):
            await say(inbox, conversation, text)
        workers = [(inbox, "a"), (other_inbox, "b"), (inbox, "c"), (other_inbox, "d")] * 3
        turns = await asyncio.gather(*(process.claim(conversation, worker) for process, worker in workers))
        assert [turn.message.text for turn in turns if turn] == ["一"]

    async def test_the_oldest_unanswered_message_comes_first(self, inbox: Inbox, conversation: str) -> None:
        await say(inbox, conversation, "一")
        assert to_answer(await say(inbox, conversation, "二", worker=WORKER)) == "一"
        assert to_answer(await say(inbox, conversation, "三", worker=WORKER)) is None
        assert to_answer(await say(inbox, conversation, "三", worker=OTHER)) is None

    async def test_what_came_meanwhile_is_handed_out_in_order(
        self, inbox: Inbox, other_inbox: Inbox, conversation: str
    ) -> None:
        turn = (await say(inbox, conversation, "一", worker=WORKER)).turn
        for process, text in ((other_inbox, "二"), (inbox, "三"), (other_inbox, "四")):
            assert to_answer(await say(process, conversation, text, worker=OTHER)) is None
        answered = []
        while turn:
            answered.append((turn.message.text, turn.attempt))
            turn = (await answer(inbox, conversation, turn.message.id, "好的")).next_turn
        assert answered == [("一", 1), ("二", 1), ("三", 1), ("四", 1)]
        assert to_answer(await say(other_inbox, conversation, "五", worker=OTHER)) == "五"

    async def test_another_conversation_is_nobodys_business(
        self, record: Conversations, inbox: Inbox, conversation: str
    ) -> None:
        stranger = (await record.open_conversation("web", "li")).id
        await say(inbox, conversation, "一", worker=WORKER)
        assert to_answer(await say(inbox, stranger, "别人", worker=WORKER)) == "别人"

    async def test_a_worker_that_vanished_loses_the_conversation_and_changes_nothing_any_more(
        self,
        record: Conversations,
        inbox: Inbox,
        other_inbox: Inbox,
        conversation: str,
        clock: FixedClock,
        database: Database,
    ) -> None:
        inbound = (await say(inbox, conversation, "转人工", worker=WORKER)).message.id
        clock.move(seconds=WORKER_PATIENCE.total_seconds() - 0.001)
        assert await other_inbox.claim(conversation, OTHER) is None
        clock.move(seconds=0.002)
        taken_over = await other_inbox.claim(conversation, OTHER)
        assert taken_over
        assert (taken_over.message.text, taken_over.attempt) == ("转人工", 2)

        late = await inbox.record_outcome(
            conversation, inbound, HANDED_OVER, holder="bot", worker=WORKER, push="offered"
        )
        assert late is None
        assert (await record.get_conversation(conversation)).holder == "bot"
        assert [await count(database, table) for table in (Message, Handoff, Consent, Delivery)] == [1, 0, 0, 0]
        await inbox.give_back(conversation, WORKER)  # of no avail either
        assert await inbox.claim(conversation, WORKER) is None

        done = await other_inbox.record_outcome(
            conversation, inbound, TurnOutcome(replies=[Reply(text="您好")]), holder="bot", worker=OTHER
        )
        assert done
        assert await inbox.record_outcome(conversation, inbound, HANDED_OVER, holder="bot", worker=WORKER) is None
        assert [m.text for m in await record.list_messages(conversation)] == ["转人工", "您好"]

    async def test_a_worker_that_was_only_slow_may_still_answer(
        self, inbox: Inbox, conversation: str, clock: FixedClock
    ) -> None:
        inbound = (await say(inbox, conversation, "一", worker=WORKER)).message.id
        await pass_patience(clock)
        assert [r.text for r in (await answer(inbox, conversation, inbound, "好的")).replies] == ["好的"]

    async def test_each_message_renews_the_patience(self, inbox: Inbox, conversation: str, clock: FixedClock) -> None:
        inbound = (await say(inbox, conversation, "一", worker=WORKER)).message.id
        for text in ("二", "三"):
            await say(inbox, conversation, text)
        for _ in range(2):
            clock.move(seconds=WORKER_PATIENCE.total_seconds() - 1)
            assert await inbox.claim(conversation, OTHER) is None
            turn = (await answer(inbox, conversation, inbound, "好的")).next_turn
            assert turn
            inbound = turn.message.id

    async def test_what_is_given_back_is_tried_again_at_once_and_attempts_are_counted(
        self, inbox: Inbox, other_inbox: Inbox, conversation: str
    ) -> None:
        await say(inbox, conversation, "一", worker=WORKER)
        for attempt, (process, worker) in enumerate([(other_inbox, OTHER), (inbox, WORKER), (inbox, WORKER)], start=2):
            last = OTHER if attempt == 3 else WORKER
            await inbox.give_back(conversation, last)
            turn = await process.claim(conversation, worker)
            assert turn
            assert (turn.message.text, turn.attempt) == ("一", attempt)

    async def test_only_what_is_ones_own_is_given_back(self, inbox: Inbox, conversation: str) -> None:
        await say(inbox, conversation, "一", worker=WORKER)
        await inbox.give_back(conversation, OTHER)
        assert await inbox.claim(conversation, OTHER) is None

    async def test_conversations_left_alone_are_found_and_no_others(
        self, record: Conversations, inbox: Inbox, clock: FixedClock
    ) -> None:
        ids = {}
        for name in ("nobody", "busy", "vanished", "given back", "answered", "never"):
            ids[name] = (await record.open_conversation("web", name)).id
        await say(inbox, ids["vanished"], "一", worker=WORKER)
        await pass_patience(clock)
        await say(inbox, ids["nobody"], "一")
        await say(inbox, ids["nobody"], "二")
        await say(inbox, ids["busy"], "一", worker=WORKER)
        await say(inbox, ids["busy"], "二")
        await say(inbox, ids["given back"], "一", worker=WORKER)
        clock.move(seconds=1)
        await inbox.give_back(ids["given back"], WORKER)
        await talk(inbox, ids["answered"], "一", "好的")
        assert await inbox.list_left_alone() == [ids["vanished"], ids["nobody"], ids["given back"]]
        assert await inbox.list_left_alone(limit=1) == [ids["vanished"]]
        await pass_patience(clock)
        assert ids["busy"] in await inbox.list_left_alone()

    async def test_many_processes_write_at_once_without_deadlock(
        self, record: Conversations, inbox: Inbox, other_inbox: Inbox, database: Database
    ) -> None:
        conversations = [(await record.open_conversation("web", f"{n}")).id for n in range(4)]

        async def work(process: Inbox, conversation: str, n: int) -> None:
            worker, grant = f"worker-{n}", PushGrant(seconds=60, messages=5)
            inbound = make_inbound(f"{n}", grant=grant, source=f"village:{n}")
            turn = (await process.record(conversation, inbound, worker=worker)).turn
            while turn:
                outcome = TurnOutcome(replies=[Reply(text=f"答{turn.message.text}"), ASK_TRADE])
                done = await process.record_outcome(
                    conversation, turn.message.id, outcome, holder=turn.holder, worker=worker, push="waiting"
                )
                assert done
                turn = done.next_turn

        async with asyncio.timeout(20):
            await asyncio.gather(
                *(work((inbox, other_inbox)[n % 2], conversations[n % 4], n) for n in range(20)),
                *(Outbox(database).claim(["web"], 5) for _ in range(5)),
            )
        for conversation in conversations:
            said = await record.list_messages(conversation)
            asked = [m.text for m in said if m.direction == "inbound"]
            answered = [m.text.removeprefix("答") for m in said if m.text.startswith("答")]
            assert len(asked) == 5
            assert answered == asked


def test_no_turn_may_be_set_to_last_longer_than_the_patience_with_its_worker() -> None:
    with pytest.raises(ValidationError, match="turn_seconds"):
        Settings(turn_seconds=WORKER_PATIENCE.total_seconds())
