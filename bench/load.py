"""Load: customers who write turn after turn, and their latencies."""

import asyncio
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from statistics import quantiles

import httpx
import psutil

from connectors.wording import APOLOGY
from knowledge.seeding import read_seed
from understanding.schemas import Evidence, State
from understanding.understand import Understanding

# One conversation: small talk, a question, the quota form from start to end, questions again.
SCRIPT = ("你好", "?", "能贷多少", "同意", "开店摆摊", "一年60万", "5年", "没有", "没有", "?", "谢谢", "?")
# What the gateway does without Rasa.
GATEWAY_ACTS = frozenset(
    {"danger", "danger_possible", "secret", "wait_for_agent", "return", "cancel_call", "change_call"}
)
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
        if not turn["replies"] or turn["replies"][0]["text"] == APOLOGY.text:
            raise RuntimeError(f"no answer to {text!r}: {turn}")
        if turn["holder"] != "bot":  # some questions lead to a handoff: another customer goes on
            del self._tokens[name]


class Rasa:
    """Our Rasa alone, as the gateway asks it: POST /intents where words do not decide, then POST /turns.

    No entries are found, and nothing is recorded. Acts that are the gateway's own lead to nothing.
    """

    def __init__(self, token: str) -> None:
        self._headers = {"Authorization": f"Bearer {token}"}
        self._states: dict[str, State] = {}

    async def send(self, client: httpx.AsyncClient, name: str, text: str) -> None:
        """One turn."""
        state = self._states.get(name, State())
        evidence = RasaEvidence(client, self._headers)
        act = (await Understanding(evidence).understand(text, state)).act
        if act.name in GATEWAY_ACTS:
            return
        body = {
            "conversation_id": name,
            "message_id": uuid.uuid4().hex,
            "act": act.model_dump(mode="json", exclude_defaults=True),
        }
        answer = await client.post("/turns", headers=self._headers, json=body)
        answer.raise_for_status()
        turn = answer.json()
        if not turn["messages"]:
            raise RuntimeError(f"no answer to {text!r}")
        self._states[name] = State.model_validate(turn["state"])


class RasaEvidence:
    """Intents alone."""

    def __init__(self, client: httpx.AsyncClient, headers: Mapping[str, str]) -> None:
        self._client = client
        self._headers = headers

    async def find(self, text: str, parts: Sequence[str] = ()) -> Evidence:
        """See EvidenceSource.find; here it raises."""
        answer = await self._client.post("/intents", headers=self._headers, json={"text": text})
        answer.raise_for_status()
        return Evidence(intents=answer.json()["intents"])


async def send_to_stock(client: httpx.AsyncClient, name: str, text: str) -> None:
    """A turn on the stock Rasa's REST channel; it may have no replies, for instance if it understood nothing."""
    answer = await client.post("/webhooks/rest/webhook", json={"sender": name, "message": text})
    answer.raise_for_status()


def count_memory(pid: int) -> int:
    """Resident megabytes of a process and its children."""
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    return int(sum(p.memory_info().rss for p in family) / 1e6)
