"""Clients that dawdle, flood or never finish, over real sockets; and those that only take their time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import StreamingResponse
from websockets.asyncio.client import connect

from kit.connections import ConnectionLimits
from tests.waiting import WAIT_SECONDS

SOON = 0.15  # seconds; what is slow in these tests
LIMITS: dict[str, Any] = {"head_seconds": SOON, "body_seconds": SOON, "head_bytes": 2000}
GET = b"GET /quick HTTP/1.1\r\nHost: bank\r\n\r\n"


def create_app() -> FastAPI:
    app = FastAPI()

    @app.get("/quick")
    async def answer() -> str:
        return "ok"

    @app.post("/read")
    async def read(request: Request) -> int:
        return len(await request.body())

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def tick() -> AsyncIterator[str]:
            for number in range(4):
                yield f"tick {number}\n"
                await asyncio.sleep(SOON)

        return StreamingResponse(tick())

    @app.websocket("/socket")
    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        while True:
            await socket.send_text(await socket.receive_text())

    return app


@asynccontextmanager
async def serve(**limits: Any) -> AsyncIterator[int]:
    """The port of a server with these limits."""
    protocol = ConnectionLimits(**LIMITS | limits).build_protocol()
    config = uvicorn.Config(
        create_app(), port=0, http=protocol, log_config=None, lifespan="off", ws="websockets-sansio"
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await running


class Client:
    """A raw connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def read_all(self) -> str:
        """All that comes until the server closes the connection.

        What it said last is lost if it closed while more was on the way to it.
        """
        with suppress(ConnectionResetError):
            async with asyncio.timeout(WAIT_SECONDS):
                return (await self._reader.read()).decode()
        return ""

    async def read_answer(self) -> str:
        """The head of one answer and the first bytes of its body."""
        async with asyncio.timeout(WAIT_SECONDS):
            return (await self._reader.readuntil(b"\r\n\r\n") + await self._reader.read(4)).decode()

    async def drip(self, data: bytes, pause: float = SOON / 10) -> None:
        """Sends byte by byte, as long as anybody listens."""
        for byte in data:
            if self.writer.is_closing():
                return
            self.writer.write(bytes([byte]))
            await asyncio.sleep(pause)


@asynccontextmanager
async def open_client(port: int) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()


async def test_who_says_nothing_is_sent_away() -> None:
    async with serve() as port, open_client(port) as client:
        assert (await client.read_all()).startswith("HTTP/1.1 408 ")


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /quick HTTP/1.1\r\nX-Slow: " + b"a" * 200,
        b"\r\n" * 100,  # no request begins with it, but it keeps a connection busy
        b"POST /read HTTP/1.1\r\nHost: bank\r\nContent-Length: 100\r\n\r\n" + b"a" * 99,
    ],
    ids=["head", "empty lines", "body"],
)
async def test_who_sends_a_byte_now_and_then_is_sent_away(sent: bytes) -> None:
    async with serve() as port, open_client(port) as client:
        head, _, body = sent.partition(b"\r\n\r\n")
        if body.startswith(b"a"):
            client.writer.write(head + b"\r\n\r\n")
            sent = body
        dripping = asyncio.create_task(client.drip(sent))
        assert (await client.read_all())[:13] in ("HTTP/1.1 408 ", "")
        dripping.cancel()


async def test_a_second_request_has_no_more_time_than_the_first() -> None:
    async with serve() as port, open_client(port) as client:
        client.writer.write(GET)
        assert (await client.read_answer()).endswith('"ok"')
        dripping = asyncio.create_task(client.drip(GET[:-2]))
        assert (await client.read_all())[:13] in ("HTTP/1.1 408 ", "")
        dripping.cancel()


async def test_a_head_without_end_is_refused() -> None:
    async with serve(head_seconds=30) as port, open_client(port) as client:
        client.writer.write(b"GET /quick HTTP/1.1\r\n")
        client.writer.write(b"X-Long: %s" % (b"a" * 2500))
        assert (await client.read_all()).startswith("HTTP/1.1 431 ")


async def test_what_was_asked_for_may_take_its_time() -> None:
    async with serve() as port, open_client(port) as client:
        # An empty line after the request begins no other.
        client.writer.write(b"GET /stream HTTP/1.1\r\nHost: bank\r\nConnection: close\r\n\r\n\r\n")
        answer = await client.read_all()
        assert answer.startswith("HTTP/1.1 200 ")
        assert "tick 3" in answer


async def test_a_socket_may_be_quiet() -> None:
    async with serve(exempts_loopback=False) as port, connect(f"ws://127.0.0.1:{port}/socket") as socket:
        await asyncio.sleep(3 * SOON)
        await socket.send("still here")
        assert await socket.recv() == "still here"


async def test_one_connection_too_many_is_told_so_and_the_others_are_served() -> None:
    async with (
        serve(connections=2, head_seconds=30) as port,
        open_client(port) as first,
        open_client(port) as second,
    ):
        first.writer.write(GET)
        assert (await first.read_answer()).endswith('"ok"')
        async with open_client(port) as third:
            refused = await third.read_all()
            assert refused.startswith("HTTP/1.1 503 ")
            assert "retry-after: 10" in refused
        second.writer.write(GET)
        assert (await second.read_answer()).endswith('"ok"')


async def test_an_address_may_not_take_all_connections() -> None:
    async with serve(per_address=2, head_seconds=30, exempts_loopback=False) as port:
        async with open_client(port), open_client(port) as second:
            second.writer.write(GET)
            assert (await second.read_answer()).endswith('"ok"')
            async with open_client(port) as third:
                assert (await third.read_all()).startswith("HTTP/1.1 503 ")
        async with asyncio.timeout(WAIT_SECONDS):  # the server notices the end of the others a moment later
            while not await is_served(port):
                pass


async def is_served(port: int) -> bool:
    async with open_client(port) as client:
        client.writer.write(GET)
        return (await client.read_answer()).startswith("HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("address", "is_exempt"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("10.0.0.7", True),
        ("10.1.0.7", False),
        ("192.0.2.1", True),
        ("192.0.2.2", False),
        ("2001:db8::7", False),
        ("", True),
    ],
)
def test_proxies_and_this_machine_are_not_counted_by_address(address: str, is_exempt: bool) -> None:
    assert ConnectionLimits(exempt="10.0.0.0/24, 192.0.2.1").is_exempt(address) is is_exempt
