"""Server-sent events of open chat pages, read from the record on each signal."""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable

from conversations.schemas import Holder, MessageView
from conversations.service import Conversations
from conversations.web_sessions import ENDED
from kit.outbox import compute_pause
from kit.pubsub import PubSub

log = logging.getLogger(__name__)

CUSTOMER = "customer"
READ_MAX = 200
READ_KINDS = frozenset({"message", "holder", "resync"})


class Events:
    """The event streams of one process's chat pages.

    An idle page costs no query: `PubSub` signals every commit that concerns it, and a `resync` after each gap of its
    own, so nothing is polled. A failed read is tried again, with growing pauses, until the page is closed.
    """

    def __init__(
        self,
        conversations: Conversations,
        pubsub: PubSub,
        *,
        keep_alive_seconds: float = 15.0,
        retry_seconds: float = 0.5,
        retry_seconds_max: float = 10.0,
        reads_at_once: int = 4,  # so that a resync of all pages leaves most connections to others
    ) -> None:
        self._conversations = conversations
        self._pubsub = pubsub
        self._keep_alive_seconds = keep_alive_seconds
        self._retry_seconds = retry_seconds
        self._retry_seconds_max = retry_seconds_max
        self._reads = asyncio.Semaphore(reads_at_once)
        self._is_failing = False

    async def stream(
        self, conversation_id: str, after_id: int, token_hash: str, is_over: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[str]:
        """Every message after an id, the holder at first and after every change, and an agent who types.

        It ends with the session of the token, after an event that says so: at once when that is ended, and soon after
        it `is_over` by itself. After a resync it is asked anew whether it is.
        """
        get_time = asyncio.get_running_loop().time
        holder: Holder | None = None
        failures = 0
        read_at, keep_alive_at = get_time(), get_time() + self._keep_alive_seconds
        with self._pubsub.subscribe(conversation_id) as subscription:
            while True:
                events: list[str] = []
                if read_at <= get_time():
                    found = await self._read(conversation_id, after_id)
                    if found is None:
                        failures += 1
                        read_at = get_time() + compute_pause(
                            failures, first_seconds=self._retry_seconds, factor=2, seconds_max=self._retry_seconds_max
                        )
                    else:
                        messages, now_holder = found
                        failures, read_at = 0, get_time() if len(messages) == READ_MAX else math.inf
                        events += [_write("message", message.model_dump_json(), message.id) for message in messages]
                        after_id = messages[-1].id if messages else after_id
                        if now_holder != holder:
                            events.append(_write("holder", f'{{"holder":"{now_holder}"}}'))
                            holder = now_holder
                else:
                    signals = await subscription.wait(max(0, min(read_at, keep_alive_at) - get_time()))
                    if not failures and any(signal.kind in READ_KINDS for signal in signals):
                        read_at = get_time()
                    is_ended = any(signal.kind == ENDED and signal.by == token_hash for signal in signals)
                    may_have_ended = any(signal.kind == "resync" for signal in signals)
                    if is_ended or (may_have_ended and await self._has_ended(is_over)):
                        yield _write("ended", "{}")
                        return
                    if any(signal.kind == "typing" and signal.by != CUSTOMER for signal in signals):
                        events.append(_write("typing", "{}"))
                if not events and keep_alive_at <= get_time():
                    if await self._has_ended(is_over):
                        yield _write("ended", "{}")
                        return
                    events.append(": keep-alive\n\n")
                for event in events:
                    yield event
                if events:
                    keep_alive_at = get_time() + self._keep_alive_seconds

    async def _has_ended(self, is_over: Callable[[], Awaitable[bool]]) -> bool:
        """False while the database does not answer: the next request of the page will tell."""
        try:
            async with self._reads:
                return await is_over()
        except Exception as error:
            log.warning("whether a session has ended is not known: %s", type(error).__name__)
            return False

    async def _read(self, conversation_id: str, after_id: int) -> tuple[list[MessageView], Holder] | None:
        """The next messages and the holder; None when the database does not answer (no free connection, a lock)."""
        try:
            async with asyncio.timeout(self._keep_alive_seconds):
                await self._reads.acquire()
            try:
                messages, conversation = await self._conversations.read_on(conversation_id, after_id, READ_MAX)
            finally:
                self._reads.release()
        except Exception:
            if not self._is_failing:  # once for all pages
                log.exception("events cannot be read; pages stay open while it is tried again")
            self._is_failing = True
            return None
        if self._is_failing:
            log.warning("events can be read again")
        self._is_failing = False
        return messages, conversation.holder


def _write(event: str, data: str, event_id: int | None = None) -> str:
    head = "" if event_id is None else f"id: {event_id}\n"
    return f"{head}event: {event}\ndata: {data}\n\n"
