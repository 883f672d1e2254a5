"""The way into the shared record: each method is one transaction."""

import uuid
from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from conversations import repository
from conversations.schemas import (
    ConversationView,
    HandoffRequest,
    HandoffView,
    Holder,
    MessageView,
    RecordedInbound,
    Reply,
    TurnOutcome,
)
from conversations.tables import Consent, Conversation, Customer, Handoff, Message, MessageButton
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.security import make_token

TRANSCRIPT_MESSAGES_MAX = 200


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
        conversation = Conversation(id=str(uuid.uuid4()), customer_id=customer.id, holder="bot", created_at=now)
        try:
            async with self._database.transaction() as session:
                session.add(customer)
                await session.flush()
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

    async def record_inbound(
        self, conversation_id: str, message_id: str, *, text: str = "", button_token: str = ""
    ) -> RecordedInbound:
        """Writes a customer's message down before anything is done with it.

        The same `message_id` again gives back what was recorded, with the replies once it was answered. A button's
        text is its title. Raises RequestError 422 for a button that was never shown in this conversation.
        """
        async with self._database.transaction() as session:
            is_this = Message.channel_message_id == message_id
            conversation, message = await repository.lock_turn(session, conversation_id, is_this)
            if message is None:
                message = await self._add_inbound(session, conversation_id, message_id, text, button_token)
            replies = await repository.list_replies(session, message.id) if message.answered_at else None
            return RecordedInbound(
                message=repository.view_message(message),
                payload=message.payload,
                holder=repository.view_conversation(conversation).holder,
                replies=replies,
            )

    async def record_outcome(
        self, conversation_id: str, inbound_id: int, outcome: TurnOutcome
    ) -> tuple[list[MessageView], Holder]:
        """Writes down all that an inbound message led to; gives the replies as recorded and the holder after it.

        A message that was answered before, by another process, keeps its first outcome.
        """
        async with self._database.transaction() as session:
            conversation, inbound = await repository.lock_turn(session, conversation_id, Message.id == inbound_id)
            if inbound is None:
                raise LookupError(f"conversation {conversation_id} has no message {inbound_id}")
            if inbound.answered_at:
                holder = repository.view_conversation(conversation).holder
                return await repository.list_replies(session, inbound_id), holder
            inbound.answered_at = self._clock()
            replies = await self._add_replies(session, inbound, outcome.replies)
            if outcome.handoff and conversation.holder == "bot":
                conversation.holder = "queue"
                await self._add_handoff(session, conversation_id, outcome.handoff)
            for consent in outcome.consents:
                session.add(
                    Consent(
                        id=str(uuid.uuid4()),
                        customer_id=conversation.customer_id,
                        given_at=self._clock(),
                        **consent.model_dump(),
                    )
                )
            return replies, repository.view_conversation(conversation).holder

    async def list_messages(self, conversation_id: str, *, after_id: int = 0, limit: int = 200) -> list[MessageView]:
        """Messages after an id, oldest first."""
        async with self._database.reading() as session:
            return await repository.list_messages(session, conversation_id, after_id, limit)

    async def list_last_messages(self, conversation_id: str, limit: int = 200) -> list[MessageView]:
        """The newest messages, oldest of them first."""
        async with self._database.reading() as session:
            return await repository.list_last_messages(session, conversation_id, limit)

    async def list_open_handoffs(self, limit: int = 200) -> list[HandoffView]:
        """Handoffs that wait for a human, longest waiting first."""
        async with self._database.reading() as session:
            return await repository.list_open_handoffs(session, limit)

    async def _add_inbound(
        self, session: AsyncSession, conversation_id: str, message_id: str, text: str, button_token: str
    ) -> Message:
        payload = None
        if button_token:
            button = await repository.find_button(session, conversation_id, button_token)
            if button is None:
                raise RequestError(422, "unknown_button", "这个按钮已失效，请直接输入文字")
            text, payload = button.title, button.payload
        message = Message(
            conversation_id=conversation_id,
            direction="inbound",
            sender="customer",
            text=text,
            payload=payload,
            channel_message_id=message_id,
            at=self._clock(),
        )
        session.add(message)
        await session.flush()
        return message

    async def _add_replies(
        self, session: AsyncSession, inbound: Message, replies: Sequence[Reply]
    ) -> list[MessageView]:
        messages = [
            Message(
                conversation_id=inbound.conversation_id,
                direction="outbound",
                sender=reply.sender,
                text=reply.text,
                answers_id=inbound.id,
                at=self._clock(),
            )
            for reply in replies
        ]
        session.add_all(messages)
        await session.flush()
        views = []
        for message, reply in zip(messages, replies, strict=True):
            buttons = [
                MessageButton(
                    token=make_token(),
                    conversation_id=message.conversation_id,
                    message_id=message.id,
                    position=position,
                    title=button.title,
                    payload=button.payload,
                )
                for position, button in enumerate(reply.buttons)
            ]
            session.add_all(buttons)
            views.append(repository.view_message(message, buttons))
        return views

    async def _add_handoff(self, session: AsyncSession, conversation_id: str, request: HandoffRequest) -> None:
        said = await repository.list_last_messages(session, conversation_id, TRANSCRIPT_MESSAGES_MAX)
        session.add(
            Handoff(
                id=str(uuid.uuid4()),
                conversation_id=conversation_id,
                reason=request.reason,
                status="queued",
                transcript=[m.model_dump(mode="json", include={"id", "sender", "text", "at"}) for m in said],
                slots=request.slots,
                requested_at=self._clock(),
            )
        )
