"""Tries to watch and to drive a colleague's open page from a socket of one's own."""

import asyncio
import json
import re
import uuid
from collections.abc import Mapping
from contextlib import suppress
from random import Random
from typing import Any

import httpx
import socketio
from socketio.exceptions import SocketIOError

from attack.house import House
from attack.row import Row
from desk.entrance import COOKIE

GOAL = 1000
EVENTS = ("handshake", "event", "javascript_response", "ack", "log", "disconnect", "no such event")
ATTACKERS = ("editor", "agent", "admin", "approver", "deactivated", "expired", "nobody")
WAIT_SECONDS = 3.0
HEARD_SECONDS = 0.1
QUIET_SECONDS = 0.5
_PAGE_ID = re.compile("""["']client_id["']: ?["']([0-9a-f-]{36})""")


async def hijack_sockets(dice: Random, seconds: float, house: House) -> list[Row]:
    """The supervisor's pages against everybody else who is signed in."""
    return [await hijack(dice, seconds, house.url("desk"), house.tokens)]


async def hijack(dice: Random, seconds: float, url: str, tokens: Mapping[str, str], goal: int = GOAL) -> Row:
    """A row: everything that an attacker hears, or may go on saying, is a failure."""
    row = Row("sockets: a colleague's page", goal, seconds)
    while row.next_try():
        page_id = await open_page(url, tokens["supervisor"])
        ids = make_ids(page_id)
        owner = Socket(url, tokens["supervisor"])
        if not await owner.connect(ids):
            row.fail(ids, "its owner cannot open the page: nothing was tried")
            continue
        attacker, event = dice.choice(ATTACKERS), dice.choice(EVENTS)
        socket = Socket(url, tokens[attacker])
        named = ids if dice.random() < 0.3 else {}
        if await socket.connect(named):
            more = {"id": dice.randrange(40), "listener_id": "1", "args": [{}], "request_id": "1", "result": 1}
            odd = dice.choice((ids, ids, ids | {"client_id": [page_id]}, ids | {"client_id": None}, [page_id], None))
            message = {**odd, **more, "next_message_id": 0} if isinstance(odd, dict) else odd
            is_out = await socket.emit(event, message)
            row.check(is_out or event in EVENTS[-2:], (attacker, event, message), "the socket stays open")
        row.check(not socket.heard, (attacker, event, named), f"heard {str(socket.heard)[:200]}")
        row.check(owner.client.connected, (attacker, event), "the owner's page lost its connection")
        await socket.close()
        await owner.close()
    return row


async def open_page(url: str, token: str) -> str:
    """Opens a page of the staff site; its id."""
    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
        return find_page_id((await client.get("/dashboard", headers={"Cookie": f"{COOKIE}={token}"})).text)


def find_page_id(html: str) -> str:
    """Empty when it is no page with a socket."""
    found = _PAGE_ID.search(html.replace("&quot;", '"'))
    return found[1] if found else ""


def make_ids(page_id: str) -> dict[str, str]:
    """What a browser names when it connects to a page."""
    return {"client_id": page_id, "tab_id": str(uuid.uuid4()), "document_id": str(uuid.uuid4())}


async def read_body(url: str, token: str, html: str) -> str:
    """What the socket of a page brings after its first answer: most of its body; empty for what has no socket."""
    page_id = find_page_id(html)
    if not page_id:
        return ""
    socket = Socket(url, token)
    await socket.connect({**make_ids(page_id), "next_message_id": "0"})
    heard = -1
    while heard < len(socket.heard):
        heard = len(socket.heard)
        await asyncio.sleep(QUIET_SECONDS)
    await socket.close()
    return json.dumps(socket.heard, ensure_ascii=False, default=str)


class Socket:
    """A Socket.IO client with somebody's cookie."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._headers = url, {"Cookie": f"{COOKIE}={token}", "Origin": url}
        self.client = socketio.AsyncClient(reconnection=False)
        self.heard: list[Any] = []
        self._is_out = asyncio.Event()
        self.client.on("*", lambda event, *data: self.heard.append((event, data)))
        self.client.on("disconnect", lambda *_: self._is_out.set())

    async def connect(self, ids: Mapping[str, str]) -> bool:
        """Whether the socket was let in, for the page that it names in its address."""
        query = (
            "&".join(f"{name}={value}" for name, value in {"implicit_handshake": "true", **ids}.items()) if ids else ""
        )
        try:
            await self.client.connect(
                f"{self._url}/?{query}",
                headers=self._headers,
                transports=["websocket"],
                socketio_path="/_nicegui_ws/socket.io",
                wait_timeout=10,
            )
        except SocketIOError:
            return False
        await asyncio.sleep(HEARD_SECONDS)
        return bool(self.client.connected)

    async def emit(self, event: str, message: Any) -> bool:
        """Sends an event; whether the server closed the socket for it."""
        with suppress(SocketIOError):
            await self.client.emit(event, message)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._is_out.wait(), WAIT_SECONDS)
        return self._is_out.is_set()

    async def close(self) -> None:
        """Leaves."""
        with suppress(SocketIOError):
            await self.client.disconnect()
