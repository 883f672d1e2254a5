"""Each message is recorded once and answered once, in order, whichever processes come, go or meet."""

import asyncio

import pytest

from conversations.inbox import Inbox
from conversations.outbox import Outbox
from conversations.schemas import (
    Answer,
    ClaimedMessage,
    HandoffRequest,
    PushGrant,
    Reply,
    TurnOutcome,
)
from conversations.service import Conversations
from conversations.tables import Delivery, Handoff, Message
from conversations.undelivered import Undelivered
from kit.database import Database
from privacy.tables import LedgerRecord
from tests.conversations.talk import ASK_TRADE, HANDED_OVER, OTHER, OWNER, answer, count, hear, make_inbound, say, talk
from tests.fakes import FixedClock
from tests.waiting import WAIT_SECONDS

LEASE_SECONDS = 4.0


def to_answer(recorded: tuple[Answer, ClaimedMessage | None]) -> str | None:
    """What the asking process has to answer first."""
    return recorded[1].message.text if recorded[1] else None


def pass_lease(clock: FixedClock) -> None:
    clock.move(seconds=LEASE_SECONDS + 0.001)


class TestRecording:
    async def test_a_message_acts_once(
        self, inbox: Inbox, conversation: str, database: Database, clock: FixedClock
    ) -> None:
        first, claimed = await say(inbox, conversation, "你好", owner=OWNER)
        assert claimed
        assert (first.message.text, first.message.author, first.message.direction) == ("你好", "customer", "inbound")
        assert (first.message.message_id, first.message.at) == ("id-of-你好", clock.now)
        assert (first.holder, first.is_answered, first.passive_reply_id) == ("bot", False, None)
        assert claimed.message.text == "你好"

        done, following = await answer(inbox, claimed, "您好", ASK_TRADE)
        assert [reply.text for reply in done.replies] == ["您好", "您主要是做什么的？"]
        assert (done.holder, done.passive_reply_id, following) == ("bot", None, None)
        assert {reply.author for reply in done.replies} == {"bot"}

        clock.move(minutes=1)
        again, claimed = await inbox.record(conversation, make_inbound("别的", message_id="id-of-你好"), owner=OTHER)
        assert (again.message, again.replies, claimed) == (first.message, done.replies, None)
        assert await count(database, Message) == 3

    async def test_a_message_without_an_answer_is_still_to_be_answered(self, inbox: Inbox, conversation: str) -> None:
        await say(inbox, conversation, "你好")
        again = await say(inbox, conversation, "你好", owner=OWNER)
        assert (again[0].is_answered, to_answer(again)) == (False, "你好")

    async def test_a_message_answered_with_silence_is_answered(self, inbox: Inbox, conversation: str) -> None:
        await talk(inbox, conversation, "在吗")
        again, claimed = await say(inbox, conversation, "在吗", owner=OTHER)
        assert (again.is_answered, again.replies, claimed) == (True, [], None)

    async def test_from_several_processes_at_once_it_is_recorded_and_answered_once(
        self, inbox: Inbox, other_inbox: Inbox, conversation: str, database: Database
    ) -> None:
        each = ((inbox, OWNER), (other_inbox, OTHER)) * 4
        recorded = await asyncio.gather(*(say(process, conversation, "转人工", owner=w) for process, w in each))
        assert len({answered.message.id for answered, _ in recorded}) == 1
        owned = [(owner, claimed) for (_, owner), (_, claimed) in zip(each, recorded, strict=True) if claimed]
        assert len(owned) == 1

        (owner, claimed) = owned[0]
        told = await asyncio.gather(*(p.record_outcome(claimed, HANDED_OVER, owner=owner) for p, _ in each))
        assert len([done for done, _ in told if done]) == 1
        assert [await count(database, table) for table in (Message, Handoff, LedgerRecord)] == [2, 1, 1]

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
            await talk(inbox, conversation, "转人工", "已为您转人工客服", is_awaited=True, handoff=handoff)
        assert (await record.get_conversation(conversation)).holder == "bot"
        assert [m.text for m in await record.list_messages(conversation)] == ["转人工"]
        assert await count(database, Delivery) == 0
        assert not (await say(inbox, conversation, "转人工"))[0].is_answered

    async def test_a_claimed_message_tells_all_that_is_needed_to_answer(self, inbox: Inbox, conversation: str) -> None:
        recorded, claimed = await say(inbox, conversation, "[语音]", kind="voice", owner=OWNER)
        assert claimed
        assert (claimed.conversation_id, claimed.message) == (conversation, recorded.message)
        assert (claimed.channel, claimed.kind, claimed.payload) == ("web", "voice", None)
        assert (claimed.holder, claimed.attempt) == ("bot", 1)
        await answer(inbox, claimed, handoff=HandoffRequest(reason="complaint"))
        menu = await hear(inbox, conversation, "查额度", kind="event", payload="/check_quota")
        assert (menu.kind, menu.payload, menu.holder) == ("event", "/check_quota", "queue")


class TestLeases:
    async def test_only_one_process_gets_a_conversation(
        self, inbox: Inbox, other_inbox: Inbox, conversation: str
    ) -> None:
        for text in ("一", "二", "三"):
            await say(inbox, conversation, text)
        processes = [(inbox, "a"), (other_inbox, "b"), (inbox, "c"), (other_inbox, "d")] * 3
        claimed = await asyncio.gather(*(process.claim(conversation, owner) for process, owner in processes))
        assert [each.message.text for each in claimed if each] == ["一"]

    async def test_the_oldest_unanswered_message_comes_first(self, inbox: Inbox, conversation: str) -> None:
        await say(inbox, conversation, "一")
        assert to_answer(await say(inbox, conversation, "二", owner=OWNER)) == "一"
        assert to_answer(await say(inbox, conversation, "三", owner=OWNER)) is None
        assert to_answer(await say(inbox, conversation, "三", owner=OTHER)) is None

    async def test_what_came_meanwhile_is_claimed_in_order(
        self, inbox: Inbox, other_inbox: Inbox, conversation: str
    ) -> None:
        claimed: ClaimedMessage | None = await hear(inbox, conversation, "一")
        for process, text in ((other_inbox, "二"), (inbox, "三"), (other_inbox, "四")):
            assert to_answer(await say(process, conversation, text, owner=OTHER)) is None
        answered = []
        while claimed:
            answered.append((claimed.message.text, claimed.attempt))
            _, claimed = await answer(inbox, claimed, "好的")
        assert answered == [("一", 1), ("二", 1), ("三", 1), ("四", 1)]
        assert to_answer(await say(other_inbox, conversation, "五", owner=OTHER)) == "五"

    async def test_another_conversation_is_nobodys_business(
        self, record: Conversations, inbox: Inbox, conversation: str
    ) -> None:
        stranger = (await record.open_conversation("web", "li")).id
        await say(inbox, conversation, "一", owner=OWNER)
        assert to_answer(await say(inbox, stranger, "别人", owner=OWNER)) == "别人"

    async def test_a_process_that_vanished_loses_the_conversation_and_changes_nothing_any_more(
        self,
        record: Conversations,
        inbox: Inbox,
        other_inbox: Inbox,
        conversation: str,
        clock: FixedClock,
        database: Database,
    ) -> None:
        claimed = await hear(inbox, conversation, "转人工")
        clock.move(seconds=LEASE_SECONDS - 0.001)
        assert await other_inbox.claim(conversation, OTHER) is None
        clock.move(seconds=0.002)
        taken_over = await other_inbox.claim(conversation, OTHER)
        assert taken_over
        assert (taken_over.message.text, taken_over.attempt) == ("转人工", 2)

        late = await inbox.record_outcome(claimed, HANDED_OVER, owner=OWNER, is_awaited=True)
        assert late == (None, None)
        assert (await record.get_conversation(conversation)).holder == "bot"
        assert [await count(database, table) for table in (Message, Handoff, LedgerRecord, Delivery)] == [1, 0, 0, 0]
        await inbox.give_back(claimed, OWNER)  # of no avail either
        await inbox.close_unanswered(claimed, OWNER)
        assert await inbox.claim(conversation, OWNER) is None

        done, _ = await other_inbox.record_outcome(taken_over, TurnOutcome(replies=[Reply(text="您好")]), owner=OTHER)
        assert done
        assert await inbox.record_outcome(claimed, HANDED_OVER, owner=OWNER) == (None, None)
        assert [m.text for m in await record.list_messages(conversation)] == ["转人工", "您好"]

    async def test_a_process_that_claimed_again_cannot_record_what_it_decided_before(
        self, inbox: Inbox, conversation: str, clock: FixedClock
    ) -> None:
        before = await hear(inbox, conversation, "一")
        pass_lease(clock)
        again = await inbox.claim(conversation, OWNER)
        assert again
        assert await inbox.record_outcome(before, TurnOutcome(), owner=OWNER) == (None, None)
        await answer(inbox, again, "好的")

    async def test_a_process_that_was_only_slow_may_still_answer(
        self, inbox: Inbox, conversation: str, clock: FixedClock
    ) -> None:
        claimed = await hear(inbox, conversation, "一")
        pass_lease(clock)
        assert [r.text for r in (await answer(inbox, claimed, "好的"))[0].replies] == ["好的"]

    async def test_a_lease_that_is_renewed_outlives_any_turn(
        self, inbox: Inbox, other_inbox: Inbox, conversation: str, clock: FixedClock
    ) -> None:
        claimed = await hear(inbox, conversation, "一")
        for _ in range(6):
            clock.move(seconds=LEASE_SECONDS - 1)
            await inbox.renew(OWNER, [conversation])
            assert await other_inbox.claim(conversation, OTHER) is None
            assert await other_inbox.list_stalled() == []
        await answer(inbox, claimed, "好的")

    async def test_nothing_is_renewed_that_is_anothers_or_done(
        self, inbox: Inbox, other_inbox: Inbox, conversation: str, clock: FixedClock
    ) -> None:
        await hear(inbox, conversation, "一")
        pass_lease(clock)
        taken_over = await other_inbox.claim(conversation, OTHER)
        assert taken_over
        clock.move(seconds=LEASE_SECONDS - 1)
        await inbox.renew(OWNER, [conversation])  # it was frozen, and wakes up
        clock.move(seconds=1)
        assert await other_inbox.list_stalled() == [conversation]
        await other_inbox.record_outcome(taken_over, TurnOutcome(), owner=OTHER)
        for process, owner in ((inbox, OWNER), (other_inbox, OTHER)):
            await process.renew(owner, [conversation])
        pass_lease(clock)
        assert await inbox.list_stalled() == []
        await hear(inbox, conversation, "二")

    async def test_each_message_renews_the_lease(self, inbox: Inbox, conversation: str, clock: FixedClock) -> None:
        claimed = await hear(inbox, conversation, "一")
        for text in ("二", "三"):
            await say(inbox, conversation, text)
        for _ in range(2):
            clock.move(seconds=LEASE_SECONDS - 1)
            assert await inbox.claim(conversation, OTHER) is None
            _, following = await answer(inbox, claimed, "好的")
            assert following
            claimed = following

    async def test_what_is_given_back_is_tried_again_after_the_pause_and_attempts_are_counted(
        self, inbox: Inbox, other_inbox: Inbox, conversation: str, clock: FixedClock
    ) -> None:
        claimed = await hear(inbox, conversation, "一")
        owner = OWNER
        for attempt, (process, other) in enumerate([(other_inbox, OTHER), (inbox, OWNER), (inbox, OWNER)], start=2):
            await inbox.give_back(claimed, owner, pause_seconds=8)
            clock.move(seconds=7.9)
            assert await process.claim(conversation, other) is None
            assert to_answer(await say(process, conversation, f"{attempt}", owner=other)) is None
            clock.move(seconds=0.1)
            again = await process.claim(conversation, other)
            assert again
            assert (again.message.text, again.attempt) == ("一", attempt)
            claimed, owner = again, other

    async def test_only_what_is_ones_own_is_given_back(self, inbox: Inbox, conversation: str) -> None:
        claimed = await hear(inbox, conversation, "一")
        await inbox.give_back(claimed, OTHER)
        assert await inbox.claim(conversation, OTHER) is None

    async def test_what_is_given_up_is_shown_to_staff_and_what_follows_is_answered(
        self, inbox: Inbox, undelivered: Undelivered, conversation: str
    ) -> None:
        claimed = await hear(inbox, conversation, "一")
        await say(inbox, conversation, "二")
        await inbox.close_unanswered(claimed, OWNER)
        (shown,) = await undelivered.list_all()
        assert (shown.conversation_id, shown.state, shown.text) == (conversation, "unanswered", "一")
        assert await inbox.list_stalled() == [conversation]
        following = await inbox.claim(conversation, OWNER)
        assert following
        assert following.message.text == "二"
        await answer(inbox, following, "好的")
        assert await inbox.list_stalled() == []

    async def test_stalled_conversations_are_found_and_no_others(
        self, record: Conversations, inbox: Inbox, clock: FixedClock
    ) -> None:
        ids = {}
        for name in ("nobody", "busy", "vanished", "given back", "answered", "never"):
            ids[name] = (await record.open_conversation("web", name)).id
        await say(inbox, ids["vanished"], "一", owner=OWNER)
        pass_lease(clock)
        await say(inbox, ids["nobody"], "一")
        await say(inbox, ids["nobody"], "二")
        await say(inbox, ids["busy"], "一", owner=OWNER)
        await say(inbox, ids["busy"], "二")
        given_back = await hear(inbox, ids["given back"], "一")
        clock.move(seconds=1)
        await inbox.give_back(given_back, OWNER)
        await talk(inbox, ids["answered"], "一", "好的")
        assert await inbox.list_stalled() == [ids["vanished"], ids["nobody"], ids["given back"]]
        assert await inbox.list_stalled(limit=1) == [ids["vanished"]]
        pass_lease(clock)
        assert ids["busy"] in await inbox.list_stalled()

    async def test_many_processes_write_at_once_without_deadlock(
        self, record: Conversations, inbox: Inbox, other_inbox: Inbox, database: Database
    ) -> None:
        conversations = [(await record.open_conversation("telegram", f"{n}")).id for n in range(4)]

        async def work(process: Inbox, conversation: str, n: int) -> None:
            owner, grant = f"process-{n}", PushGrant(seconds=60, messages=5)
            inbound = make_inbound(f"{n}", grant=grant, source=f"village:{n}")
            _, claimed = await process.record(conversation, inbound, owner=owner)
            while claimed:
                outcome = TurnOutcome(replies=[Reply(text=f"答{claimed.message.text}"), ASK_TRADE])
                done, claimed = await process.record_outcome(claimed, outcome, owner=owner)
                assert done

        async with asyncio.timeout(WAIT_SECONDS):
            await asyncio.gather(
                *(work((inbox, other_inbox)[n % 2], conversations[n % 4], n) for n in range(20)),
                *(Outbox(database).claim(["telegram"], 5) for _ in range(5)),
            )
        for conversation in conversations:
            said = await record.list_messages(conversation)
            asked = [m.text for m in said if m.direction == "inbound"]
            answered = [m.text.removeprefix("答") for m in said if m.text.startswith("答")]
            assert len(asked) == 5
            assert answered == asked
