"""A virus scanner that speaks clamd's protocol, and says what a test wants it to."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class FakeClamd:
    """`replies` are what it says to one scan after another, the last one again and again.

    None: it finds EICAR's test file, as the real one; b"": it hangs up; `slow`: it says nothing.
    """

    def __init__(self, *replies: bytes | None) -> None:
        self.replies = list(replies) or [None]
        self.scanned: list[bytes] = []
        self.is_slow = False

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
            content = b""
            while size := struct.unpack("!L", await reader.readexactly(4))[0]:
                content += await reader.readexactly(size)
            self.scanned.append(content)
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
            if self.is_slow:
                await asyncio.sleep(60)
            if reply is None:
                reply = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
            writer.write(reply)
            await writer.drain()
        except asyncio.CancelledError:
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[str]:
        """Its URL, on TCP."""
        server = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        try:
            yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
