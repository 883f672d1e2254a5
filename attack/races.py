"""Two desks, or a desk and the customer, do something with one handoff in the same moment: one of them wins."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from attack.row import Row
from conversations.handoff.schemas import HandoffView
from conversations.handoff.states import Event
from conversations.inbox import Inbox
from conversations.service import Conversations
from kit.database import Database
from kit.errors import RequestError
from tests.conversations.acts import Acts
from tests.conversations.talk import ask_for_human
from tests.databases import SqliteDatabases
from tests.vaults import VAULT

GOAL = 10_000
DESKS, AT_ONCE = 2, 4
# What is raced for, from which state; of these exactly one may win.
STARTS: Sequence[tuple[Event, ...]] = ((), ("assign",), ("take",))
ACTS: tuple[Event, ...] = ("take", "assign", "accept", "take_over", "transfer", "requeue", "return", "close", "decline")


async def race(dice: Random, seconds: float, database_url: str = "") -> list[Row]:
    """Rows for the race of many for one, and for any acts against each other."""
    with tempfile.TemporaryDirectory() as folder:
        if not database_url:
            template = Path(folder) / "template"
            template.mkdir()
            made = await asyncio.to_thread(SqliteDatabases, template)
            database_url = await made.make(Path(folder))
        databases = [Database(database_url, VAULT) for _ in range(DESKS)]
        desks = [Acts(database) for database in databases]
        record, inbox = Conversations(databases[0]), Inbox(databases[0])

        async def ask() -> HandoffView:
            conversation = await record.open_conversation("web", f"{dice.getrandbits(80):x}")
            return await ask_for_human(inbox, desks[0], conversation.id)

        rows = [
            await race_to_take(desks, ask, seconds / 2),
            await race_at_random(dice, desks, record, ask, seconds / 2),
        ]
        for database in databases:
            await database.close()
        return rows


async def race_to_take(
    desks: Sequence[Any], ask: Callable[[], Awaitable[HandoffView]], seconds: float, goal: int = GOAL
) -> Row:
    """Several agents take one customer at once: one has them, the others are told."""
    row = Row("races: many take one customer", goal, seconds)
    while row.next_try():
        handoff = await ask()
        agents = [f"agent-{number}" for number in range(AT_ONCE)]
        works = (desks[n % len(desks)].take(handoff.id, agent) for n, agent in enumerate(agents))
        done = await asyncio.gather(*works, return_exceptions=True)
        winners = [each.agent_id for each in done if isinstance(each, HandoffView)]
        told = [each for each in done if isinstance(each, RequestError) and each.status == 409]
        row.check(len(winners) == 1 and len(told) == AT_ONCE - 1, done, f"{len(winners)} winners")
        holder = (await desks[0].get(handoff.id)).agent_id
        row.check([holder] == winners, (holder, winners), "the winner does not have the customer")
        await desks[0].close(handoff.id, by=holder)
    return row


async def race_at_random(
    dice: Random,
    desks: Sequence[Acts],
    record: Conversations,
    ask: Callable[[], Awaitable[HandoffView]],
    seconds: float,
) -> Row:
    """Any acts at once: what is recorded agrees with itself afterwards, and each loser is told."""
    row = Row("races: any two acts", GOAL, seconds)
    holders = {"queued": "queue", "assigned": "queue", "active": "agent"}
    while row.next_try():
        handoff = await ask()
        for event in dice.choice(STARTS):
            await desks[0].move(handoff.id, event, staff_id="agent-0", agent_id="agent-0", **_room(event))
        acts = dice.choices(ACTS, k=AT_ONCE)
        works = (
            desks[n % DESKS].move(handoff.id, act, staff_id=f"agent-{n}", agent_id=f"agent-{n}", **_room(act))
            for n, act in enumerate(acts)
        )
        done = await asyncio.gather(*works, return_exceptions=True)
        strange = [each for each in done if isinstance(each, BaseException) and not isinstance(each, RequestError)]
        row.check(not strange, acts, f"raised {strange}")
        now, events = await desks[0].get(handoff.id), await desks[0].list_events(handoff.id)
        holder = (await record.get_conversation(handoff.conversation_id)).holder
        row.check(holder == holders.get(now.state, "bot"), acts, f"held by {holder} in the state {now.state}")
        row.check(events[-1].state == now.state, acts, f"{now.state}, but the last event led to {events[-1].state}")
        if now.state in holders:
            await desks[0].return_to_bot(handoff.id, by=now.agent_id)
    return row


def _room(event: Event) -> dict[str, Any]:
    return {"capacity": 1_000_000} if event == "assign" else {}
