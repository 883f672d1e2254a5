"""What is to be said waits: for a platform that lets us, for a request that may be answered with it."""

import pytest

from conversations.inbox import Inbox
from conversations.outbox import PASSIVE_TIME, WINDOW_CLOSED, Confirmation, Outbox
from conversations.schemas import PushGrant, Window
from conversations.service import Conversations
from conversations.undelivered import Undelivered
from kit.database import Database
from kit.pubsub import Signal
from tests.conversations.acts import Acts
from tests.conversations.sending import MANY, answer_passively, claim, claim_one, grant, read_texts, send
from tests.conversations.talk import AN, ask_for_human, read_signals, sqlite_only, talk
from tests.fakes import FixedClock


@pytest.fixture
async def conversation(record: Conversations) -> str:
    """A customer whose replies are pushed."""
    return (await record.open_conversation("telegram", "zhang")).id


class TestWindows:
    async def read_window(self, record: Conversations, conversation: str) -> Window:
        window = (await record.get_conversation(conversation)).window
        assert window
        return window

    async def test_each_part_uses_the_window_up_until_it_is_closed(
        self, record: Conversations, inbox: Inbox, outbox: Outbox, undelivered: Undelivered, conversation: str
    ) -> None:
        await grant(inbox, conversation, PushGrant(seconds=3600, messages=2))
        await talk(inbox, conversation, "一", "很长的话")
        due = await claim_one(outbox)
        assert await outbox.record_part(due, 1, is_complete=False) is True
        assert (await self.read_window(record, conversation)).left == 1
        assert await outbox.record_part(due, 2, is_complete=False) is False
        assert (await self.read_window(record, conversation)).left == 0
        assert [(t.state, t.problem) for t in await undelivered.list_all()] == [("deferred", WINDOW_CLOSED)]

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
        self,
        inbox: Inbox,
        outbox: Outbox,
        undelivered: Undelivered,
        conversation: str,
        clock: FixedClock,
        given: PushGrant,
        seconds: float,
    ) -> None:
        await grant(inbox, conversation, given)
        await talk(inbox, conversation, "一", "答一")
        clock.move(seconds=seconds)
        assert await claim(outbox) == []
        assert [(t.state, t.problem, t.text) for t in await undelivered.list_all()] == [
            ("deferred", WINDOW_CLOSED, "答一")
        ]
        await grant(inbox, conversation, MANY, text="[又点击]")
        assert await claim(outbox) == [["答一"]]

    async def test_an_answer_at_once_does_not_count(
        self, record: Conversations, inbox: Inbox, outbox: Outbox, conversation: str
    ) -> None:
        await grant(inbox, conversation, MANY)
        await outbox.confirm([Confirmation(await answer_passively(inbox, conversation, "一", "答一"), 1, True)])
        assert (await self.read_window(record, conversation)).left == 5

    async def test_where_the_platform_does_not_count_nothing_is_counted(
        self, record: Conversations, inbox: Inbox, outbox: Outbox, conversation: str
    ) -> None:
        for n in range(7):
            await talk(inbox, conversation, f"{n}", f"答{n}")
            await send(outbox, await claim_one(outbox))
        assert (await record.get_conversation(conversation)).window is None


@sqlite_only
class TestSignals:
    """Staff who write see at once how much of the window is left, and what is kept back."""

    async def count_signals(self, database: Database, conversation: str) -> int:
        """How often staff were told to look at the window, so far."""
        return (await read_signals(database)).count(Signal(conversation, "window"))

    async def begin_talk(self, record: Conversations, inbox: Inbox, handoffs: Acts, outbox: Outbox) -> tuple[str, str]:
        """An agent talks to a customer whose platform counts: the conversation and the handoff."""
        chat = (await record.open_conversation("wechat", "zhang")).id
        waiting = await ask_for_human(inbox, handoffs, chat)
        await send(outbox, await claim_one(outbox))
        await grant(inbox, chat, PushGrant(seconds=3600, messages=2))
        await handoffs.take(waiting.id, AN)
        return chat, waiting.id

    async def test_each_sent_part_is_signalled_while_the_bot_does_not_hold_the_talk(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, outbox: Outbox, database: Database
    ) -> None:
        chat, handoff_id = await self.begin_talk(record, inbox, handoffs, outbox)
        before = await self.count_signals(database, chat)
        await handoffs.say(handoff_id, AN, "您好，很长的话", "key-1")
        due = await claim_one(outbox)
        await outbox.record_part(due, 1, is_complete=False)
        assert await self.count_signals(database, chat) == before + 1
        await outbox.record_part(due, 2, is_complete=True)
        assert await self.count_signals(database, chat) == before + 2

    async def test_replies_of_the_bot_are_not_signalled(
        self, inbox: Inbox, outbox: Outbox, database: Database, conversation: str
    ) -> None:
        await talk(inbox, conversation, "一", "答一")
        await send(outbox, await claim_one(outbox))
        assert await self.count_signals(database, conversation) == 0

    @pytest.mark.parametrize("why", ["refused by the platform", "run out"])
    async def test_a_deferred_delivery_is_signalled(
        self,
        record: Conversations,
        inbox: Inbox,
        handoffs: Acts,
        outbox: Outbox,
        undelivered: Undelivered,
        database: Database,
        clock: FixedClock,
        why: str,
    ) -> None:
        chat, handoff_id = await self.begin_talk(record, inbox, handoffs, outbox)
        before = await self.count_signals(database, chat)
        await handoffs.say(handoff_id, AN, "您好", "key-1")
        if why == "run out":
            clock.move(hours=1)
            assert await claim(outbox) == []
        else:
            await outbox.defer(await claim_one(outbox), "平台拒绝")
        assert [each.state for each in await undelivered.list_all()] == ["deferred"]
        assert await self.count_signals(database, chat) == before + 1


class TestPassiveReplies:
    async def test_a_passive_reply_is_not_sent_while_its_request_may_be_answered(
        self, inbox: Inbox, outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        await answer_passively(inbox, conversation, "一", "答一")
        clock.move(seconds=PASSIVE_TIME.total_seconds() - 0.001)
        assert await claim(outbox) == []
        clock.move(seconds=0.001)  # its process must have ended
        assert await claim(outbox) == [["答一"]]

    async def test_what_was_given_at_once_is_not_sent(
        self, inbox: Inbox, outbox: Outbox, undelivered: Undelivered, conversation: str, clock: FixedClock
    ) -> None:
        await outbox.confirm([Confirmation(await answer_passively(inbox, conversation, "一", "答一"), 1, True)])
        clock.move(minutes=5)
        assert await claim(outbox) == []
        assert await undelivered.list_all() == []

    async def test_the_parts_that_did_not_fit_follow(self, inbox: Inbox, outbox: Outbox, conversation: str) -> None:
        await outbox.confirm([Confirmation(await answer_passively(inbox, conversation, "一", "很长的话"), 1, False)])
        assert (await claim_one(outbox)).parts_sent == 1

    async def test_what_was_not_used_is_sent_now(self, inbox: Inbox, outbox: Outbox, conversation: str) -> None:
        await outbox.confirm([Confirmation(await answer_passively(inbox, conversation, "一", "答一"), 0, False)])
        due = await claim_one(outbox)
        assert (read_texts([due]), due.parts_sent) == ([["答一"]], 0)

    async def test_a_confirmation_that_comes_too_late_changes_nothing(
        self, inbox: Inbox, outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        passive = await answer_passively(inbox, conversation, "一", "答一")
        clock.move(seconds=PASSIVE_TIME.total_seconds())
        due = await claim_one(outbox)
        await outbox.confirm([Confirmation(passive, 1, False), Confirmation(passive, 0, False)])
        assert await claim(outbox) == []
        await send(outbox, due)
        await outbox.confirm([Confirmation(passive, 0, False)])
        assert await claim(outbox) == []

    @pytest.mark.parametrize("state", ["passive", "pending", "deferred"])
    async def test_no_reply_is_passive_before_what_was_said_earlier_is_sent(
        self, inbox: Inbox, outbox: Outbox, conversation: str, state: str
    ) -> None:
        first = await talk(inbox, conversation, "一", "答一", is_awaited=state != "pending")
        if state == "deferred":
            await outbox.confirm([Confirmation(first.passive_reply_id or 0, 0, False)])
            await outbox.defer(await claim_one(outbox), "要等客户再来消息")
        assert (await talk(inbox, conversation, "二", "答二", is_awaited=True)).passive_reply_id is None

    async def test_once_all_is_sent_a_reply_may_be_passive_again(
        self, inbox: Inbox, outbox: Outbox, conversation: str
    ) -> None:
        await talk(inbox, conversation, "一", "答一")
        await send(outbox, await claim_one(outbox))
        await answer_passively(inbox, conversation, "二", "答二")

    async def test_what_follows_a_passive_reply_waits_until_it_is_confirmed(
        self, inbox: Inbox, outbox: Outbox, conversation: str
    ) -> None:
        passive = await answer_passively(inbox, conversation, "一", "答一")
        await talk(inbox, conversation, "二", "答二", is_awaited=True)
        assert await claim(outbox) == []
        await outbox.confirm([Confirmation(passive, 0, False)])
        due = await claim_one(outbox)
        assert read_texts([due]) == [["答一"]]
        await send(outbox, due)
        assert await claim(outbox) == [["答二"]]
