"""Crowds at the doors, and clients that never finish: everybody else is still served."""

import asyncio
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from random import Random

import httpx

from attack.exchange import ANSWER_SECONDS, leave, read_status
from attack.house import House
from attack.row import Row

SLOW, SESSIONS, STREAMS = 200, 5000, 2000
BYTE_SECONDS = 1.0
SERVED_SECONDS = 5.0  # as WeChat would wait
AT_ONCE = 20
HEADS = (
    b"POST /webchat/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    b"POST /webchat/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9999\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9999\r\n\r\n",
)


async def crowd(dice: Random, seconds: float, house: House) -> list[Row]:
    """Rows for slow clients at both public processes, sessions, and streams of events."""
    gateway, desk = house.url("gateway"), house.url("desk")
    sessions, tokens = await open_sessions(gateway, seconds * 0.25)
    return [
        await be_slow(gateway, gateway, HEADS[:2], seconds * 0.25),
        await be_slow(desk, gateway, HEADS[2:], seconds * 0.2),
        sessions,
        await open_streams(gateway, tokens, seconds * 0.3),
    ]


async def be_slow(url: str, gateway: str, heads: Sequence[bytes], seconds: float, clients: int = SLOW) -> Row:
    """So many clients send a byte a second, while a customer writes and somebody opens the process's health page."""
    row = Row(f"crowds: slow clients at {url.rsplit(':', 1)[1]}", clients, seconds)
    host, port = url.removeprefix("http://").split(":")
    end = time.monotonic() + seconds

    async def drip(head: bytes) -> None:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(host, int(port))
            try:
                writer.write(head)
                while time.monotonic() < end and not writer.is_closing():
                    writer.write(b"a")
                    await writer.drain()
                    await asyncio.sleep(BYTE_SECONDS)
            finally:
                await leave(writer)

    dripping = []
    while row.next_try():
        dripping.append(asyncio.create_task(drip(heads[row.tries % len(heads)])))
    await asyncio.sleep(min(2.0, seconds / 4))
    async with httpx.AsyncClient(timeout=SERVED_SECONDS, trust_env=False) as client:
        while time.monotonic() < end:
            began = time.monotonic()
            try:
                problem = await _be_served(client, gateway, url)
            except httpx.HTTPError as error:
                problem = repr(error)
            row.check(not problem, url, f"a normal customer beside them: {problem}")
            row.took = time.monotonic() - row.began
            await asyncio.sleep(max(0.0, 0.5 - (time.monotonic() - began)))
    for task in dripping:
        task.cancel()
    await asyncio.gather(*dripping, return_exceptions=True)
    return row


async def _be_served(client: httpx.AsyncClient, gateway: str, url: str) -> str:
    opened = await client.post(f"{gateway}/webchat/sessions")
    if opened.status_code != 200:
        return f"no session: status {opened.status_code}"
    headers = {"Authorization": f"Bearer {opened.json()['token']}"}
    body = {"message_id": str(uuid.uuid4()), "text": "你好"}
    answer = await client.post(f"{gateway}/webchat/messages", headers=headers, json=body)
    if answer.status_code != 200 or not answer.json()["replies"]:
        return f"no reply: status {answer.status_code}"
    page = await client.get(f"{url}/sign-in")  # the gateway has none and says so
    return "" if page.status_code in (200, 404) else f"status {page.status_code}"


async def open_sessions(gateway: str, seconds: float, goal: int = SESSIONS) -> tuple[Row, list[str]]:
    """Sessions as fast as they are given: each is opened, or refused with the time to wait."""
    row, tokens = Row("crowds: sessions", goal, seconds), list[str]()
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(base_url=gateway, timeout=ANSWER_SECONDS, limits=limits, trust_env=False) as client:

        async def open_some() -> None:
            while row.next_try():
                try:
                    answer = await client.post("/webchat/sessions")
                except httpx.HTTPError as error:
                    row.fail("POST /webchat/sessions", f"no answer: {error!r}")
                    continue
                if answer.status_code == 200:
                    tokens.append(answer.json()["token"])
                elif answer.status_code != 429 or "retry-after" not in answer.headers:
                    row.fail("POST /webchat/sessions", f"status {answer.status_code}, {dict(answer.headers)}")

        await asyncio.gather(*(open_some() for _ in range(AT_ONCE)))
    return row, tokens


async def open_streams(gateway: str, tokens: Sequence[str], seconds: float, goal: int = STREAMS) -> Row:
    """Streams that stay open, all at the same time: each begins, or is refused with the time to wait."""
    row = Row("crowds: streams of events", goal, seconds * 0.8)
    host, port = gateway.removeprefix("http://").split(":")
    few = asyncio.Semaphore(AT_ONCE * 5)
    is_over = asyncio.Event()

    async def listen(token: str) -> None:
        async with few:
            try:
                reader, writer = await asyncio.open_connection(host, int(port))
            except OSError as error:
                row.fail("GET /webchat/events", f"no connection: {error!r}")
                return
            try:
                head = f"GET /webchat/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"
                writer.write(head.encode())
                begun = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), ANSWER_SECONDS)
            except (OSError, EOFError, TimeoutError) as error:
                row.fail("GET /webchat/events", f"no answer: {error!r}")
                await leave(writer)
                return
        status = read_status(begun)
        if status != 200 and not (status == 429 and b"retry-after" in begun.lower()):
            row.fail("GET /webchat/events", begun.decode("latin-1"))
        if status == 200:
            await is_over.wait()
        await leave(writer)

    opened = []
    while tokens and row.next_try():
        opened.append(asyncio.create_task(listen(tokens[row.tries % len(tokens)])))
        await asyncio.sleep(0.002)
    row.check(bool(tokens), "", "no session was opened")
    await asyncio.sleep(min(5.0, seconds * 0.2))
    async with httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False) as client:
        try:
            problem = await _be_served(client, gateway, gateway)
        except httpx.HTTPError as error:
            problem = repr(error)
    row.check(not problem, gateway, f"a normal customer beside them: {problem}")
    is_over.set()
    await asyncio.gather(*opened, return_exceptions=True)
    return row
