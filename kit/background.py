"""Background work: repeated while the process runs, and finished before it ends."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

log = logging.getLogger(__name__)

FINISH_SECONDS = 5.0


async def repeat(work: Callable[[], Awaitable[None]], *, seconds: float, wake: asyncio.Event | None = None) -> None:
    """Repeats some work every `seconds` or when woken; a failure is logged and tried again.

    When cancelled it finishes the current round, so that no transaction is left open.
    """
    wake = wake or asyncio.Event()
    while True:
        wake.clear()
        try:
            await complete(work())
        except Exception:
            log.exception("background work failed; tried again in %s s", seconds)
            await asyncio.sleep(seconds)
            continue
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await wake.wait()


@contextmanager
def guard(logger: logging.Logger, message: str, *values: object) -> Iterator[None]:
    """Around one piece of a round: a failure is logged; the piece is tried again and does not hold up the others."""
    try:
        yield
    except Exception:
        logger.exception(message, *values)


async def complete(work: Awaitable[None]) -> None:
    """Awaits the work; when cancelled meanwhile, raises only after it has ended: a connection must not be cut short."""
    working = asyncio.ensure_future(work)
    try:
        await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working], timeout=FINISH_SECONDS)
        raise


async def measure_lag() -> float:
    """The current lag of the event loop in seconds: how late a request is served."""
    asked_at = time.monotonic()
    await asyncio.sleep(0)
    return time.monotonic() - asked_at


class Tasks:
    """Tasks that nobody awaits: safe from the garbage collector, and finished when the process ends."""

    def __init__(self, *, finish_seconds: float = FINISH_SECONDS) -> None:
        self._finish_seconds = finish_seconds
        self._running: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Starts a task; a failure is logged."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._end)

    async def finish(self) -> None:
        """Waits `finish_seconds` for all tasks, then cancels the rest."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._finish_seconds
        while self._running and (left := end - loop.time()) > 0:
            await asyncio.wait(self._running, timeout=left)
        late = list(self._running)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a background task failed", exc_info=error)
