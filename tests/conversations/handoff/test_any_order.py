"""Whatever processes and senders do, and wherever they end: every message is answered and delivered once, in order."""

import asyncio
import uuid
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.deliveries import DueDelivery
from conversations.inbox import Inbox
from conversations.outbox import Confirmation, Outbox
from conversations.schemas import ClaimedMessage, InboundMessage, Reply, TurnOutcome
from conversations.service import Conversations
from kit.database import Database
from migrations.metadata import METADATA
from tests.fakes import FixedClock
from tests.vaults import VAULT

PROCESSES = ("process-1", "process-2", "process-3")
owners, chats = st.sampled_from(PROCESSES), st.sampled_from((0, 1))
STEPS = st.one_of(
    st.tuples(st.just("record"), chats, st.none() | owners),
    st.tuples(st.just("repeat"), chats, st.none() | owners),
    st.tuples(st.just("claim"), chats, owners),
    st.tuples(st.just("answer"), chats, owners, st.sampled_from(("wait", "confirm", "release", "forget"))),
    st.tuples(st.just("give_back"), chats, owners),
    st.tuples(st.just("vanish"), owners),
    st.tuples(st.just("take_due"), owners),
    st.tuples(st.just("deliver"), owners, st.sampled_from(("sent", "postponed", "vanished"))),
    st.tuples(st.just("pass_time"), st.sampled_from((2, 5, 21))),
)


class World:
    """Two conversations, three processes that may end anywhere, and what came of it."""

    def __init__(self, database: Database) -> None:
        self.clock = FixedClock()
        self.conversations = Conversations(database, self.clock)
        self.inbox, self.outbox = Inbox(database, self.clock), Outbox(database, self.clock)
        self.ids: list[str] = []
        self.claimed: dict[tuple[str, str], ClaimedMessage] = {}
        self.due: defaultdict[str, list[DueDelivery]] = defaultdict(list)
        self.recorded: defaultdict[str, list[str]] = defaultdict(list)
        self.answered: defaultdict[str, list[str]] = defaultdict(list)
        self.delivered: defaultdict[str, list[str]] = defaultdict(list)

    async def run(self, steps: list[tuple[Any, ...]]) -> None:
        for _ in range(2):
            self.ids.append((await self.conversations.open_conversation("telegram", uuid.uuid4().hex)).id)
        for name, *values in steps:
            await getattr(self, name)(*values)
        await self._drain()

    async def record(self, chat: int, owner: str | None) -> None:
        text = f"{len(self.recorded[self.ids[chat]])}"
        self.recorded[self.ids[chat]].append(text)
        await self._record(self.ids[chat], text, owner)

    async def repeat(self, chat: int, owner: str | None) -> None:
        if said := self.recorded[self.ids[chat]]:
            await self._record(self.ids[chat], said[-1], owner)

    async def claim(self, chat: int, owner: str) -> None:
        self._keep(self.ids[chat], owner, await self.inbox.claim(self.ids[chat], owner))

    async def answer(self, chat: int, owner: str, request: str) -> None:
        conversation = self.ids[chat]
        claimed = self.claimed.pop((conversation, owner), None)
        if claimed is None:
            return
        outcome = TurnOutcome(replies=[Reply(text=claimed.message.text)])
        done, following = await self.inbox.record_outcome(claimed, outcome, owner=owner, is_awaited=request != "wait")
        if done is None:
            return
        self.answered[conversation].append(claimed.message.text)
        self._keep(conversation, owner, following)
        if done.passive_reply_id and request == "confirm":
            self.delivered[conversation].append(claimed.message.text)
            await self.outbox.confirm([Confirmation(done.passive_reply_id, 1, True)])
        elif done.passive_reply_id and request == "release":
            await self.outbox.confirm([Confirmation(done.passive_reply_id, 0, False)])

    async def give_back(self, chat: int, owner: str) -> None:
        if claimed := self.claimed.pop((self.ids[chat], owner), None):
            await self.inbox.give_back(claimed, owner)

    async def vanish(self, owner: str) -> None:
        self.claimed = {key: each for key, each in self.claimed.items() if key[1] != owner}
        self.due[owner].clear()

    async def take_due(self, owner: str) -> None:
        self.due[owner] += await self.outbox.claim(["telegram"], 1)

    async def deliver(self, owner: str, result: str) -> None:
        if not self.due[owner]:
            return
        delivery = self.due[owner].pop(0)
        if result == "sent":
            self.delivered[await self._find(delivery)].append(delivery.messages[0].text)
            await self.outbox.record_part(delivery, 1, is_complete=True)
        elif result == "postponed":
            await self.outbox.postpone(delivery, 5, "平台没有回应")

    async def pass_time(self, seconds: int) -> None:
        self.clock.move(seconds=seconds)
        self.due.clear()  # a deliverer is done, or has vanished, long before its lease ends

    async def _find(self, delivery: DueDelivery) -> str:
        found = await self.conversations.find_conversation(delivery.channel, delivery.channel_user_id)
        assert found
        return found.id

    async def _record(self, conversation: str, text: str, owner: str | None) -> None:
        inbound = InboundMessage(message_id=f"id-of-{text}", text=text)
        _, claimed = await self.inbox.record(conversation, inbound, owner=owner)
        if owner:
            self._keep(conversation, owner, claimed)

    def _keep(self, conversation: str, owner: str, claimed: ClaimedMessage | None) -> None:
        if claimed:
            self.claimed[conversation, owner] = claimed

    async def _drain(self) -> None:
        for owner in PROCESSES:
            await self.vanish(owner)
        self.clock.move(seconds=21)
        mine = [c for c in await self.inbox.list_stalled() if c in self.ids]
        for conversation in mine:
            await self.claim(self.ids.index(conversation), PROCESSES[0])
            while (conversation, PROCESSES[0]) in self.claimed:
                await self.answer(self.ids.index(conversation), PROCESSES[0], "wait")
        await self.take_due(PROCESSES[0])
        while self.due[PROCESSES[0]]:
            await self.deliver(PROCESSES[0], "sent")
            await self.take_due(PROCESSES[0])


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('any_order')}/test.db"

    async def create() -> None:
        database = Database(url, VAULT)
        async with database.engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        await database.close()

    asyncio.run(create())
    return url


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=40))
def test_every_message_is_answered_and_delivered_once_and_in_order(url: str, steps: list[tuple[Any, ...]]) -> None:
    async def run() -> World:
        database = Database(url, VAULT)
        try:
            world = World(database)
            await world.run(steps)
            return world
        finally:
            await database.close()

    world = asyncio.run(run())
    assert world.answered == {c: said for c, said in world.recorded.items() if said}
    assert world.delivered == world.answered
