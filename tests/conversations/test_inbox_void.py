"""What was decided for one holder is not recorded for another: the same message is handed out again."""

from collections.abc import Sequence

import pytest

from conversations.client import Conversations
from conversations.handoff.states import Event
from conversations.inbox import Inbox
from conversations.schemas import (
    ConsentGiven,
    HandoffUpdate,
    HandoffView,
    Holder,
    RecordedInbound,
    RecordedOutcome,
    Reply,
    TurnOutcome,
)
from conversations.tables import Consent, Delivery
from kit.database import Database
from tests.conversations.acts import Acts
from tests.conversations.talk import (
    AN,
    OTHER,
    PHONE,
    WORKER,
    answer,
    count,
    make_inbound,
    read_news,
    say,
    sqlite_only,
)

BOOKED = TurnOutcome(
    replies=[Reply(text="记下了，同事会打给您")],
    is_understood=False,
    handoff_update=HandoffUpdate(act="book_callback", phone=PHONE),
    consents=[ConsentGiven(purpose="callback", wording_version="2026-11")],
)


async def bring(handoffs: Acts, waiting: HandoffView, events: Sequence[Event]) -> None:
    for event in events:
        await handoffs.move(waiting.id, event, staff_id=AN, agent_id=AN)


async def record_late(inbox: Inbox, said: RecordedInbound, chat: str, holder: Holder) -> RecordedOutcome:
    """The worker records what it had decided while `holder` held the conversation."""
    done = await inbox.record_outcome(chat, said.message.id, BOOKED, worker=WORKER, holder=holder, push="waiting")
    assert done
    return done


class TestVoid:
    @pytest.mark.parametrize(
        ("before", "decided", "meanwhile", "now"),
        [
            ([], "queue", ["take"], "agent"),
            ([], "queue", ["assign", "accept"], "agent"),
            ([], "queue", ["return"], "bot"),
            (["take"], "agent", ["close"], "bot"),
            (["take"], "agent", ["return"], "bot"),
            (["take"], "agent", ["book_callback"], "bot"),
            (["take"], "agent", ["requeue"], "queue"),
            (["take"], "agent", ["transfer"], "queue"),
        ],
        ids=lambda value: "+".join(value) if isinstance(value, list) else value,
    )
    async def test_nothing_is_recorded_and_the_message_is_handed_out_again(
        self,
        record: Conversations,
        inbox: Inbox,
        handoffs: Acts,
        waiting: HandoffView,
        database: Database,
        before: list[Event],
        decided: Holder,
        meanwhile: list[Event],
        now: Holder,
    ) -> None:
        chat = waiting.conversation_id
        await bring(handoffs, waiting, before)
        said = await say(inbox, chat, PHONE, worker=WORKER)
        await bring(handoffs, waiting, meanwhile)
        moved = await handoffs.get(waiting.id)

        void = await record_late(inbox, said, chat, decided)
        assert (void.is_void, void.replies, void.offer, void.holder) == (True, [], None, now)
        assert [await count(database, table) for table in (Consent, Delivery)] == [0, 0]
        assert await handoffs.get(waiting.id) == moved
        assert (await record.list_messages(chat))[-1] == said.message
        again = void.next_turn
        assert again
        assert (again.message, again.holder, again.attempt, again.failures) == (said.message, now, 1, 0)

        done = await answer(inbox, chat, again.message.id, "这回说对了", holder=again.holder)
        assert (done.is_void, [reply.text for reply in done.replies]) == (False, ["这回说对了"])
        assert (await say(inbox, chat, PHONE, worker=OTHER)).replies == done.replies

    @sqlite_only
    async def test_nobody_is_told_of_what_did_not_happen(
        self, inbox: Inbox, handoffs: Acts, waiting: HandoffView, database: Database
    ) -> None:
        said = await say(inbox, waiting.conversation_id, PHONE, worker=WORKER)
        await handoffs.take(waiting.id, AN)
        heard = await read_news(database)
        await record_late(inbox, said, waiting.conversation_id, "queue")
        assert await read_news(database) == heard

    async def test_it_stays_with_the_worker_and_what_came_later_stays_behind_it(
        self, inbox: Inbox, other_inbox: Inbox, handoffs: Acts, waiting: HandoffView
    ) -> None:
        chat = waiting.conversation_id
        said = await say(inbox, chat, "一", worker=WORKER)
        await say(other_inbox, chat, "二", worker=OTHER)
        await handoffs.return_to_bot(waiting.id)
        void = await record_late(inbox, said, chat, "queue")
        assert await other_inbox.claim(chat, OTHER) is None
        assert void.next_turn
        assert void.next_turn.message.text == "一"
        done = await answer(inbox, chat, said.message.id, "答一")
        assert done.next_turn
        assert done.next_turn.message.text == "二"

    async def test_who_keeps_changing_is_followed(self, inbox: Inbox, handoffs: Acts, waiting: HandoffView) -> None:
        said = await say(inbox, waiting.conversation_id, "在吗", worker=WORKER)
        holder: Holder = "queue"
        steps: list[Event] = ["take", "requeue", "take", "close"]
        for event in steps:
            await handoffs.move(waiting.id, event, staff_id=AN)
            turn = (await record_late(inbox, said, waiting.conversation_id, holder)).next_turn
            assert turn
            assert turn.attempt == 1
            holder = turn.holder
        assert holder == "bot"


class TestValid:
    @pytest.mark.parametrize(
        ("before", "decided", "meanwhile"),
        [
            ([], "queue", []),
            ([], "queue", ["assign"]),
            (["assign"], "queue", ["decline"]),
            (["take"], "agent", ["take_over"]),
        ],
        ids=lambda value: "+".join(value) if isinstance(value, list) else value,
    )
    async def test_while_the_holder_is_the_same_it_counts(
        self,
        inbox: Inbox,
        handoffs: Acts,
        waiting: HandoffView,
        before: list[Event],
        decided: Holder,
        meanwhile: list[Event],
    ) -> None:
        chat = waiting.conversation_id
        await bring(handoffs, waiting, before)
        said = await say(inbox, chat, "在吗", worker=WORKER)
        await bring(handoffs, waiting, meanwhile)
        done = await answer(inbox, chat, said.message.id, "请稍等", holder=decided)
        assert (done.is_void, done.holder, [reply.text for reply in done.replies]) == (False, decided, ["请稍等"])
        assert done.next_turn is None

    async def test_a_worker_that_was_taken_for_gone_is_refused_whoever_holds_it(
        self, inbox: Inbox, other_inbox: Inbox, handoffs: Acts, waiting: HandoffView
    ) -> None:
        chat = waiting.conversation_id
        said = await say(inbox, chat, "在吗", worker=WORKER)
        await inbox.give_back(chat, WORKER)
        assert await other_inbox.claim(chat, OTHER)
        await handoffs.take(waiting.id, AN)
        outcome = TurnOutcome()
        assert await inbox.record_outcome(chat, said.message.id, outcome, worker=WORKER, holder="queue") is None
        assert (await inbox.record(chat, make_inbound("在吗"), worker=WORKER)).turn is None
