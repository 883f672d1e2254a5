"""What is to be said is sent once, in order, in time and only when the platform lets us."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import event

from conversations.inbox import Inbox
from conversations.outbox import AGENT_EXPIRY, EXPIRY, Outbox
from conversations.service import Conversations
from conversations.undelivered import Undelivered
from tests.conversations.acts import Acts
from tests.conversations.sending import ALL, MANY, claim, claim_one, grant, read_texts, send
from tests.conversations.talk import AN, ASK_TRADE, ask_for_human, talk
from tests.fakes import FixedClock

LEASE_SECONDS = 4.0


@pytest.fixture
async def conversation(record: Conversations) -> str:
    """A customer whose replies are pushed."""
    return (await record.open_conversation("telegram", "zhang")).id


class TestSending:
    async def test_replies_wait_as_one_delivery_and_are_sent_once(
        self, inbox: Inbox, outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        replies = (await talk(inbox, conversation, "你好", "您好", ASK_TRADE)).replies
        due = await claim_one(outbox)
        assert (due.channel, due.channel_user_id, due.parts_sent, due.attempts) == ("telegram", "zhang", 0, 1)
        assert due.messages == replies
        assert [b.number for b in due.messages[1].buttons] == [1, 2]
        await send(outbox, due)
        clock.move(minutes=10)
        assert await claim(outbox) == []

    async def test_nothing_is_sent_on_a_channel_without_push(
        self, record: Conversations, inbox: Inbox, outbox: Outbox
    ) -> None:
        await talk(inbox, (await record.open_conversation("web", "zhang")).id, "你好", "您好")
        assert await claim(outbox) == []

    async def test_only_the_channels_named_are_served(
        self, record: Conversations, inbox: Inbox, outbox: Outbox
    ) -> None:
        for channel in ("wechat", "telegram"):
            conversation = (await record.open_conversation(channel, "zhang")).id
            await talk(inbox, conversation, "你好", f"这里是{channel}")
        assert read_texts(await outbox.claim(["telegram"], 10)) == [["这里是telegram"]]
        assert read_texts(await outbox.claim([], 10)) == []
        assert read_texts(await outbox.claim(["wechat"], 10)) == [["这里是wechat"]]

    async def test_of_each_conversation_only_the_oldest_is_due(
        self, record: Conversations, inbox: Inbox, outbox: Outbox, conversation: str
    ) -> None:
        stranger = (await record.open_conversation("telegram", "li")).id
        for someone, text in ((conversation, "一"), (conversation, "二"), (stranger, "三"), (stranger, "四")):
            await talk(inbox, someone, text, f"答{text}")
        first = await outbox.claim(ALL, 10)
        assert read_texts(first) == [["答一"], ["答三"]]
        assert await claim(outbox) == []
        await send(outbox, first[1])
        assert await claim(outbox) == [["答四"]]
        await send(outbox, first[0])
        assert await claim(outbox) == [["答二"]]

    async def test_no_more_are_given_than_asked_for_and_the_longest_due_first(
        self, record: Conversations, inbox: Inbox, outbox: Outbox, clock: FixedClock
    ) -> None:
        for n in range(3):
            someone = (await record.open_conversation("telegram", f"{n}")).id
            await talk(inbox, someone, "你好", f"答{n}")
            clock.move(seconds=1)
        assert read_texts(await outbox.claim(ALL, 2)) == [["答0"], ["答1"]]
        assert read_texts(await outbox.claim(ALL, 2)) == [["答2"]]

    async def test_only_one_process_gets_it(
        self, record: Conversations, inbox: Inbox, outbox: Outbox, other_outbox: Outbox
    ) -> None:
        for n in range(6):
            someone = (await record.open_conversation("telegram", f"{n}")).id
            for text in ("一", "二"):
                await talk(inbox, someone, text, f"{n}{text}")
        taken = await asyncio.gather(*(each.claim(ALL, 4) for each in (outbox, other_outbox) * 5))
        texts = [text for due in taken for delivery in read_texts(due) for text in delivery]
        assert sorted(texts) == [f"{n}一" for n in range(6)]

    async def test_what_a_vanished_process_had_is_sent_by_another(
        self, inbox: Inbox, outbox: Outbox, other_outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "一", "答一")
        await talk(inbox, conversation, "二", "答二")
        first = await claim_one(outbox)
        clock.move(seconds=LEASE_SECONDS - 0.001)
        assert await claim(other_outbox) == []
        clock.move(seconds=0.001)
        again = await claim_one(other_outbox)
        assert (again.id, again.attempts) == (first.id, 2)

    async def test_parts_are_counted_and_the_rest_is_sent_by_whoever_comes(
        self, inbox: Inbox, outbox: Outbox, other_outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "一", "很长的话")
        due = await claim_one(outbox)
        clock.move(seconds=2)
        assert await outbox.record_part(due, 1, is_complete=False) is True
        clock.move(seconds=LEASE_SECONDS - 1)  # each part renews the lease
        assert await claim(other_outbox) == []
        clock.move(seconds=1)
        rest = await claim_one(other_outbox)
        assert (rest.id, rest.parts_sent) == (due.id, 1)
        assert await other_outbox.record_part(rest, 2, is_complete=True) is False
        clock.move(minutes=10)
        assert await claim(outbox) == []


class TestFailures:
    async def test_it_is_tried_again_after_a_pause_and_what_follows_waits(
        self, inbox: Inbox, outbox: Outbox, undelivered: Undelivered, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "一", "答一")
        await talk(inbox, conversation, "二", "答二")
        await outbox.postpone(await claim_one(outbox), 8, "平台没有回应")
        clock.move(seconds=7.9)
        assert await claim(outbox) == []
        assert [(t.state, t.problem) for t in await undelivered.list_all()] == [("pending", "平台没有回应")]
        clock.move(seconds=0.1)
        again = await claim_one(outbox)
        assert (read_texts([again]), again.attempts) == ([["答一"]], 2)
        await send(outbox, again)
        assert await claim(outbox) == [["答二"]]

    async def test_a_process_that_lost_its_lease_changes_nothing_any_more(
        self,
        inbox: Inbox,
        outbox: Outbox,
        undelivered: Undelivered,
        other_outbox: Outbox,
        conversation: str,
        clock: FixedClock,
    ) -> None:
        await talk(inbox, conversation, "一", "答一")
        stalled = await claim_one(outbox)
        clock.move(seconds=31)
        await send(other_outbox, await claim_one(other_outbox))
        await outbox.postpone(stalled, 1, "平台没有回应")
        await outbox.defer(stalled, "要等客户再来消息")
        await outbox.fail(stalled, "发不出")
        assert await outbox.record_part(stalled, 1, is_complete=False) is False
        clock.move(hours=1)
        assert await claim(outbox) == []
        assert await undelivered.list_all() == []

    async def test_what_failed_for_good_is_shown_and_no_longer_in_the_way(
        self, inbox: Inbox, outbox: Outbox, undelivered: Undelivered, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "一", "答一", ASK_TRADE)
        await talk(inbox, conversation, "二", "答二")
        await outbox.fail(await claim_one(outbox), "客户已取消关注")
        (shown,) = await undelivered.list_all()
        assert (shown.conversation_id, shown.channel, shown.state) == (conversation, "telegram", "failed")
        assert (shown.problem, shown.text) == ("客户已取消关注", "答一\n您主要是做什么的？")
        assert shown.created_at == clock.now
        assert await claim(outbox) == [["答二"]]

    async def test_a_long_problem_is_kept_as_far_as_it_fits(
        self, inbox: Inbox, outbox: Outbox, undelivered: Undelivered, conversation: str
    ) -> None:
        await talk(inbox, conversation, "一", "答一")
        await outbox.fail(await claim_one(outbox), "长" * 300)
        assert [each.problem for each in await undelivered.list_all()] == ["长" * 200]

    async def test_what_is_deferred_waits_for_the_customer_and_so_does_what_follows(
        self,
        record: Conversations,
        inbox: Inbox,
        outbox: Outbox,
        undelivered: Undelivered,
        conversation: str,
        clock: FixedClock,
    ) -> None:
        stranger = (await record.open_conversation("telegram", "li")).id
        await grant(inbox, conversation, MANY)
        await talk(inbox, conversation, "一", "答一")
        await talk(inbox, conversation, "二", "答二")
        await outbox.defer(await claim_one(outbox), "要等客户再来消息")
        assert [(t.state, t.problem, t.text) for t in await undelivered.list_all()] == [
            ("deferred", "要等客户再来消息", "答一")
        ]
        clock.move(hours=1)
        await grant(inbox, stranger, MANY)
        assert await claim(outbox) == []
        await grant(inbox, conversation, MANY, text="[又点击]")
        assert await undelivered.list_all() == []
        first = await claim_one(outbox)
        assert read_texts([first]) == [["答一"]]
        await send(outbox, first)
        assert await claim(outbox) == [["答二"]]

    async def test_what_is_too_old_expires_and_the_rest_is_sent(
        self, inbox: Inbox, outbox: Outbox, undelivered: Undelivered, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "一", "答一")
        await talk(inbox, conversation, "二", "答二")
        clock.move(hours=1)
        await talk(inbox, conversation, "三", "答三")
        clock.move(hours=EXPIRY.total_seconds() / 3600 - 1)
        assert await claim(outbox) == [["答三"]]
        assert [(t.state, t.text) for t in await undelivered.list_all()] == [("expired", "答二"), ("expired", "答一")]

    async def test_what_was_not_delivered_is_shown_newest_first_and_limited(
        self, record: Conversations, inbox: Inbox, outbox: Outbox, undelivered: Undelivered
    ) -> None:
        for n in range(3):
            someone = (await record.open_conversation("telegram", f"{n}")).id
            await talk(inbox, someone, "一", f"答{n}")
            await outbox.fail(await claim_one(outbox), "发不出")
        assert [t.text for t in await undelivered.list_all()] == ["答2", "答1", "答0"]
        assert [t.text for t in await undelivered.list_all(limit=2)] == ["答2", "答1"]


class TestRenewing:
    async def test_a_delivery_that_takes_long_stays_with_its_process(
        self, inbox: Inbox, outbox: Outbox, other_outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "一", "答一")
        due = await claim_one(outbox)
        for _ in range(5):
            clock.move(seconds=LEASE_SECONDS - 1)
            await outbox.renew([due])
            assert await claim(other_outbox) == []
        await send(outbox, due)

    async def test_a_frozen_process_that_wakes_up_changes_nothing(
        self, inbox: Inbox, outbox: Outbox, other_outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "一", "答一")
        frozen = await claim_one(outbox)
        clock.move(seconds=LEASE_SECONDS)
        again = await claim_one(other_outbox)
        await other_outbox.postpone(again, 1, "平台忙")
        await outbox.renew([frozen])
        clock.move(seconds=1)
        assert await claim(other_outbox) == [["答一"]]

    async def test_all_may_be_sent_while_the_renewal_waits_for_another_writer(
        self, inbox: Inbox, outbox: Outbox, conversation: str
    ) -> None:
        await talk(inbox, conversation, "一", "答一")
        sending = {1: await claim_one(outbox)}
        async with outbox._database.transaction():
            renewing = asyncio.create_task(outbox.renew(sending.values()))
            await asyncio.sleep(0)
            sending.clear()
        await renewing
        await outbox.renew(sending.values())

    async def test_what_a_process_still_sends_is_neither_claimed_by_it_again_nor_expired(
        self, inbox: Inbox, outbox: Outbox, other_outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "一", "答一")
        due = await claim_one(outbox)
        clock.move(seconds=LEASE_SECONDS)
        assert await outbox.claim(["telegram"], 10, sending=[due.id]) == []
        clock.move(hours=25)
        assert await outbox.claim(["telegram"], 10, sending=[due.id]) == []
        await send(outbox, due)
        assert await claim(other_outbox) == []

    async def test_a_pause_is_not_shortened(
        self, inbox: Inbox, outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "一", "答一")
        due = await claim_one(outbox)
        await outbox.postpone(due, 60, "平台忙")
        await outbox.renew([due])
        clock.move(seconds=59)
        assert await claim(outbox) == []


class TestExpiry:
    async def test_a_customer_who_returns_late_is_not_told_what_was_true_long_ago(
        self, inbox: Inbox, outbox: Outbox, undelivered: Undelivered, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "一", "正在为您找同事")
        await outbox.defer(await claim_one(outbox), "要等客户再来消息")
        clock.move(days=90)
        await talk(inbox, conversation, "二", "答二")
        assert await claim(outbox) == [["答二"]]

    async def test_what_is_deferred_expires_though_the_customer_stays_away(
        self, inbox: Inbox, outbox: Outbox, undelivered: Undelivered, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "一", "答一")
        await outbox.defer(await claim_one(outbox), "要等客户再来消息")
        clock.move(seconds=EXPIRY.total_seconds() - 0.001)
        assert await claim(outbox) == []
        assert [shown.state for shown in await undelivered.list_all()] == ["deferred"]
        clock.move(seconds=0.001)
        assert await claim(outbox) == []
        assert [(shown.state, shown.text) for shown in await undelivered.list_all()] == [("expired", "答一")]

    async def test_an_agents_own_words_are_kept_longer_and_shown_once_they_expired(
        self,
        inbox: Inbox,
        handoffs: Acts,
        outbox: Outbox,
        undelivered: Undelivered,
        conversation: str,
        clock: FixedClock,
    ) -> None:
        waiting = await ask_for_human(inbox, handoffs, conversation)
        await send(outbox, await claim_one(outbox))
        await handoffs.take(waiting.id, AN)
        await handoffs.say(waiting.id, AN, "您的材料齐了", "key-1")
        await outbox.defer(await claim_one(outbox), "要等客户再来消息")
        clock.move(seconds=AGENT_EXPIRY.total_seconds() - 1)
        await claim(outbox)
        assert [shown.state for shown in await undelivered.list_all()] == ["deferred"]
        clock.move(seconds=1)
        await claim(outbox)
        assert [(shown.state, shown.text) for shown in await undelivered.list_all()] == [("expired", "您的材料齐了")]

    async def test_what_is_due_on_a_channel_that_was_switched_off_expires_and_costs_no_writing(
        self, inbox: Inbox, outbox: Outbox, undelivered: Undelivered, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "一", "答一")
        written: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
            written.append(statement)

        engine = outbox._database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        assert read_texts(await outbox.claim(["wechat"], 10)) == []
        event.remove(engine, "before_cursor_execute", note)
        assert [statement for statement in written if statement.split()[0] not in ("BEGIN", "SELECT")] == []
        assert "BEGIN IMMEDIATE" not in written
        clock.move(seconds=EXPIRY.total_seconds())
        assert read_texts(await outbox.claim(["wechat"], 10)) == []
        assert [shown.state for shown in await undelivered.list_all()] == ["expired"]
