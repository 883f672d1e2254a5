"""What is to be said is sent once, in order, in time and only when the platform lets us."""

import asyncio
from collections.abc import Sequence

import pytest

from conversations.client import Conversations
from conversations.inbox import Inbox
from conversations.outbox import EXPIRY, OFFER_TIME, SENDER_PATIENCE, WINDOW_CLOSED, Outbox
from conversations.schemas import DueDelivery, PushGrant, Window
from tests.conversations.talk import ASK_TRADE, WORKER, answer, say, talk
from tests.fakes import FixedClock

ALL = ("web", "wechat", "telegram")
MANY = PushGrant(seconds=48 * 3600, messages=5)


def read_texts(due: Sequence[DueDelivery]) -> list[list[str]]:
    return [[message.text for message in delivery.messages] for delivery in due]


async def claim(outbox: Outbox) -> list[list[str]]:
    """The texts of what is due."""
    return read_texts(await outbox.claim(ALL, 10))


async def claim_one(outbox: Outbox) -> DueDelivery:
    (due,) = await outbox.claim(ALL, 10)
    return due


async def send(outbox: Outbox, due: DueDelivery) -> None:
    """It went out in one part."""
    await outbox.record_part(due, 1, is_complete=True)


async def offer(inbox: Inbox, conversation: str, text: str, *replies: str) -> int:
    """The customer says something, and its answer is offered to the request."""
    offered = (await talk(inbox, conversation, text, *replies, push="offered")).offer
    assert offered
    return offered


async def grant(inbox: Inbox, conversation: str, given: PushGrant, text: str = "[点击]") -> None:
    """The customer did something that lets us write, and that needs no answer."""
    recorded = await say(inbox, conversation, text, worker=WORKER, kind="event", grant=given)
    await answer(inbox, conversation, recorded.message.id)


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


class TestWindows:
    async def read_window(self, record: Conversations, conversation: str) -> Window:
        window = (await record.get_conversation(conversation)).window
        assert window
        return window

    async def test_each_part_uses_the_window_up_until_it_is_closed(
        self, record: Conversations, inbox: Inbox, outbox: Outbox, conversation: str
    ) -> None:
        await grant(inbox, conversation, PushGrant(seconds=3600, messages=2))
        await talk(inbox, conversation, "一", "很长的话", push="waiting")
        due = await claim_one(outbox)
        assert await outbox.record_part(due, 1, is_complete=False) is True
        assert (await self.read_window(record, conversation)).left == 1
        assert await outbox.record_part(due, 2, is_complete=False) is False
        assert (await self.read_window(record, conversation)).left == 0
        assert [(t.state, t.problem) for t in await outbox.list_troubles()] == [("held", WINDOW_CLOSED)]

        await grant(inbox, conversation, PushGrant(seconds=3600, messages=2), text="[又点击]")
        rest = await claim_one(outbox)
        assert (rest.id, rest.parts_sent) == (due.id, 2)
        assert await outbox.record_part(rest, 3, is_complete=True) is False
        assert (await self.read_window(record, conversation)).left == 1

    @pytest.mark.parametrize(
        ("given", "seconds"),
        [
            pytest.param(PushGrant(seconds=3600, messages=0), 0, id="used up"),
            pytest.param(PushGrant(seconds=60, messages=5), 60, id="run out"),
        ],
    )
    async def test_nothing_is_sent_into_a_closed_window(
        self, inbox: Inbox, outbox: Outbox, conversation: str, clock: FixedClock, given: PushGrant, seconds: float
    ) -> None:
        await grant(inbox, conversation, given)
        await talk(inbox, conversation, "一", "答一", push="waiting")
        clock.move(seconds=seconds)
        assert await claim(outbox) == []
        assert [(t.state, t.problem, t.text) for t in await outbox.list_troubles()] == [("held", WINDOW_CLOSED, "答一")]
        await grant(inbox, conversation, MANY, text="[又点击]")
        assert await claim(outbox) == [["答一"]]

    async def test_an_answer_at_once_does_not_count(
        self, record: Conversations, inbox: Inbox, outbox: Outbox, conversation: str
    ) -> None:
        await grant(inbox, conversation, MANY)
        await outbox.settle_offers([(await offer(inbox, conversation, "一", "答一"), 1, True)], [])
        assert (await self.read_window(record, conversation)).left == 5

    async def test_where_the_platform_does_not_count_nothing_is_counted(
        self, record: Conversations, inbox: Inbox, outbox: Outbox, conversation: str
    ) -> None:
        for n in range(7):
            await talk(inbox, conversation, f"{n}", f"答{n}", push="waiting")
            await send(outbox, await claim_one(outbox))
        assert (await record.get_conversation(conversation)).window is None


class TestOffers:
    async def test_an_offer_is_not_sent_while_its_request_may_be_answered(
        self, inbox: Inbox, outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        await offer(inbox, conversation, "一", "答一")
        clock.move(seconds=OFFER_TIME.total_seconds() - 0.001)
        assert await claim(outbox) == []
        clock.move(seconds=0.001)  # its process must have ended
        assert await claim(outbox) == [["答一"]]

    async def test_what_was_given_at_once_is_not_sent(
        self, inbox: Inbox, outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        await outbox.settle_offers([(await offer(inbox, conversation, "一", "答一"), 1, True)], [])
        clock.move(minutes=5)
        assert await claim(outbox) == []
        assert await outbox.list_troubles() == []

    async def test_the_parts_that_did_not_fit_follow(self, inbox: Inbox, outbox: Outbox, conversation: str) -> None:
        await outbox.settle_offers([(await offer(inbox, conversation, "一", "很长的话"), 1, False)], [])
        assert (await claim_one(outbox)).parts_sent == 1

    async def test_what_was_released_is_sent_now(self, inbox: Inbox, outbox: Outbox, conversation: str) -> None:
        await outbox.settle_offers([], [await offer(inbox, conversation, "一", "答一")])
        due = await claim_one(outbox)
        assert (read_texts([due]), due.parts_sent) == ([["答一"]], 0)

    async def test_a_settlement_that_comes_too_late_changes_nothing(
        self, inbox: Inbox, outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        offered = await offer(inbox, conversation, "一", "答一")
        clock.move(seconds=OFFER_TIME.total_seconds())
        due = await claim_one(outbox)
        await outbox.settle_offers([(offered, 1, False)], [offered])
        assert await claim(outbox) == []
        await send(outbox, due)
        await outbox.settle_offers([], [offered])
        assert await claim(outbox) == []

    @pytest.mark.parametrize("state", ["offered", "waiting", "held"])
    async def test_nothing_is_offered_before_what_was_said_earlier_is_sent(
        self, inbox: Inbox, outbox: Outbox, conversation: str, state: str
    ) -> None:
        first = await talk(inbox, conversation, "一", "答一", push="waiting" if state == "waiting" else "offered")
        if state == "held":
            await outbox.settle_offers([], [first.offer or 0])
            await outbox.hold(await claim_one(outbox), "要等客户再来消息")
        assert (await talk(inbox, conversation, "二", "答二", push="offered")).offer is None

    async def test_once_all_is_sent_an_answer_is_offered_again(
        self, inbox: Inbox, outbox: Outbox, conversation: str
    ) -> None:
        await talk(inbox, conversation, "一", "答一", push="waiting")
        await send(outbox, await claim_one(outbox))
        await offer(inbox, conversation, "二", "答二")

    async def test_what_follows_an_offer_waits_until_it_is_settled(
        self, inbox: Inbox, outbox: Outbox, conversation: str
    ) -> None:
        offered = await offer(inbox, conversation, "一", "答一")
        await talk(inbox, conversation, "二", "答二", push="offered")
        assert await claim(outbox) == []
        await outbox.settle_offers([], [offered])
        due = await claim_one(outbox)
        assert read_texts([due]) == [["答一"]]
        await send(outbox, due)
        assert await claim(outbox) == [["答二"]]
