"""A cache of customers' conversation ids, which never change and which every message needs."""

from collections.abc import Awaitable, Callable

from conversations.schemas import ConversationView

KNOWN_MAX = 10_000


class KnownConversations:
    """Conversation ids of one channel's customers."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._ids: dict[str, str] = {}

    async def find(self, user_id: str, look_up: Callable[[str, str], Awaitable[ConversationView | None]]) -> str | None:
        """The id of the customer's conversation; `look_up(channel, user_id)` is called for those not in the cache."""
        if user_id not in self._ids:
            found = await look_up(self._channel, user_id)
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
