"""Readings one at a time, in a thread of their own, with a bounded number of them waiting."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from kit.errors import RequestError
from pictures.schemas import PictureReading

Read = Callable[[bytes], PictureReading]

log = logging.getLogger(__name__)

WAITING_MAX = 4  # besides the one being read: the last of them is answered within some ten seconds
RETRY_SECONDS = 5.0


class ReadingQueue:
    """`load` is called for the first picture, once: what it returns reads pictures, and holds the models."""

    def __init__(self, load: Callable[[], Read], *, waiting_max: int = WAITING_MAX) -> None:
        self._load = load
        self._reader: Read | None = None
        self._thread = ThreadPoolExecutor(1, "pictures")
        self._turn = asyncio.Lock()
        self._places = waiting_max + 1

    async def read(self, content: bytes, is_gone: Callable[[], Awaitable[bool]]) -> PictureReading | None:
        """What a picture says; None, unread, if its caller went away meanwhile.

        Raises RequestError: 503 when too many wait, 422 for what is no picture.
        """
        if self._places == 0:
            raise RequestError(503, "busy", "other pictures are being read", retry_after=RETRY_SECONDS)
        self._places -= 1
        try:
            async with self._turn:
                if await is_gone():
                    return None
                work = asyncio.get_running_loop().run_in_executor(self._thread, self._read, content)
                # A cancelled request must not let the next one in beside a reading that still runs.
                try:
                    return await asyncio.shield(work)
                except asyncio.CancelledError:
                    await asyncio.wait([work])
                    raise
        finally:
            self._places += 1

    def close(self) -> None:
        """Ends the thread, after the reading that it is at."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _read(self, content: bytes) -> PictureReading:
        if self._reader is None:
            self._reader = self._load()
            log.info("the models are loaded")
        return self._reader(content)
