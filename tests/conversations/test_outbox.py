"""What is to be said is sent once, in order, in time and only when the platform lets us."""

import asyncio

from conversations.client import Conversations
from conversations.inbox import Inbox
from conversations.outbox import EXPIRY, SENDER_PATIENCE, Outbox
from tests.conversations.sending import ALL, MANY, claim, claim_one, grant, read_texts, send
from tests.conversations.talk import ASK_TRADE, talk
from tests.fakes import FixedClock


class TestSending:
    async def test_replies_wait_as_one_delivery_and_are_sent_once(
        self, inbox: Inbox, outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        replies = (await talk(inbox, conversation, "你好", "您好", ASK_TRADE, push="waiting")).replies
        due = await claim_one(outbox)
        assert (due.channel, due.channel_user_id, due.parts_sent, due.attempts) == ("web", "zhang", 0, 1)
        assert due.messages == replies
        assert [b.number for b in due.messages[1].buttons] == [1, 2]
        await send(outbox, due)
        clock.move(minutes=10)
        assert await claim(outbox) == []

    async def test_nothing_is_sent_on_a_channel_without_push(
        self, inbox: Inbox, outbox: Outbox, conversation: str
    ) -> None:
        await talk(inbox, conversation, "你好", "您好")
        assert await claim(outbox) == []

    async def test_only_the_channels_named_are_served(
        self, record: Conversations, inbox: Inbox, outbox: Outbox
    ) -> None:
        for channel in ("wechat", "telegram"):
            conversation = (await record.open_conversation(channel, "zhang")).id
            await talk(inbox, conversation, "你好", f"这里是{channel}", push="waiting")
        assert read_texts(await outbox.claim(["telegram"], 10)) == [["这里是telegram"]]
        assert read_texts(await outbox.claim([], 10)) == []
        assert read_texts(await outbox.claim(["wechat"], 10)) == [["这里是wechat"]]

    async def test_of_each_conversation_only_the_oldest_is_due(
        self, record: Conversations, inbox: Inbox, outbox: Outbox, conversation: str
    ) -> None:
        stranger = (await record.open_conversation("web", "li")).id
        for someone, text in ((conversation, "一"), (conversation, "二"), (stranger, "三"), (stranger, "四")):
            await talk(inbox, someone, text, f"答{text}", push="waiting")
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
            someone = (await record.open_conversation("web", f"{n}")).id
            await talk(inbox, someone, "你好", f"答{n}", push="waiting")
            clock.move(seconds=1)
        assert read_texts(await outbox.claim(ALL, 2)) == [["答0"], ["答1"]]
        assert read_texts(await outbox.claim(ALL, 2)) == [["答2"]]

    async def test_only_one_process_gets_it(
        self, record: Conversations, inbox: Inbox, outbox: Outbox, other_outbox: Outbox
    ) -> None:
        for n in range(6):
            someone = (await record.open_conversation("web", f"{n}")).id
            for text in ("一", "二"):
                await talk(inbox, someone, text, f"{n}{text}", push="waiting")
        taken = await asyncio.gather(*(each.claim(ALL, 4) for each in (outbox, other_outbox) * 5))
        texts = [text for due in taken for delivery in read_texts(due) for text in delivery]
        assert sorted(texts) == [f"{n}一" for n in range(6)]

    async def test_what_a_vanished_sender_had_is_sent_by_another(
        self, inbox: Inbox, outbox: Outbox, other_outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "一", "答一", push="waiting")
        await talk(inbox, conversation, "二", "答二", push="waiting")
        first = await claim_one(outbox)
        clock.move(seconds=SENDER_PATIENCE.total_seconds() - 0.001)
        assert await claim(other_outbox) == []
        clock.move(seconds=0.001)
        again = await claim_one(other_outbox)
        assert (again.id, again.attempts) == (first.id, 2)

    async def test_parts_are_counted_and_the_rest_is_sent_by_whoever_comes(
        self, inbox: Inbox, outbox: Outbox, other_outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "一", "很长的话", push="waiting")
        due = await claim_one(outbox)
        clock.move(seconds=20)
        assert await outbox.record_part(due, 1, is_complete=False) is True
        clock.move(seconds=SENDER_PATIENCE.total_seconds() - 1)  # each part renews the patience
        assert await claim(other_outbox) == []
        clock.move(seconds=1)
        rest = await claim_one(other_outbox)
        assert (rest.id, rest.parts_sent) == (due.id, 1)
        assert await other_outbox.record_part(rest, 2, is_complete=True) is False
        clock.move(minutes=10)
        assert await claim(outbox) == []


class TestFailures:
    async def test_it_is_tried_again_after_a_pause_and_what_follows_waits(
        self, inbox: Inbox, outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "一", "答一", push="waiting")
        await talk(inbox, conversation, "二", "答二", push="waiting")
        await outbox.postpone(await claim_one(outbox), 8, "平台没有回应")
        clock.move(seconds=7.9)
        assert await claim(outbox) == []
        assert [(t.state, t.problem) for t in await outbox.list_troubles()] == [("waiting", "平台没有回应")]
        clock.move(seconds=0.1)
        again = await claim_one(outbox)
        assert (read_texts([again]), again.attempts) == ([["答一"]], 2)
        await send(outbox, again)
        assert await claim(outbox) == [["答二"]]

    async def test_a_sender_taken_for_gone_changes_nothing_any_more(
        self, inbox: Inbox, outbox: Outbox, other_outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "一", "答一", push="waiting")
        stalled = await claim_one(outbox)
        clock.move(seconds=31)
        await send(other_outbox, await claim_one(other_outbox))
        await outbox.postpone(stalled, 1, "平台没有回应")
        await outbox.hold(stalled, "要等客户再来消息")
        await outbox.fail(stalled, "发不出")
        assert await outbox.record_part(stalled, 1, is_complete=False) is False
        clock.move(hours=1)
        assert await claim(outbox) == []
        assert await outbox.list_troubles() == []

    async def test_what_failed_for_good_is_shown_and_no_longer_in_the_way(
        self, inbox: Inbox, outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "一", "答一", ASK_TRADE, push="waiting")
        await talk(inbox, conversation, "二", "答二", push="waiting")
        await outbox.fail(await claim_one(outbox), "客户已取消关注")
        (trouble,) = await outbox.list_troubles()
        assert (trouble.conversation_id, trouble.channel, trouble.state) == (conversation, "web", "failed")
        assert (trouble.problem, trouble.text) == ("客户已取消关注", "答一\n您主要是做什么的？")
        assert trouble.created_at == clock.now
        assert await claim(outbox) == [["答二"]]

    async def test_a_long_problem_is_kept_as_far_as_it_fits(
        self, inbox: Inbox, outbox: Outbox, conversation: str
    ) -> None:
        await talk(inbox, conversation, "一", "答一", push="waiting")
        await outbox.fail(await claim_one(outbox), "长" * 300)
        assert [trouble.problem for trouble in await outbox.list_troubles()] == ["长" * 200]

    async def test_what_is_held_waits_for_the_customer_and_so_does_what_follows(
        self, record: Conversations, inbox: Inbox, outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        stranger = (await record.open_conversation("web", "li")).id
        await grant(inbox, conversation, MANY)
        await talk(inbox, conversation, "一", "答一", push="waiting")
        await talk(inbox, conversation, "二", "答二", push="waiting")
        await outbox.hold(await claim_one(outbox), "要等客户再来消息")
        assert [(t.state, t.problem, t.text) for t in await outbox.list_troubles()] == [
            ("held", "要等客户再来消息", "答一")
        ]
        clock.move(hours=1)
        await grant(inbox, stranger, MANY)
        assert await claim(outbox) == []
        await grant(inbox, conversation, MANY, text="[又点击]")
        assert await outbox.list_troubles() == []
        first = await claim_one(outbox)
        assert read_texts([first]) == [["答一"]]
        await send(outbox, first)
        assert await claim(outbox) == [["答二"]]

    async def test_what_is_too_old_expires_one_after_another_and_the_rest_is_sent(
        self, inbox: Inbox, outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "一", "答一", push="waiting")
        await talk(inbox, conversation, "二", "答二", push="waiting")
        clock.move(hours=1)
        await talk(inbox, conversation, "三", "答三", push="waiting")
        clock.move(hours=EXPIRY.total_seconds() / 3600 - 1)
        claimed = [await claim(outbox) for _ in range(3)]
        assert claimed == [[], [], [["答三"]]]
        assert [(t.state, t.text) for t in await outbox.list_troubles()] == [("expired", "答二"), ("expired", "答一")]

    async def test_troubles_are_shown_newest_first_and_limited(
        self, record: Conversations, inbox: Inbox, outbox: Outbox
    ) -> None:
        for n in range(3):
            someone = (await record.open_conversation("web", f"{n}")).id
            await talk(inbox, someone, "一", f"答{n}", push="waiting")
            await outbox.fail(await claim_one(outbox), "发不出")
        assert [t.text for t in await outbox.list_troubles()] == ["答2", "答1", "答0"]
        assert [t.text for t in await outbox.list_troubles(limit=2)] == ["答2", "答1"]
