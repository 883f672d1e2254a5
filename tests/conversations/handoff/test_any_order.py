"""Whatever workers and senders do, and wherever they end: every message is answered and delivered once, in order."""

import asyncio
import uuid
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.client import Conversations
from conversations.inbox import WORKER_PATIENCE, Inbox
from conversations.outbox import SENDER_PATIENCE, Outbox
from conversations.schemas import DueDelivery, InboundMessage, Reply, Turn, TurnOutcome
from kit.database import Database
from migrations.metadata import METADATA
from tests.fakes import FixedClock

WORKERS = ("worker-1", "worker-2", "worker-3")
workers, chats = st.sampled_from(WORKERS), st.sampled_from((0, 1))
STEPS = st.one_of(
    st.tuples(st.just("record"), chats, st.none() | workers),
    st.tuples(st.just("repeat"), chats, st.none() | workers),
    st.tuples(st.just("claim"), chats, workers),
    st.tuples(st.just("answer"), chats, workers, st.sampled_from(("wait", "confirm", "release", "forget"))),
    st.tuples(st.just("give_back"), chats, workers),
    st.tuples(st.just("vanish"), workers),
    st.tuples(st.just("take_due"), workers),
    st.tuples(st.just("deliver"), workers, st.sampled_from(("sent", "postponed", "vanished"))),
    st.tuples(st.just("pass_time"), st.sampled_from((6, 21, 31))),
)


class World:
    """Two conversations, three processes that may end anywhere, and what came of it."""

    def __init__(self, database: Database) -> None:
        self.clock = FixedClock()
        self.conversations = Conversations(database, self.clock)
        self.inbox, self.outbox = Inbox(database, self.clock), Outbox(database, self.clock)
        self.ids: list[str] = []
        self.turns: dict[tuple[str, str], Turn] = {}
        self.due: defaultdict[str, list[DueDelivery]] = defaultdict(list)
        self.recorded: defaultdict[str, list[str]] = defaultdict(list)
        self.answered: defaultdict[str, list[str]] = defaultdict(list)
        self.delivered: defaultdict[str, list[str]] = defaultdict(list)

    async def run(self, steps: list[tuple[Any, ...]]) -> None:
        for _ in range(2):
            self.ids.append((await self.conversations.open_conversation("web", uuid.uuid4().hex)).id)
        for name, *values in steps:
            await getattr(self, name)(*values)
        await self._drain()

    async def record(self, chat: int, worker: str | None) -> None:
        text = f"{len(self.recorded[self.ids[chat]])}"
        self.recorded[self.ids[chat]].append(text)
        await self._record(self.ids[chat], text, worker)

    async def repeat(self, chat: int, worker: str | None) -> None:
        if said := self.recorded[self.ids[chat]]:
            await self._record(self.ids[chat], said[-1], worker)

    async def claim(self, chat: int, worker: str) -> None:
        self._keep(self.ids[chat], worker, await self.inbox.claim(self.ids[chat], worker))

    async def answer(self, chat: int, worker: str, request: str) -> None:
        conversation = self.ids[chat]
        turn = self.turns.pop((conversation, worker), None)
        if turn is None:
            return
        outcome = TurnOutcome(replies=[Reply(text=turn.message.text)])
        done = await self.inbox.record_outcome(
            conversation,
            turn.message.id,
            outcome,
            holder=turn.holder,
            worker=worker,
            push="waiting" if request == "wait" else "offered",
        )
        if done is None:
            return
        self.answered[conversation].append(turn.message.text)
        self._keep(conversation, worker, done.next_turn)
        if done.offer and request == "confirm":
            self.delivered[conversation].append(turn.message.text)
            await self.outbox.settle_offers([(done.offer, 1, True)], [])
        elif done.offer and request == "release":
            await self.outbox.settle_offers([], [done.offer])

    async def give_back(self, chat: int, worker: str) -> None:
        if self.turns.pop((self.ids[chat], worker), None):
            await self.inbox.give_back(self.ids[chat], worker)

    async def vanish(self, worker: str) -> None:
        self.turns = {key: turn for key, turn in self.turns.items() if key[1] != worker}
        self.due[worker].clear()

    async def take_due(self, worker: str) -> None:
        self.due[worker] += await self.outbox.claim(["web"], 1)

    async def deliver(self, worker: str, fate: str) -> None:
        if not self.due[worker]:
            return
        delivery = self.due[worker].pop(0)
        if fate == "sent":
            self.delivered[await self._find(delivery)].append(delivery.messages[0].text)
            await self.outbox.record_part(delivery, 1, is_complete=True)
        elif fate == "postponed":
            await self.outbox.postpone(delivery, 5, "平台没有回应")

    async def pass_time(self, seconds: int) -> None:
        self.clock.move(seconds=seconds)
        self.due.clear()  # a sender is done, or has vanished, long before it is taken for gone

    async def _find(self, delivery: DueDelivery) -> str:
        found = await self.conversations.find_conversation(delivery.channel, delivery.channel_user_id)
        assert found
        return found.id

    async def _record(self, conversation: str, text: str, worker: str | None) -> None:
        inbound = InboundMessage(message_id=f"id-of-{text}", text=text)
        recorded = await self.inbox.record(conversation, inbound, worker=worker)
        if worker:
            self._keep(conversation, worker, recorded.turn)

    def _keep(self, conversation: str, worker: str, turn: Turn | None) -> None:
        if turn:
            self.turns[conversation, worker] = turn

    async def _drain(self) -> None:
        for worker in WORKERS:
            await self.vanish(worker)
        self.clock.move(seconds=WORKER_PATIENCE.total_seconds() + SENDER_PATIENCE.total_seconds())
        mine = [c for c in await self.inbox.list_left_alone() if c in self.ids]
        for conversation in mine:
            await self.claim(self.ids.index(conversation), WORKERS[0])
            while (conversation, WORKERS[0]) in self.turns:
                await self.answer(self.ids.index(conversation), WORKERS[0], "wait")
        await self.take_due(WORKERS[0])
        while self.due[WORKERS[0]]:
            await self.deliver(WORKERS[0], "sent")
            await self.take_due(WORKERS[0])


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('any_order')}/test.db"

    async def create() -> None:
        database = Database(url)
        async with database.engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        await database.close()

    asyncio.run(create())
    return url


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=40))
def test_every_message_is_answered_and_delivered_once_and_in_order(url: str, steps: list[tuple[Any, ...]]) -> None:
    async def run() -> World:
        database = Database(url)
        try:
            world = World(database)
            await world.run(steps)
            return world
        finally:
            await database.close()

    world = asyncio.run(run())
    assert world.answered == {c: said for c, said in world.recorded.items() if said}
    assert world.delivered == world.answered
