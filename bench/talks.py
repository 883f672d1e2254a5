"""Benchmark of talks: how long messages take each way while many talks go on."""

import asyncio
import json
import random
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any, Self

import httpx
from pydantic import SecretStr

from bench.load import summarize
from conversations.handoff.schemas import HandoffView
from desk.schemas import StaffView
from desk.services import DeskServices
from desk.settings import DeskSettings
from dev.stack import Stack
from kit.background import repeat
from kit.security import hash_token

TALKS, ROUNDS = 50, 20
WARM_UP = 4  # rounds: if all began in the same second, opening connections would be measured
TALKS_EACH = 5  # an agent's
PAUSE_SECONDS = (0.5, 1.5)  # between two messages
# A talk's first turn is the bot's: how many customers come at once.
COMING_AT_ONCE = 4
BEAT_SECONDS = 10.0
HEARD_SECONDS = 15.0
REOPEN_SECONDS = 1.0
PASSWORD, NEXT_PASSWORD = "青禾-Bench-2026", "换过的-Bench-2026"
AGENT_SAYS = ("您好，材料我看到了，流水还差最近两个月的。", "可以的，网点周一到周五都能办。", "我帮您查一下，请稍等。")
CUSTOMER_SAYS = ("好的，我明天带过来。", "那大概几天能批下来？", "户口簿要不要一起带？", "我在柳河镇，去哪个网点近？")
_numbers = count(1)


def make_words(sentences: Sequence[str]) -> str:
    """A unique message."""
    return f"{random.choice(sentences)}（{next(_numbers)}）"  # noqa: S311 (no secret)


class Stopwatch:
    """Measures the time from sending a message until it arrives, in seconds."""

    def __init__(self) -> None:
        self._said: dict[str, float] = {}
        self.waits: list[float] = []

    def say(self, words: str) -> str:
        """Starts the clock of a message and returns it."""
        self._said[words] = time.perf_counter()
        return words

    def hear(self, words: str) -> None:
        """Stops the clock of a message; ignores unknown ones."""
        if (said := self._said.pop(words, None)) is not None:
            self.waits.append(time.perf_counter() - said)

    async def settle(self) -> None:
        """Waits until every message has arrived; TimeoutError if one does not."""
        async with asyncio.timeout(HEARD_SECONDS):
            while self._said:  # noqa: ASYNC110 (another process is waited for)
                await asyncio.sleep(0.05)


class Customer:
    """A customer on the web chat, with their own client: a shared pool would cost more time than the gateway."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=url, timeout=30, verify=False, trust_env=False)  # noqa: S501 (no TLS here)
        self.token = ""

    async def __aenter__(self) -> Self:
        self.token = (await self._client.post("/webchat/sessions")).json()["token"]
        self._client.headers["Authorization"] = f"Bearer {self.token}"
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._client.aclose()

    async def say(self, words: str) -> dict[str, Any]:
        """Sends a message and returns the turn."""
        body = {"message_id": uuid.uuid4().hex, "text": words}
        answer = await self._client.post("/webchat/messages", json=body)
        answer.raise_for_status()
        turn: dict[str, Any] = answer.json()
        return turn

    async def listen(self, hear: Callable[[str], None]) -> None:
        """Passes on what agents say; reopens the stream of events where it ended, as the page does."""
        last_id = ""
        while True:
            with suppress(httpx.TransportError):
                headers = {"Last-Event-ID": last_id} if last_id else {}
                async with self._client.stream("GET", "/webchat/events", headers=headers, timeout=None) as stream:
                    stream.raise_for_status()
                    async for line in stream.aiter_lines():
                        if line.startswith("id:"):
                            last_id = line[3:].strip()
                        elif line.startswith("data:") and (said := json.loads(line[5:])).get("author") == "agent":
                            hear(said["text"])
            await asyncio.sleep(REOPEN_SECONDS)


@dataclass(frozen=True)
class Talk:
    """A customer with the agent who took them."""

    customer: Customer
    agent: StaffView
    handoff: HandoffView


@dataclass(frozen=True)
class Floor:
    """Open talks, and the latencies of messages in them."""

    desk: DeskServices
    talks: Sequence[Talk]
    to_customer: Stopwatch
    to_agent: Stopwatch

    async def go_on(self, rounds: int) -> None:
        """Customers and agents write at their own pace; ends when every message has arrived."""
        await asyncio.gather(*(side(talk, rounds) for talk in self.talks for side in (self._answer, self._write)))
        await self.to_customer.settle()
        await self.to_agent.settle()

    async def warm_up(self) -> None:
        """Everybody writes messages that are not measured."""
        await self.go_on(WARM_UP)
        self.to_customer.waits.clear()
        self.to_agent.waits.clear()

    async def hear_customer(self, talk: Talk) -> None:
        """Does what an agent's page does: woken by signals, it reads new messages from the record."""
        last = 0
        conversation_id = talk.handoff.conversation_id
        with self.desk.pubsub.subscribe(conversation_id) as subscription:
            while True:
                await subscription.wait(3.0)
                for message in await self.desk.conversations.list_messages(conversation_id, after_id=last):
                    last = message.id
                    if message.author == "customer":
                        self.to_agent.hear(message.text)

    async def _answer(self, talk: Talk, rounds: int) -> None:
        for _ in range(rounds):
            await _pause()
            words = self.to_customer.say(make_words(AGENT_SAYS))
            await self.desk.talks.say(talk.agent, talk.handoff.id, words, uuid.uuid4().hex)

    async def _write(self, talk: Talk, rounds: int) -> None:
        for _ in range(rounds):
            await _pause()
            await talk.customer.say(self.to_agent.say(make_words(CUSTOMER_SAYS)))


@asynccontextmanager
async def open_desk(stack: Stack) -> AsyncIterator[DeskServices]:
    """Stands in for a desk process, with the classes that the pages use."""
    settings = DeskSettings(
        database_url=stack.environment["XIAOHE_DATABASE_URL"],
        knowledge_url=stack.urls["knowledge"],
        vault_keys=SecretStr(stack.environment["XIAOHE_VAULT_KEYS"]),
        vault_hash_key=SecretStr(stack.environment["XIAOHE_VAULT_HASH_KEY"]),
        knowledge_token=SecretStr(stack.environment["XIAOHE_KNOWLEDGE_TOKEN"]),
    )
    desk = DeskServices(settings)
    async with run_beside(desk.pubsub.run()):
        yield desk
    await desk.close()


@asynccontextmanager
async def open_floor(stack: Stack, desk: DeskServices, talks: int) -> AsyncIterator[Floor]:
    """Customers who asked for a human, each taken by an agent, all with open streams."""
    agents = [await add_agent(desk) for _ in range(-(-talks // TALKS_EACH))]

    async def beat() -> None:
        for agent in agents:
            await desk.accounts.mark_seen(agent.id)

    coming = asyncio.Semaphore(COMING_AT_ONCE)

    async def come(number: int) -> Talk:
        async with coming:
            customer = await customers.enter_async_context(Customer(stack.urls["gateway"]))
            return await take(desk, customer, agents[number // TALKS_EACH])

    await beat()
    async with AsyncExitStack() as customers:
        held = await asyncio.gather(*(come(number) for number in range(talks)))
        floor = Floor(desk, held, Stopwatch(), Stopwatch())
        listening = [work for t in held for work in (t.customer.listen(floor.to_customer.hear), floor.hear_customer(t))]
        async with run_beside(repeat(beat, seconds=BEAT_SECONDS), *listening):
            yield floor


async def measure_talks(stack: Stack, talks: int = TALKS, rounds: int = ROUNDS) -> dict[str, Any]:
    """Milliseconds each way, without the pages: agent's words until the customer's stream has them, and from the
    customer's POST until the desk was told and finds them in the record."""
    async with open_desk(stack) as desk, open_floor(stack, desk, talks) as floor:
        await floor.warm_up()
        await floor.go_on(rounds)
        return {"to_customer": summarize(floor.to_customer.waits), "to_agent": summarize(floor.to_agent.waits)}


async def add_agent(desk: DeskServices) -> StaffView:
    """Adds an agent who gets no customers assigned."""
    login = f"bench-{uuid.uuid4().hex[:8]}"
    return await desk.accounts.add_staff(login, "张敏", "agent", PASSWORD, capacity=TALKS_EACH)


async def take(desk: DeskServices, customer: Customer, agent: StaffView) -> Talk:
    """The customer asks for a human and an agent takes the talk; RuntimeError if there was no handoff."""
    turn = await customer.say("转人工")
    conversation = await desk.conversations.find_conversation("web", hash_token(customer.token))
    handoff = conversation and await desk.handoffs.find_live(conversation.id)
    if not handoff:
        raise RuntimeError(f"nobody was asked for: {turn}")
    return Talk(customer, agent, await desk.talks.take(agent, handoff.id))


@asynccontextmanager
async def run_beside(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs some work beside the block; its failure ends the block."""
    async with asyncio.TaskGroup() as tasks:
        beside = [tasks.create_task(work) for work in works]
        yield
        for task in beside:
            task.cancel()


async def _pause() -> None:
    await asyncio.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311 (no secret)
