"""A cache of customers' conversation ids, which never change and which every message needs."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from conversations.schemas import ConversationView

KNOWN_MAX = 10_000


class KnownConversations:
    """Conversation ids of one channel's customers; those who ask for one at the same time share its look-up."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._found: dict[str, asyncio.Future[ConversationView | None]] = {}

    async def find(self, user_id: str, look_up: Callable[[str, str], Awaitable[ConversationView | None]]) -> str | None:
        """The id of the customer's conversation; `look_up(channel, user_id)` is called for those not in the cache."""
        if user_id not in self._found:
            if len(self._found) >= KNOWN_MAX:
                self._found.clear()
            self._found[user_id] = asyncio.ensure_future(look_up(self._channel, user_id))
            self._found[user_id].add_done_callback(partial(self._keep, user_id))
        found = await asyncio.shield(self._found[user_id])
        return found.id if found else None

    async def open(self, user_id: str, look_up: Callable[[str, str], Awaitable[ConversationView]]) -> str:
        """Like `find`, but `look_up` creates a conversation where there is none."""
        found = await self.find(user_id, look_up)
        assert found is not None, "look_up makes what is missing"  # noqa: S101 (tells the type checker)
        return found

    def _keep(self, user_id: str, asked: asyncio.Future[ConversationView | None]) -> None:
        if asked.cancelled() or asked.exception() or not asked.result():
            self._found.pop(user_id, None)
