"""A cache of customers' conversation ids, which never change and which every message needs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from conversations.schemas import ConversationView

KNOWN_MAX = 10_000


class KnownConversations:
    """Conversation ids of one channel's customers."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._ids: dict[str, str] = {}
        self._asking: dict[Any, asyncio.Future[ConversationView | None]] = {}

    async def find(self, user_id: str, look_up: Callable[[str, str], Awaitable[ConversationView | None]]) -> str | None:
        """The id of the customer's conversation; `look_up(channel, user_id)` is called for those not in the cache."""
        if user_id not in self._ids:
            found = await asyncio.shield(self._ask(user_id, look_up))
            if found is None:
                return None
            if len(self._ids) >= KNOWN_MAX:
                self._ids.clear()
            self._ids[user_id] = found.id
        return self._ids[user_id]

    async def open(self, user_id: str, look_up: Callable[[str, str], Awaitable[ConversationView]]) -> str:
        """Like `find`, but `look_up` creates a conversation where there is none."""
        found = await self.find(user_id, look_up)
        assert found is not None, "look_up makes what is missing"  # noqa: S101 (tells the type checker)
        return found

    def _ask(
        self, user_id: str, look_up: Callable[[str, str], Awaitable[ConversationView | None]]
    ) -> asyncio.Future[ConversationView | None]:
        """The look-up, one for all who ask for it now."""
        key = user_id, look_up
        if key not in self._asking:
            asking = self._asking[key] = asyncio.ensure_future(look_up(self._channel, user_id))

            def forget(asked: asyncio.Future[ConversationView | None]) -> None:
                del self._asking[key]
                _ = asked.cancelled() or asked.exception()  # whoever asked may be gone when it fails

            asking.add_done_callback(forget)
        return self._asking[key]
