"""What staff, and whoever assigns, read of handoffs: stories, queues, loads, who knows the customer."""

from datetime import timedelta

import pytest

from conversations.handoff.queries import DECLINED_TIME, FAILED_QUESTIONS_MAX, LAST_AGENT_TIME, RECENT_TIME
from conversations.handoff.schemas import HandoffView, NoteView, QueuePosition
from conversations.handoff.states import Event
from conversations.inbox import Inbox
from conversations.schemas import PushGrant
from conversations.service import Conversations
from tests.conversations.acts import Acts
from tests.conversations.talk import AN, BO, CHEN, PHONE, answer, ask_for_human, hear, sqlite_only, talk
from tests.fakes import FixedClock


async def ask(record: Conversations, inbox: Inbox, handoffs: Acts, user: str, text: str = "转人工") -> HandoffView:
    """A customer by name who waits."""
    return await ask_for_human(inbox, handoffs, (await record.open_conversation("web", user)).id, text)


async def end(handoffs: Acts, handoff: HandoffView, agent: str) -> None:
    await handoffs.take(handoff.id, agent)
    await handoffs.close(handoff.id, by=agent)


class TestStory:
    async def test_what_the_bot_did_not_understand_is_told_in_order(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, conversation: str
    ) -> None:
        stranger = (await record.open_conversation("web", "li")).id
        await talk(inbox, stranger, "别人的话", "没听懂", is_understood=False)
        await talk(inbox, conversation, "那个啥", "没听懂", is_understood=False)
        await talk(inbox, conversation, "你好", "您好")
        await talk(inbox, conversation, "就是那个", "没听懂", is_understood=False)
        waiting = await ask_for_human(inbox, handoffs, conversation, slots={"amount": 50000})
        story = await handoffs.read_story(waiting.id)
        assert (story.slots, story.failed_questions) == ({"amount": 50000}, ["那个啥", "就是那个"])

    @sqlite_only
    async def test_only_the_last_ones_are_told(self, inbox: Inbox, handoffs: Acts, conversation: str) -> None:
        for n in range(FAILED_QUESTIONS_MAX + 2):
            await talk(inbox, conversation, f"啊{n}", is_understood=False)
        waiting = await ask_for_human(inbox, handoffs, conversation)
        questions = (await handoffs.read_story(waiting.id)).failed_questions
        assert questions == [f"啊{n}" for n in range(2, FAILED_QUESTIONS_MAX + 2)]

    async def test_whose_code_was_scanned_and_how_long_we_may_write_is_shown(
        self, record: Conversations, inbox: Inbox, handoffs: Acts
    ) -> None:
        opened = await record.open_conversation("wechat", "zhang")
        scan = {"kind": "event", "source": "village:3", "grant": PushGrant(seconds=60, messages=3)}
        await answer(inbox, await hear(inbox, opened.id, "[扫码]", **scan))
        waiting = await ask_for_human(inbox, handoffs, opened.id)
        assert (waiting.source, waiting.customer_id, waiting.channel) == ("village:3", opened.customer_id, "wechat")
        assert waiting.window
        assert waiting.window.left == 3
        assert await handoffs.list_open() == [waiting]


class TestQueue:
    async def test_those_who_wait_longest_come_first_and_those_who_are_served_are_left_out(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, clock: FixedClock
    ) -> None:
        ids = {}
        for user in ("zhang", "li", "wang", "zhao"):
            ids[user] = (await ask(record, inbox, handoffs, user)).id
            clock.move(minutes=-1)
        await end(handoffs, await handoffs.get(ids["wang"]), AN)
        await handoffs.take(ids["li"], AN)
        assert [h.id for h in await handoffs.list_open()] == [ids["zhao"], ids["li"], ids["zhang"]]
        assert [h.id for h in await handoffs.list_open(limit=1)] == [ids["zhao"], ids["li"]]

    async def test_danger_stands_first_for_staff_as_for_the_dispatcher(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, clock: FixedClock
    ) -> None:
        first = await ask(record, inbox, handoffs, "zhang")
        clock.move(minutes=9)
        opened = await record.open_conversation("web", "li")
        danger = await ask_for_human(inbox, handoffs, opened.id, "我被骗了", reason="sensitive", topic="scam")
        assert [h.id for h in await handoffs.list_open()] == [danger.id, first.id]

    async def test_how_a_customer_stands(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, clock: FixedClock
    ) -> None:
        assert await handoffs.read_queue_position() == QueuePosition(ahead=0, recently_accepted=0)
        waiting = []
        for user in ("zhang", "li", "wang", "zhao"):
            waiting.append(await ask(record, inbox, handoffs, user))
            clock.move(minutes=1)
        assert [(await handoffs.read_queue_position(h.requested_at)).ahead for h in waiting] == [0, 1, 2, 3]
        await handoffs.take(waiting[0].id, AN)
        await handoffs.assign(waiting[1].id, BO)  # offered is not yet served
        assert await handoffs.read_queue_position(waiting[3].requested_at) == QueuePosition(
            ahead=2, recently_accepted=1
        )
        assert await handoffs.read_queue_position() == QueuePosition(ahead=3, recently_accepted=1)
        clock.move(seconds=RECENT_TIME.total_seconds())
        assert (await handoffs.read_queue_position()).recently_accepted == 0

    async def test_the_load_is_what_one_talks_about_or_is_offered(
        self, record: Conversations, inbox: Inbox, handoffs: Acts
    ) -> None:
        waiting = [await ask(record, inbox, handoffs, f"{n}") for n in range(6)]
        assert await handoffs.count_load() == {}
        await handoffs.take(waiting[0].id, AN)
        await handoffs.assign(waiting[1].id, AN)
        await handoffs.take(waiting[2].id, BO)
        await end(handoffs, waiting[3], BO)
        await handoffs.take(waiting[4].id, BO)
        await handoffs.book_callback(waiting[4].id, by=BO)
        assert await handoffs.count_load() == {AN: 2, BO: 1}


class TestSaid:
    async def test_what_was_said_since_the_request_is_told_the_newest_first(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, conversation: str, clock: FixedClock
    ) -> None:
        stranger = (await record.open_conversation("web", "li")).id
        await talk(inbox, conversation, "你好", "您好")
        clock.move(minutes=1)
        waiting = await ask_for_human(inbox, handoffs, conversation)
        clock.move(minutes=1)
        await talk(inbox, stranger, "别人的话", "对别人说的")
        await talk(inbox, conversation, "在吗", "在", "请稍等")
        assert await handoffs.list_said(waiting) == ["请稍等", "在", "已为您转人工客服"]
        assert await handoffs.list_said(waiting, limit=1) == ["请稍等"]


class TestCallbacks:
    async def book(self, handoffs: Acts, waiting: HandoffView) -> None:
        await handoffs.book_callback(waiting.id, PHONE)

    async def test_the_call_promised_last_is_found_until_it_was_made(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, clock: FixedClock
    ) -> None:
        first = await ask(record, inbox, handoffs, "zhang")
        chat = first.conversation_id
        await self.book(handoffs, await ask(record, inbox, handoffs, "li"))
        assert await handoffs.find_callback(chat) is None
        await self.book(handoffs, first)
        assert await handoffs.find_callback(chat) == await handoffs.get(first.id)
        clock.move(minutes=1)
        second = await ask(record, inbox, handoffs, "zhang", "再转人工")
        assert await handoffs.find_callback(chat) == await handoffs.get(first.id)  # the new wait promises no call yet
        await self.book(handoffs, second)
        found = await handoffs.find_callback(chat)
        assert found
        assert found.id == second.id
        await handoffs.claim_callback(second.id, AN)
        assert await handoffs.find_callback(chat) == await handoffs.get(second.id)
        await handoffs.close(second.id, by=AN)
        assert await handoffs.find_callback(chat) is None


class TestAgents:
    async def test_what_is_an_agents_now_is_what_they_are_offered_or_talk_about(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, clock: FixedClock
    ) -> None:
        asked = []
        for user in ("passive", "talks", "ended", "calls", "other's", "nobody's"):
            asked.append(await ask(record, inbox, handoffs, user))
            clock.move(seconds=1)
        offered, talks, ended, calls, others, _ = asked
        assert await handoffs.list_of_agent(AN) == []
        await handoffs.assign(offered.id, AN)
        await end(handoffs, ended, AN)
        for each in (talks, calls):
            await handoffs.take(each.id, AN)
        await handoffs.book_callback(calls.id, by=AN)
        await handoffs.take(others.id, BO)
        assert [h.id for h in await handoffs.list_of_agent(AN)] == [offered.id, talks.id, calls.id]
        assert [h.id for h in await handoffs.list_of_agent(BO)] == [others.id]
        await handoffs.decline(offered.id, by=AN)
        await handoffs.transfer(talks.id, BO, by=AN)
        await handoffs.close(calls.id, by=AN)
        assert await handoffs.list_of_agent(AN) == []

    async def test_who_talked_last_is_known_for_a_day(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, clock: FixedClock
    ) -> None:
        first = [await ask(record, inbox, handoffs, user) for user in ("zhang", "li")]
        chats = [handoff.conversation_id for handoff in first]
        await end(handoffs, first[0], AN)
        clock.move(hours=1)
        await end(handoffs, await ask(record, inbox, handoffs, "zhang", "再转人工"), BO)
        await handoffs.assign(first[1].id, AN)
        await handoffs.return_to_bot(first[1].id)  # was offered, never talked
        assert await handoffs.list_last_agents(chats) == {chats[0]: BO}
        assert await handoffs.list_last_agents(chats[1:]) == {}
        clock.move(seconds=LAST_AGENT_TIME.total_seconds() - 1)
        assert await handoffs.list_last_agents(chats) == {chats[0]: BO}
        clock.move(seconds=1)
        assert await handoffs.list_last_agents(chats) == {}

    async def test_who_said_no_is_known_for_a_while(
        self, record: Conversations, inbox: Inbox, handoffs: Acts, waiting: HandoffView, clock: FixedClock
    ) -> None:
        other = await ask(record, inbox, handoffs, "li")
        for agent in (AN, BO):
            await handoffs.assign(waiting.id, agent)
            await handoffs.decline(waiting.id, by=agent)
            clock.move(minutes=1)
        assert await handoffs.list_declined([waiting.id, other.id]) == {waiting.id: {AN, BO}}
        assert await handoffs.list_declined([other.id]) == {}
        clock.move(seconds=DECLINED_TIME.total_seconds() - 120)
        assert await handoffs.list_declined([waiting.id]) == {waiting.id: {BO}}
        clock.move(minutes=1)
        assert await handoffs.list_declined([waiting.id]) == {}

    @pytest.mark.parametrize(
        ("event", "by", "counts"),
        [
            ("decline", None, False),
            ("decline", CHEN, False),
            ("requeue", None, False),
            ("requeue", AN, True),
            ("requeue", CHEN, True),
        ],
    )
    async def test_an_agents_own_no_counts_and_what_staff_put_back(
        self, handoffs: Acts, waiting: HandoffView, event: Event, by: str | None, *, counts: bool
    ) -> None:
        await handoffs.assign(waiting.id, AN)
        await handoffs.move(waiting.id, event, staff_id=by)
        assert await handoffs.list_declined([waiting.id]) == ({waiting.id: {AN}} if counts else {})


async def test_notes_are_kept_with_the_conversation_and_hidden_from_the_customer(
    record: Conversations, handoffs: Acts, waiting: HandoffView, clock: FixedClock
) -> None:
    chat = waiting.conversation_id
    said = await record.list_messages(chat)
    await handoffs.add_note(chat, AN, "老客户")
    clock.move(minutes=1)
    await handoffs.add_note(chat, BO, "手续齐了")
    assert await handoffs.list_notes(chat) == [
        NoteView(id=1, staff_id=AN, text="老客户", at=clock.now - timedelta(minutes=1)),
        NoteView(id=2, staff_id=BO, text="手续齐了", at=clock.now),
    ]
    stranger = (await record.open_conversation("web", "li")).id
    assert await handoffs.list_notes(stranger) == []
    assert await record.list_messages(chat) == said


async def test_a_conversation_without_a_handoff_has_none(handoffs: Acts, conversation: str) -> None:
    assert await handoffs.find_live(conversation) is None
    assert await handoffs.list_of_conversation(conversation) == []
    assert await handoffs.list_last_agents([conversation]) == {}
