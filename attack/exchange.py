"""One HTTP request as bytes, whatever they are, and what came back."""

import asyncio
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

ANSWER_SECONDS = 15.0
QUIET_SECONDS = 0.3  # after which an answer that is a stream is read no further
LEAVE_SECONDS = 5.0
BYTES_MAX = 200_000


class Exchanged(NamedTuple):
    """`status` is 0 if the connection was closed without an answer, None if nothing came in time."""

    status: int | None
    content: bytes


async def exchange(url: str, raw: bytes, seconds: float = ANSWER_SECONDS) -> Exchanged:
    """Sends the bytes, ends our side, and reads what comes."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    content = b""
    try:
        with suppress(ConnectionError):
            writer.write(raw)
            await asyncio.wait_for(writer.drain(), seconds)
        try:
            while len(content) < BYTES_MAX:
                left = QUIET_SECONDS if content else seconds
                part = await asyncio.wait_for(reader.read(65536), left)
                if not part:
                    break
                content += part
        except TimeoutError:
            if not content:
                return Exchanged(None, b"")
        except ConnectionError:
            pass
    finally:
        await leave(writer)
    return Exchanged(read_status(content), content)


async def leave(writer: asyncio.StreamWriter) -> None:
    """Closes a connection."""
    writer.close()
    with suppress(OSError, TimeoutError):
        await asyncio.wait_for(writer.wait_closed(), LEAVE_SECONDS)


def read_status(content: bytes) -> int:
    """The status of an answer; 0 if there is none."""
    line = content.split(b"\r\n", 1)[0].split(b" ")
    return int(line[1]) if len(line) > 1 and line[0].startswith(b"HTTP/") and line[1].isdigit() else 0
