"""Pending replies: open requests that brought a message wait here for its answer."""

import asyncio
from collections.abc import Awaitable, Callable, Container
from dataclasses import dataclass, field

from conversations.inbox import Inbox
from conversations.schemas import Answer

Key = tuple[str, str]  # conversation, and the platform's id of the message
Record = Callable[[], Awaitable[Answer]]


@dataclass
class _Pending:
    """One message: its recording, shared by all requests that brought it, and the requests still waiting."""

    recording: asyncio.Task[Answer] | None = None
    requests: list[asyncio.Future[Answer]] = field(default_factory=list)


class PendingReplies:
    """The open requests of one process. Answers by other processes are looked up every `poll_seconds`."""

    def __init__(self, inbox: Inbox, *, poll_seconds: float = 0.4) -> None:
        self._inbox = inbox
        self._poll_seconds = poll_seconds
        self._messages: dict[Key, _Pending] = {}

    def is_awaited(self, key: Key) -> bool:
        """Whether an open request waits for the answer to this message."""
        return key in self._messages and bool(self._messages[key].requests)

    async def wait(
        self, key: Key, record: Record, ours: Container[str], seconds: float, may_wait: Callable[[], bool]
    ) -> Answer:
        """Records a message, or joins its recording, and waits for the answer; one that is late has no replies.

        `ours` are the conversations that this process answers now: for these the database is asked at the end only.
        `may_wait` is asked once the message is recorded, and every `poll_seconds`.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        pending = self._messages.setdefault(key, _Pending())
        request: asyncio.Future[Answer] = loop.create_future()
        pending.requests.append(request)  # before the recording: the answer may come at once
        try:
            answer = await asyncio.shield(self._join(key, pending, record))
            while not (answer.is_answered or request.done()) and (left := end - loop.time()) > 0 and may_wait():
                await asyncio.wait([request], timeout=min(left, self._poll_seconds))
                if not request.done() and (key[0] not in ours or left <= self._poll_seconds):
                    answer = await self._inbox.find_answer(answer.message.id) or answer
            return request.result() if request.done() else answer
        finally:
            request.cancel()
            pending.requests.remove(request)
            self._forget(key, pending)

    def resolve(self, key: Key, answer: Answer) -> bool:
        """Hands an answer to whoever is waiting for it; false when nobody does (any more)."""
        # Whoever delivers the message from now on finds the answer in the database.
        pending = self._messages.pop(key, None)
        waiting = [request for request in pending.requests if not request.done()] if pending else []
        # A platform that repeats a request has given up the earlier one: the newest is answered.
        for request in waiting[:-1]:
            request.set_result(answer.model_copy(update={"passive_reply_id": None}))
        for request in waiting[-1:]:
            request.set_result(answer)
        return bool(waiting)

    def _join(self, key: Key, pending: _Pending, record: Record) -> asyncio.Task[Answer]:
        """The message's recording, shared by all requests that bring it, so that duplicates cost no transactions."""
        if pending.recording is None:
            pending.recording = asyncio.ensure_future(record())
            # Read here too: the requests may be gone when it fails.
            pending.recording.add_done_callback(lambda task: task.cancelled() or task.exception())
            pending.recording.add_done_callback(lambda task: self._forget(key, pending))
        return pending.recording

    def _forget(self, key: Key, pending: _Pending) -> None:
        """Forgets a message that nobody waits for, once its recording, which repeats of it join, is over."""
        is_over = pending.recording is None or pending.recording.done()
        if is_over and not pending.requests and self._messages.get(key) is pending:
            del self._messages[key]
