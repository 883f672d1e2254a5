"""What was decided for one holder is not recorded for another: the same message is claimed again."""

from collections.abc import Sequence

import pytest

from conversations.handoff.schemas import HandoffView
from conversations.handoff.states import Event
from conversations.inbox import Inbox
from conversations.schemas import ClaimedMessage, ConsentGiven, HandoffUpdate, Holder, Reply, TurnOutcome
from conversations.service import Conversations
from conversations.tables import Delivery
from kit.database import Database
from privacy.tables import LedgerRecord
from tests.conversations.acts import Acts
from tests.conversations.talk import (
    AN,
    OTHER,
    OWNER,
    PHONE,
    answer,
    count,
    hear,
    read_signals,
    say,
    sqlite_only,
)

BOOKED = TurnOutcome(
    replies=[Reply(text="记下了，同事会打给您")],
    is_understood=False,
    handoff_update=HandoffUpdate(act="book_callback", phone=PHONE),
    consents=[ConsentGiven(purpose="callback")],
)


async def bring(handoffs: Acts, waiting: HandoffView, events: Sequence[Event]) -> None:
    for event in events:
        await handoffs.move(waiting.id, event, staff_id=AN, agent_id=AN)


async def record_late(inbox: Inbox, claimed: ClaimedMessage) -> ClaimedMessage:
    """The process records what it had decided before the conversation changed hands, and gets the message again."""
    nothing, again = await inbox.record_outcome(claimed, BOOKED, owner=OWNER)
    assert nothing is None
    assert again
    return again


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
        claimed = await hear(inbox, chat, PHONE)
        assert claimed.holder == decided
        await bring(handoffs, waiting, meanwhile)
        moved = await handoffs.get(waiting.id)

        again = await record_late(inbox, claimed)
        assert [await count(database, table) for table in (LedgerRecord, Delivery)] == [0, 0]
        assert await handoffs.get(waiting.id) == moved
        assert (await record.list_messages(chat))[-1] == claimed.message
        assert (again.message, again.holder, again.attempt, again.failures) == (claimed.message, now, 1, 0)

        done, _ = await answer(inbox, again, "这回说对了")
        assert [reply.text for reply in done.replies] == ["这回说对了"]
        assert (await say(inbox, chat, PHONE, owner=OTHER))[0].replies == done.replies

    @sqlite_only
    async def test_nothing_is_signalled_of_what_did_not_happen(
        self, inbox: Inbox, handoffs: Acts, waiting: HandoffView, database: Database
    ) -> None:
        claimed = await hear(inbox, waiting.conversation_id, PHONE)
        await handoffs.take(waiting.id, AN)
        heard = await read_signals(database)
        await record_late(inbox, claimed)
        assert await read_signals(database) == heard

    async def test_it_stays_with_the_process_and_what_came_later_stays_behind_it(
        self, inbox: Inbox, other_inbox: Inbox, handoffs: Acts, waiting: HandoffView
    ) -> None:
        chat = waiting.conversation_id
        claimed = await hear(inbox, chat, "一")
        await say(other_inbox, chat, "二", owner=OTHER)
        await handoffs.return_to_bot(waiting.id)
        again = await record_late(inbox, claimed)
        assert await other_inbox.claim(chat, OTHER) is None
        assert again.message.text == "一"
        _, following = await answer(inbox, again, "答一")
        assert following
        assert following.message.text == "二"

    async def test_who_keeps_changing_is_followed(self, inbox: Inbox, handoffs: Acts, waiting: HandoffView) -> None:
        claimed = await hear(inbox, waiting.conversation_id, "在吗")
        events: list[Event] = ["take", "requeue", "take", "close"]
        for event in events:
            await handoffs.move(waiting.id, event, staff_id=AN)
            claimed = await record_late(inbox, claimed)
            assert claimed.attempt == 1
        assert claimed.holder == "bot"


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
        claimed = await hear(inbox, chat, "在吗")
        assert claimed.holder == decided
        await bring(handoffs, waiting, meanwhile)
        done, following = await answer(inbox, claimed, "请稍等")
        assert (done.holder, [reply.text for reply in done.replies]) == (decided, ["请稍等"])
        assert following is None

    async def test_a_process_that_lost_its_lease_is_refused_whoever_holds_it(
        self, inbox: Inbox, other_inbox: Inbox, handoffs: Acts, waiting: HandoffView
    ) -> None:
        chat = waiting.conversation_id
        claimed = await hear(inbox, chat, "在吗")
        await inbox.give_back(claimed, OWNER)
        assert await other_inbox.claim(chat, OTHER)
        await handoffs.take(waiting.id, AN)
        assert await inbox.record_outcome(claimed, TurnOutcome(), owner=OWNER) == (None, None)
        assert (await say(inbox, chat, "在吗", owner=OWNER))[1] is None
