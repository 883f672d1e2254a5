"""The way into the shared record: customers, conversations, what was said. One method, one transaction."""

import uuid

from sqlalchemy.exc import IntegrityError

from conversations import repository
from conversations.schemas import ConversationView, MessageView
from conversations.tables import Conversation, Customer
from kit.clock import Clock, read_clock
from kit.database import Database


class Conversations:
    """Reads and writes conversations. Works on the database directly: every process of ours may hold one."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def open_conversation(self, channel: str, channel_user_id: str) -> ConversationView:
        """The customer's conversation; the customer and it are made when they write for the first time."""
        found = await self.find_conversation(channel, channel_user_id)
        if found:
            return found
        now = self._clock()
        customer = Customer(id=str(uuid.uuid4()), channel=channel, channel_user_id=channel_user_id, created_at=now)
        conversation = Conversation(id=str(uuid.uuid4()), customer=customer, holder="bot", created_at=now)
        try:
            async with self._database.transaction() as session:
                session.add(conversation)
        except IntegrityError:  # another process opened it in the same moment
            found = await self.find_conversation(channel, channel_user_id)
            if found is None:
                raise
            return found
        return repository.view_conversation(conversation)

    async def find_conversation(self, channel: str, channel_user_id: str) -> ConversationView | None:
        """The customer's conversation, or None for somebody who never wrote."""
        async with self._database.reading() as session:
            conversation = await repository.find_conversation(session, channel, channel_user_id)
            return repository.view_conversation(conversation) if conversation else None

    async def get_conversation(self, conversation_id: str) -> ConversationView:
        """A conversation that is known to exist, as it stands now."""
        async with self._database.reading() as session:
            return repository.view_conversation(await session.get_one(Conversation, conversation_id))

    async def list_messages(self, conversation_id: str, *, after_id: int = 0, limit: int = 200) -> list[MessageView]:
        """Messages after an id, oldest first."""
        async with self._database.reading() as session:
            return await repository.list_messages(session, conversation_id, after_id, limit)

    async def read_on(
        self, conversation_id: str, after_id: int, limit: int = 200
    ) -> tuple[list[MessageView], ConversationView]:
        """Messages after an id, oldest first, and the conversation as it stood at the same moment."""
        async with self._database.reading() as session:
            messages = await repository.list_messages(session, conversation_id, after_id, limit)
            return messages, repository.view_conversation(await session.get_one(Conversation, conversation_id))

    async def list_last_messages(self, conversation_id: str, limit: int = 200) -> list[MessageView]:
        """The newest messages, oldest of them first."""
        async with self._database.reading() as session:
            return await repository.list_last_messages(session, conversation_id, limit)
