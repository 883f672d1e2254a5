"""Two desks at the same moment: one wins and the other is told, whatever they try."""

import asyncio
from collections import Counter

import pytest

from conversations.handoff.schemas import HandoffView
from conversations.inbox import Inbox
from conversations.schemas import HandoffUpdate, Reply, TurnOutcome
from conversations.service import Conversations
from kit.errors import RequestError
from tests.conversations.acts import Acts
from tests.conversations.talk import AN, BO, OWNER, PHONE, ask_for_human, attempt, hear, say
from tests.waiting import WAIT_SECONDS

ROUNDS = 20
CAPACITY = 3


async def ask_many(record: Conversations, inbox: Inbox, handoffs: Acts, number: int) -> list[HandoffView]:
    """So many customers who wait."""
    opened = [await record.open_conversation("web", f"customer-{n}") for n in range(number)]
    return [await ask_for_human(inbox, handoffs, conversation.id) for conversation in opened]


async def test_of_two_who_take_one_wins_and_the_other_is_told(
    record: Conversations, inbox: Inbox, handoffs: Acts, other_handoffs: Acts
) -> None:
    for waiting in await ask_many(record, inbox, handoffs, ROUNDS):
        taken = await asyncio.gather(
            handoffs.take(waiting.id, AN, replies=[Reply(text=AN)]),
            other_handoffs.take(waiting.id, BO, replies=[Reply(text=BO)]),
            return_exceptions=True,
        )
        (winner,) = [each.agent_id for each in taken if isinstance(each, HandoffView)]
        (loser,) = [each for each in taken if isinstance(each, RequestError)]
        assert (loser.status, loser.code) == (409, "handoff_moved_on")
        assert (await handoffs.get(waiting.id)).agent_id == winner
        assert [event.event for event in await handoffs.list_events(waiting.id)] == ["request", "take"]
        assert (await record.list_messages(waiting.conversation_id))[-1].text == winner


async def test_of_two_who_are_offered_or_will_call_one_does(
    record: Conversations, inbox: Inbox, handoffs: Acts, other_handoffs: Acts
) -> None:
    for waiting in await ask_many(record, inbox, handoffs, 5):
        offers = await asyncio.gather(
            attempt(handoffs.assign(waiting.id, AN, only_of="")),
            attempt(other_handoffs.assign(waiting.id, BO, only_of="")),
        )
        assert offers.count(None) == 1
        await handoffs.decline(waiting.id)
        await handoffs.book_callback(waiting.id, PHONE)
        claims = await asyncio.gather(
            attempt(handoffs.claim_callback(waiting.id, AN, only_of="")),
            attempt(other_handoffs.claim_callback(waiting.id, BO, only_of="")),
        )
        (claimed,) = filter(None, claims)
        assert (await handoffs.get(waiting.id)).agent_id == claimed.agent_id


async def test_nobody_gets_more_than_they_can_hold(
    record: Conversations, inbox: Inbox, handoffs: Acts, other_handoffs: Acts
) -> None:
    waiting = await ask_many(record, inbox, handoffs, 10)
    for agent in (AN, BO):
        left = [handoff for handoff in waiting if (await handoffs.get(handoff.id)).state == "queued"]
        offers = await asyncio.gather(
            *(
                attempt((handoffs, other_handoffs)[n % 2].assign(each.id, agent, capacity=CAPACITY))
                for n, each in enumerate(left)
            )
        )
        assert len([offer for offer in offers if offer]) == CAPACITY
    assert await handoffs.count_load() == {AN: CAPACITY, BO: CAPACITY}
    with pytest.raises(RequestError, match="409 agent_full"):
        await handoffs.assign(left[-1].id, AN, capacity=CAPACITY)


async def test_a_customer_who_gives_up_and_an_agent_who_takes_agree_on_what_happened(
    record: Conversations, inbox: Inbox, handoffs: Acts, other_handoffs: Acts
) -> None:
    outcome = TurnOutcome(replies=[Reply(text="小禾回来了")], handoff_update=HandoffUpdate(act="return"))
    for waiting in await ask_many(record, inbox, handoffs, ROUNDS):
        chat = waiting.conversation_id
        claimed = await hear(inbox, chat, "不等了")
        (done, again), taken = await asyncio.gather(
            inbox.record_outcome(claimed, outcome, owner=OWNER),
            attempt(other_handoffs.take(waiting.id, AN)),
        )
        state, holder = ("active", "agent") if taken else ("returned", "bot")
        assert (await handoffs.get(waiting.id)).state == state
        assert (await record.get_conversation(chat)).holder == holder
        assert (done is None, again is None) == (taken is not None, taken is None)


async def test_a_customer_who_cancels_a_call_and_staff_who_work_on_it_agree_on_what_happened(
    record: Conversations, inbox: Inbox, handoffs: Acts, other_handoffs: Acts
) -> None:
    outcome = TurnOutcome(replies=[Reply(text="取消了")], handoff_update=HandoffUpdate(act="cancel_callback"))
    for n, waiting in enumerate(await ask_many(record, inbox, handoffs, ROUNDS)):
        await handoffs.book_callback(waiting.id, PHONE)
        claimed = await hear(inbox, waiting.conversation_id, "取消回电")
        is_made = n % 2 == 0
        work = other_handoffs.close(waiting.id, by=AN) if is_made else other_handoffs.claim_callback(waiting.id, AN)
        _, worked = await asyncio.gather(inbox.record_outcome(claimed, outcome, owner=OWNER), attempt(work))
        handoff, events = await handoffs.get(waiting.id), await handoffs.list_events(waiting.id)
        assert handoff.state == ("closed" if is_made and worked else "returned")
        done = [event.event for event in events][2:]
        cancelled = ["cancel_callback"], ["claim", "cancel_callback"]
        assert done == ["close"] if handoff.state == "closed" else done in cancelled
        assert (handoff.agent_id == AN) == ("claim" in done)


async def test_one_customer_asks_for_a_human_once_however_often_it_is_recorded(
    record: Conversations, inbox: Inbox, other_inbox: Inbox, handoffs: Acts
) -> None:
    chat = (await record.open_conversation("web", "zhang")).id
    await asyncio.gather(*(_ask(process, chat, n) for n, process in enumerate((inbox, other_inbox) * 5)))
    assert len(await handoffs.list_of_conversation(chat)) == 1


async def _ask(inbox: Inbox, chat: str, n: int) -> None:
    owner = f"process-{n}"
    _, claimed = await say(inbox, chat, f"转人工{n}", owner=owner)
    while claimed:
        outcome = TurnOutcome.model_validate({"handoff": {"reason": "customer_request"}})
        _, claimed = await inbox.record_outcome(claimed, outcome, owner=owner)


async def test_whatever_two_desks_do_the_holder_agrees_with_the_handoff(
    record: Conversations, inbox: Inbox, handoffs: Acts, other_handoffs: Acts
) -> None:
    waiting = await ask_many(record, inbox, handoffs, 4)
    async with asyncio.timeout(WAIT_SECONDS):
        await asyncio.gather(
            *(
                attempt(process.move(each.id, event, staff_id=AN, agent_id=AN, capacity=100))
                for each in waiting
                for process in (handoffs, other_handoffs)
                for event in ("assign", "take", "accept", "transfer", "requeue", "take_over", "decline", "assign")
            )
        )
    holders = {"queued": "queue", "assigned": "queue", "active": "agent"}
    for each in waiting:
        handoff = await handoffs.get(each.id)
        assert (await record.get_conversation(each.conversation_id)).holder == holders[handoff.state]
        assert (handoff.agent_id is None) == (handoff.state == "queued")
        assert (await handoffs.list_events(each.id))[-1].state == handoff.state
    load = Counter(h.agent_id for h in await handoffs.list_open() if h.agent_id)
    assert await handoffs.count_load() == dict(load)
