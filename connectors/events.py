"""Wakes those who wait for news of a conversation."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Events:
    """Knows who waits in this process; news from other processes is found by asking the record now and then."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def announce(self, conversation_id: str) -> None:
        """Something was recorded."""
        for event in self._waiting.get(conversation_id, ()):
            event.set()

    @contextmanager
    def listen(self, conversation_id: str) -> Iterator[asyncio.Event]:
        """An event that is set on news; the listener clears it."""
        event = asyncio.Event()
        self._waiting[conversation_id].add(event)
        try:
            yield event
        finally:
            self._waiting[conversation_id].discard(event)
            if not self._waiting[conversation_id]:
                del self._waiting[conversation_id]
