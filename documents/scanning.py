"""Has uploads scanned for viruses: a client of ClamAV's daemon, by its INSTREAM command (man clamd)."""

import asyncio
import logging
import struct
from typing import Protocol
from urllib.parse import urlsplit

from documents.settings import ClamdSettings
from kit.errors import RequestError

log = logging.getLogger(__name__)

CHUNK_BYTES = 256 * 1024
TRIES = 2
RETRY_AFTER_SECONDS = 30
INFECTED = "这个文件没有通过安全检查，不能接收"
AWAY = "现在暂时收不了照片和文件，请过一会儿再发"


class ScannerUnavailable(Exception):
    """The scanner gave no verdict."""


class Scanner(Protocol):
    """Something that tells whether a file may be taken."""

    async def scan(self, content: bytes) -> None:
        """RequestError 422 `infected`, or 503 `scanner_away` without a verdict."""
        ...


class NoScanner:
    """For a bank that scans elsewhere, or not at all."""

    async def scan(self, content: bytes) -> None:
        """See Scanner.scan: nothing is refused."""


class ClamdClient:
    """A scan takes a connection of its own, and is tried twice."""

    def __init__(self, url: str, *, seconds: float = 5.0, retry_seconds: float = 0.2) -> None:
        """`url` is `unix:///path` or `tcp://host:port`; a try may take `seconds` in all."""
        self._address = urlsplit(url)
        self._seconds = seconds
        self._retry_seconds = retry_seconds

    async def scan(self, content: bytes) -> None:
        """See Scanner.scan."""
        for left in reversed(range(TRIES)):
            try:
                async with asyncio.timeout(self._seconds):
                    found = await self._ask(content)
                break
            except (OSError, TimeoutError, ScannerUnavailable) as error:
                log.error("the virus scanner gave no verdict (%s: %s)", type(error).__name__, error)
                if not left:
                    raise RequestError(503, "scanner_away", AWAY, retry_after=RETRY_AFTER_SECONDS) from None
                await asyncio.sleep(self._retry_seconds)
        if found:
            log.warning("an upload was refused: %s", found)
            raise RequestError(422, "infected", INFECTED)

    async def _ask(self, content: bytes) -> str:
        """The name of the virus; empty if there is none. OSError, ScannerUnavailable."""
        if self._address.scheme == "unix":
            reader, writer = await asyncio.open_unix_connection(self._address.path)
        else:
            reader, writer = await asyncio.open_connection(self._address.hostname, self._address.port)
        try:
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(content), CHUNK_BYTES):
                chunk = content[start : start + CHUNK_BYTES]
                writer.write(struct.pack("!L", len(chunk)) + chunk)
                await writer.drain()
            writer.write(struct.pack("!L", 0))
            await writer.drain()
            return read_verdict(await reader.readuntil(b"\0"))
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            raise ScannerUnavailable("it hung up without an answer") from None
        finally:
            writer.close()


def read_verdict(reply: bytes) -> str:
    """The name of the virus in clamd's reply, empty if it found none; ScannerUnavailable for anything else."""
    text = reply.rstrip(b"\0\n").decode(errors="replace")
    verdict = text.removeprefix("stream: ")
    if verdict == "OK":
        return ""
    if verdict.endswith(" FOUND") and len(verdict) > len(" FOUND"):
        return verdict.removesuffix(" FOUND")
    raise ScannerUnavailable(text[:200] or "an empty answer")


def open_scanner(settings: ClamdSettings) -> Scanner:
    """The scanner of the settings."""
    return ClamdClient(settings.url, seconds=settings.seconds) if settings.url else NoScanner()
