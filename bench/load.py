"""Load: customers who write turn after turn, and their latencies."""

import asyncio
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence
from statistics import quantiles

import httpx

from knowledge.seeding import read_seed

# One conversation: small talk, a question, the quota form from start to end, questions again.
SCRIPT = ("你好", "?", "能贷多少", "同意", "开店摆摊", "一年60万", "5年", "没有", "没有", "?", "谢谢", "?")
ENDINGS = ("", "呢", "啊", "？", "呀", "请问")

Send = Callable[[httpx.AsyncClient, str, str], Awaitable[None]]
"""Sends a customer's text and waits for the reply; raises when there is none."""


def summarize(waits: Sequence[float]) -> dict[str, float]:
    """Percentiles in milliseconds of waits in seconds."""
    cuts = quantiles(waits, n=100, method="inclusive")
    results = {"p50_ms": cuts[49], "p95_ms": cuts[94], "max_ms": max(waits)}
    return {name: round(value * 1000, 1) for name, value in results.items()}


def list_texts(seed: int) -> Iterator[str]:
    """A customer's texts without end; questions differ, so that no cache answers them all."""
    choice = random.Random(seed)  # noqa: S311 (repeatable on purpose)
    questions = [text for _, entry in read_seed() for text in entry.similar_questions]
    while True:
        for line in SCRIPT:
            yield choice.choice(questions) + choice.choice(ENDINGS) if line == "?" else line


async def measure(send: Send, customers: int, turns_each: int, base_url: str) -> dict[str, float]:
    """Runs customers concurrently, `turns_each` turns each: milliseconds a turn and turns a second."""
    waits: list[float] = []

    async def converse(number: int) -> None:
        texts = list_texts(number)
        for turn in range(turns_each):
            if turn % len(SCRIPT) == 0:  # the script from its start is another customer's conversation
                name = uuid.uuid4().hex
            started = time.perf_counter()
            await send(client, name, next(texts))
            waits.append(time.perf_counter() - started)

    limits = httpx.Limits(max_connections=customers, max_keepalive_connections=customers)
    async with httpx.AsyncClient(base_url=base_url, timeout=60, limits=limits, trust_env=False) as client:
        started = time.perf_counter()
        await asyncio.gather(*(converse(number) for number in range(customers)))
        seconds = time.perf_counter() - started
    turns = {"customers": customers, "turns": len(waits), "turns_per_second": round(len(waits) / seconds, 1)}
    return turns | summarize(waits)


class Gateway:
    """The whole system: POST to the gateway until the reply."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}

    async def send(self, client: httpx.AsyncClient, name: str, text: str) -> None:
        """One turn on the web chat."""
        if name not in self._tokens:
            self._tokens[name] = (await client.post("/webchat/sessions")).json()["token"]
        answer = await client.post(
            "/webchat/messages",
            headers={"Authorization": f"Bearer {self._tokens[name]}"},
            json={"message_id": str(uuid.uuid4()), "text": text},
        )
        answer.raise_for_status()
        turn = answer.json()
        if not turn["replies"] or turn["replies"][0]["author"] != "bot":
            raise RuntimeError(f"no answer of the bot to {text!r}: {turn}")
        if turn["holder"] != "bot":  # some questions lead to a handoff: another customer goes on
            del self._tokens[name]


def make_turn_sender(token: str) -> Send:
    """Our Rasa alone: POST /turns, without the gateway and its record."""

    async def send(client: httpx.AsyncClient, name: str, text: str) -> None:
        body = {"conversation_id": name, "message_id": uuid.uuid4().hex, "text": text}
        answer = await client.post("/turns", headers={"Authorization": f"Bearer {token}"}, json=body)
        answer.raise_for_status()
        if not answer.json()["messages"]:
            raise RuntimeError(f"no answer to {text!r}")

    return send


async def send_to_stock(client: httpx.AsyncClient, name: str, text: str) -> None:
    """A turn on the stock Rasa's REST channel; it may have no replies, for instance if it understood nothing."""
    answer = await client.post("/webhooks/rest/webhook", json={"sender": name, "message": text})
    answer.raise_for_status()
