"""WeChat's side of the bench: a message until its answer beside a web-chat turn, and a storm of repeated messages."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from statistics import median
from typing import Any

import httpx

from bench.load import Gateway, list_texts, summarize
from dev.stack import Stack
from kit.serving import serve_in_thread
from tests.platforms.wechat import WeChatPlatform
from tests.records import count_turns, is_settled

STORM_CUSTOMERS, STORM_REPEATS = 200, 3
# Each is answered with one message, for any customer.
QUESTIONS = ("农户贷需要什么材料", "提前还款有违约金吗", "社保卡丢了怎么办", "商户贷利息多少", "几点上班")
SETTLE_SECONDS = 120.0


@contextmanager
def run_platform() -> Iterator[tuple[WeChatPlatform, dict[str, str]]]:
    """A WeChat of our own, and the settings of a gateway that serves its account."""
    platform = WeChatPlatform()
    with serve_in_thread(platform.api) as address:
        settings = platform.settings(address)
        yield platform, {f"XIAOHE_WECHAT_{name.upper()}": value for name, value in settings.items()}


def measure_beside_web(platform: WeChatPlatform, url: str, turns: int = 200) -> dict[str, float]:
    """Median milliseconds of a turn in WeChat's safe mode, answered at once, and of the same turn in the web chat.

    The two take turns, so that whatever else the machine does falls on both.
    """
    waits: dict[str, list[float]] = {"wechat": [], "web": []}

    async def write() -> None:
        web, (texts, others) = Gateway(), (list_texts(11), list_texts(12))
        async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
            for turn in range(turns):
                name = f"beside-{turn // 12}"
                started = time.perf_counter()
                said = await platform.deliver(client, platform.text(name, next(texts)))
                if said:  # a customer waiting for an agent gets no answer from the bot
                    waits["wechat"].append(time.perf_counter() - started)
                started = time.perf_counter()
                await web.send(client, name, next(others))
                waits["web"].append(time.perf_counter() - started)

    asyncio.run(write())
    medians = {f"{channel}_p50_ms": round(median(each) * 1000, 1) for channel, each in waits.items()}
    return medians | {"difference_ms": round(medians["wechat_p50_ms"] - medians["web_p50_ms"], 1)}


def raise_storm(platform: WeChatPlatform, stack: Stack) -> dict[str, Any]:
    """Sends every message three times at once; results and latencies of the calls."""
    url = stack.urls["gateway"]
    waits: list[float] = []

    async def call(client: httpx.AsyncClient, message: dict[str, str]) -> None:
        started = time.perf_counter()
        await platform.deliver(client, message)
        waits.append(time.perf_counter() - started)

    async def write(number: int) -> None:
        # A client each: a pool of hundreds of connections would cost more time than the gateway.
        async with httpx.AsyncClient(base_url=url, timeout=30, verify=False, trust_env=False) as client:  # noqa: S501 (no TLS here)
            for question in QUESTIONS:
                message = platform.text(f"storm-{number}", f"{question}{number}")
                await asyncio.gather(*(call(client, message) for _ in range(STORM_REPEATS)))

    async def storm() -> dict[str, Any]:
        database = stack.open_database()
        before = await count_turns(database)
        started = time.perf_counter()
        await asyncio.gather(*(write(number) for number in range(STORM_CUSTOMERS)))
        async with asyncio.timeout(SETTLE_SECONDS):
            while not await is_settled(database):  # noqa: ASYNC110 (another process settles it)
                await asyncio.sleep(0.1)
        seconds = time.perf_counter() - started
        turns = await count_turns(database) - before
        await database.close()
        seen = [len(platform.seen[f"storm-{number}"]) for number in range(STORM_CUSTOMERS)]
        return {
            "messages": STORM_CUSTOMERS * len(QUESTIONS),
            "turns": turns,
            "duplicates": sum(max(0, n - len(QUESTIONS)) for n in seen),
            "losses": sum(max(0, len(QUESTIONS) - n) for n in seen),
            "failed": sum(said.how == "failed" for said in chain.from_iterable(platform.seen.values())),
            **summarize(waits),
            "turns_per_second": round(turns / seconds, 1),
        }

    return asyncio.run(storm())


class WeChatDriver:
    """Brings messages as WeChat would, and waits for the passive reply or, when that is late, for `success`."""

    def __init__(self, platform: WeChatPlatform) -> None:
        self._platform = platform
        self._names: dict[str, int] = {}

    async def send(self, client: httpx.AsyncClient, name: str, text: str) -> None:
        """Brings one message. After a handoff the next one comes from another customer."""
        user = f"{name}-{self._names.get(name, 0)}"
        if await self._platform.deliver(client, self._platform.text(user, text)) is None:
            self._names[name] = self._names.get(name, 0) + 1
