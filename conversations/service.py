"""Access to the shared record: customers, conversations and messages. One method, one transaction."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from conversations import repository
from conversations.attachments import VOICE
from conversations.handoff.states import HELD
from conversations.schemas import (
    MISSING_MAX,
    STAFF_KEY,
    ConversationView,
    MessageView,
    Thumb,
)
from conversations.tables import Conversation, Customer, Handoff, Message
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.text import clean_text


@dataclass(frozen=True, slots=True)
class UnansweredWords:
    """How many messages of a customer nobody has answered, when the first and the last came, and the last one's id."""

    count: int
    since: datetime
    last_at: datetime
    last_id: int


class Conversations:
    """Reads and writes conversations. Uses the database directly, so any process may have one."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def open_conversation(self, channel: str, channel_user_id: str) -> ConversationView:
        """The customer's conversation; customer and conversation are created at the first message."""
        found = await self.find_conversation(channel, channel_user_id)
        if found:
            return found
        now = self._clock()
        customer = Customer(id=str(uuid.uuid4()), channel=channel, channel_user_id=channel_user_id, created_at=now)
        conversation = Conversation(id=str(uuid.uuid4()), customer=customer, holder="bot", created_at=now)
        try:
            async with self._database.transaction() as session:
                session.add(conversation)
        except IntegrityError:  # another process created it at the same moment
            found = await self.find_conversation(channel, channel_user_id)
            if found is None:
                raise
            return found
        return ConversationView.model_validate(conversation)

    async def find_conversation(self, channel: str, channel_user_id: str) -> ConversationView | None:
        """The customer's conversation; None if they never wrote."""
        is_theirs = Customer.channel == channel, Customer.channel_user_id == channel_user_id
        async with self._database.reading() as session:
            found = await session.scalar(select(Conversation).join(Conversation.customer).where(*is_theirs))
            return ConversationView.model_validate(found) if found else None

    async def get_conversation(self, conversation_id: str) -> ConversationView:
        """The current state of a conversation that is known to exist."""
        async with self._database.reading() as session:
            return ConversationView.model_validate(await session.get_one(Conversation, conversation_id))

    async def list_messages(self, conversation_id: str, *, after_id: int = 0, limit: int = 200) -> list[MessageView]:
        """Messages after an id, oldest first."""
        async with self._database.reading() as session:
            return await repository.list_messages(session, conversation_id, after_id, limit)

    async def read_on(
        self, conversation_id: str, after_id: int, limit: int = 200
    ) -> tuple[list[MessageView], ConversationView]:
        """Messages after an id, oldest first, with the conversation as of the same moment."""
        async with self._database.reading() as session:
            messages = await repository.list_messages(session, conversation_id, after_id, limit)
            return messages, ConversationView.model_validate(await session.get_one(Conversation, conversation_id))

    async def list_said(self, conversation_id: str, limit: int = 500) -> list[tuple[str, dict[str, Any]]]:
        """What the customer wrote, the newest first, with what was chosen to be done about it."""
        is_theirs = Message.conversation_id == conversation_id, Message.direction == "inbound"
        newest = select(Message.text, Message.choice).where(*is_theirs).order_by(Message.id.desc()).limit(limit)
        rows = await self._database.fetch(newest)
        return [(text, choice or {}) for text, choice in rows]

    async def list_last_messages(self, conversation_id: str, limit: int = 200) -> list[MessageView]:
        """The newest messages, oldest of them first."""
        newest = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.id.desc())
        async with self._database.reading() as session:
            messages = (await session.scalars(newest.limit(limit))).all()
            return await repository.view_messages(session, messages[::-1])

    async def list_between(
        self, conversation_id: str, since: datetime, until: datetime, limit: int = 500
    ) -> list[MessageView]:
        """The messages of a period, the first ones if there are too many."""
        own = Message.conversation_id == conversation_id, Message.at >= since, Message.at <= until
        async with self._database.reading() as session:
            messages = (await session.scalars(select(Message).where(*own).order_by(Message.id).limit(limit))).all()
            return await repository.view_messages(session, messages)

    async def find_last_words(self, conversation_ids: Collection[str]) -> dict[str, tuple[int, datetime]]:
        """The customer's newest message in each conversation in which they wrote one, and when they did."""
        own = Message.conversation_id.in_(conversation_ids), Message.author == "customer", Message.kind != "event"
        query = (
            select(Message.conversation_id, func.max(Message.id), func.max(Message.at))
            .where(*own)
            .group_by(Message.conversation_id)
        )
        return {row[0]: (row[1], row[2]) for row in await self._database.fetch(query)}

    async def find_unanswered(self, conversation_ids: Collection[str]) -> dict[str, UnansweredWords]:
        """What customers who are offered or served wrote since a person wrote to them; nothing for who was answered.

        What is sent by itself, such as an agent's greeting, is no answer; what the bot said before they asked for a
        human is one.
        """
        said = aliased(Message)
        is_answer = or_(
            said.channel_message_id.startswith(STAFF_KEY) & (said.author == "agent"),
            (said.author != "customer") & (said.at < Handoff.requested_at),
        )
        answers = select(said.id).where(said.conversation_id == Handoff.conversation_id, is_answer)
        # From the last message back until there is one, however long the conversation.
        answer_id = answers.order_by(said.id.desc()).limit(1).correlate(Handoff).scalar_subquery()
        found = func.count(), func.min(Message.at), func.max(Message.at), func.max(Message.id)
        query = (
            select(Handoff.conversation_id, *found)
            .join(Message, Message.conversation_id == Handoff.conversation_id)
            .where(Handoff.conversation_id.in_(conversation_ids), Handoff.state.in_(HELD))
            .where(Message.id > func.coalesce(answer_id, 0), Message.author == "customer", Message.kind != "event")
            .group_by(Handoff.conversation_id)
        )
        return {row[0]: UnansweredWords(*row[1:]) for row in await self._database.fetch(query)}

    async def read_texts(self, message_ids: Collection[int]) -> dict[int, str]:
        """The texts of messages that are there; of one without words, that it is a voice message."""
        query = select(Message.id, Message.text).where(Message.id.in_(message_ids))
        async with self._database.reading() as session:
            return {row.id: row.text or VOICE for row in await session.execute(query)}

    async def give_thumb(self, conversation_id: str, message_id: int, thumb: Thumb, missing: str = "") -> None:
        """Keeps whether an answer helped its customer, and what they missed in it; the last thumb counts.

        RequestError 404 if the message is no answer of the conversation, 422 if what they missed is too long.
        """
        missing = clean_text(missing)
        if len(missing) > MISSING_MAX:
            raise RequestError(422, "text_too_long", f"最多写{MISSING_MAX}字，请写短一点。")
        is_theirs = Message.id == message_id, Message.conversation_id == conversation_id, Message.entry.is_not(None)
        given: dict[str, Any] = {"thumb": thumb, "thumbed_at": self._clock()}
        if missing or thumb == "up":  # pressed down once more, nothing is taken back
            given["missing"] = missing or None
        async with self._database.transaction() as session:
            rated = await session.scalar(update(Message).where(*is_theirs).values(given).returning(Message.id))
        if rated is None:
            raise RequestError(404, "unknown_answer", "找不到这条回答。")
