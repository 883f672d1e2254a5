"""What customers said last, for the lists that show it many times: a text is read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from conversations.service import Conversations

READ_MAX = 300  # nobody looks further down a list


@dataclass(frozen=True, slots=True)
class LastWord:
    """A customer's newest message."""

    at: datetime
    text: str


class LastWords:
    """Keeps the texts of those who are still in the list."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations
        self._texts: dict[int, str] = {}  # by message

    async def read(self, conversation_ids: Sequence[str]) -> Mapping[str, LastWord]:
        """By conversation, of the first READ_MAX; nothing for who has not written."""
        newest = await self._conversations.find_last_words(conversation_ids[:READ_MAX])
        kept = {key for key, _ in newest.values()}
        unread = kept - self._texts.keys()
        found = await self._conversations.read_texts(unread) if unread else {}
        self._texts = {key: text for key, text in (self._texts | found).items() if key in kept}
        return {each: LastWord(at, self._texts[key]) for each, (key, at) in newest.items() if key in self._texts}
