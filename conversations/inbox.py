"""Takes customers' messages in, once each, and hands them out to be answered, one conversation to one worker."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from conversations import outbox, repository
from conversations.choices import match_choice
from conversations.handoff.rating import match_rating, read_typed_rating
from conversations.handoff.updates import apply_update, request_handoff
from conversations.outgoing import add_messages, is_watched
from conversations.schemas import Holder, InboundMessage, RecordedInbound, RecordedOutcome, Turn, TurnOutcome
from conversations.tables import Consent, Conversation, Message
from conversations.windows import renew_window
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.news import Signal, publish

# A worker that says nothing for so long is gone, and another takes its conversations over. Longer than any turn.
WORKER_PATIENCE = timedelta(seconds=20)
# A platform that got no answer brings a message again after some 5 s; what comes sooner crossed the answer on its way.
OFFER_PATIENCE = timedelta(seconds=4)
Push = Literal["offered", "waiting"]


class Inbox:
    """One method, one transaction; works on the database directly, so every gateway process holds one."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def record(
        self, conversation_id: str, inbound: InboundMessage, *, worker: str | None = None
    ) -> RecordedInbound:
        """Writes a customer's message down before anything is done with it; the same again gives what was recorded.

        A named worker gets the conversation, unless another has it. Raises RequestError 422 for a button that was
        never shown in this conversation; nothing is recorded then.
        """
        async with self._database.transaction() as session:
            conversation = await repository.lock_conversation(session, conversation_id)
            is_this = Message.channel_message_id == inbound.message_id
            message = await repository.find_message(session, conversation_id, is_this)
            turn = None
            if message is None:
                is_idle = conversation.worker_until is None
                message = await self._add_inbound(
                    session, conversation, inbound, attempts=int(is_idle and bool(worker))
                )
                if is_idle:
                    turn = self._assign(conversation, message, worker)
            if worker and turn is None and not message.answered_at:
                turn = await self._claim(session, conversation, worker)
            recorded = RecordedInbound(
                message=repository.view_message(message),
                holder=repository.view_conversation(conversation).holder,
                turn=turn,
            )
            return await self._add_answer(session, recorded, message)

    async def find_answer(self, conversation_id: str, inbound_id: int) -> RecordedInbound | None:
        """An inbound message once it was answered, perhaps by another process; None before."""
        async with self._database.reading() as session:
            message = await session.get_one(Message, inbound_id)
            if not message.answered_at:
                return None
            conversation = await session.get_one(Conversation, conversation_id)
            recorded = RecordedInbound(
                message=repository.view_message(message), holder=repository.view_conversation(conversation).holder
            )
            return await self._add_answer(session, recorded, message)

    async def claim(self, conversation_id: str, worker: str) -> Turn | None:
        """The conversation's next unanswered message, now the worker's; None when there is none or another has it."""
        async with self._database.transaction() as session:
            conversation = await repository.lock_conversation(session, conversation_id)
            return await self._claim(session, conversation, worker)

    async def record_outcome(
        self,
        conversation_id: str,
        inbound_id: int,
        outcome: TurnOutcome,
        *,
        worker: str,
        holder: Holder,
        push: Push | None = None,
    ) -> RecordedOutcome | None:
        """Writes down all that an inbound message led to, and hands out the conversation's next message.

        `holder` held the conversation when the outcome was decided: where the queue or an agent did and somebody else
        does now, nothing is written and the same message is handed out again. `push`: the replies go through the
        outbox, `offered` when a request is open that may be answered with them.
        None: the worker was taken for gone, and whoever has the conversation now answers.
        """
        async with self._database.transaction() as session:
            conversation, inbound = await repository.lock_turn(session, conversation_id, inbound_id)
            if conversation.worker != worker or inbound.answered_at:
                return None
            if holder != "bot" and conversation.holder != holder:
                # An agent took the talk or ended it meanwhile: what was decided would talk over them, or be silence.
                conversation.worker_until = None
                inbound.attempts -= 1  # nobody has tried it on the bot
                return RecordedOutcome(
                    replies=[],
                    holder=repository.view_conversation(conversation).holder,
                    is_void=True,
                    next_turn=await self._claim(session, conversation, worker),
                )
            inbound.answered_at = self._clock()
            delivery = None
            if push and outcome.replies:
                delivery = await outbox.add_delivery(session, conversation_id, push, self._clock())
            replies = await add_messages(
                session,
                conversation_id,
                outcome.replies,
                self._clock(),
                answers_id=inbound.id,
                delivery_id=delivery.id if delivery else None,
            )
            inbound.is_understood = outcome.is_understood
            is_failure = not outcome.is_understood and not outcome.handoff
            conversation.failures = conversation.failures + 1 if is_failure else 0
            if replies and is_watched(conversation):
                await publish(session, Signal(conversation_id, "message"))
            if outcome.handoff and conversation.holder == "bot":
                await request_handoff(session, conversation, outcome.handoff, self._clock())
            if outcome.handoff_update:
                await apply_update(session, conversation, outcome.handoff_update, self._clock())
            for consent in outcome.consents:
                session.add(
                    Consent(
                        id=str(uuid.uuid4()),
                        customer_id=conversation.customer_id,
                        given_at=self._clock(),
                        **consent.model_dump(),
                    )
                )
            conversation.worker_until = None
            return RecordedOutcome(
                replies=replies,
                holder=repository.view_conversation(conversation).holder,
                offer=delivery.id if delivery and delivery.state == "offered" else None,
                next_turn=await self._claim(session, conversation, worker),
            )

    async def give_back(self, conversation_id: str, worker: str) -> None:
        """The worker could not finish: the message may be tried again at once."""
        async with self._database.transaction() as session:
            conversation = await repository.lock_conversation(session, conversation_id)
            if conversation.worker == worker and conversation.worker_until:
                conversation.worker_until = self._clock()

    async def list_left_alone(self, limit: int = 100) -> Sequence[str]:
        """Conversations with an unanswered message that nobody works on."""
        async with self._database.reading() as session:
            return await repository.list_left_alone(session, self._clock(), limit)

    async def _claim(self, session: AsyncSession, conversation: Conversation, worker: str) -> Turn | None:
        if conversation.worker_until and conversation.worker_until > self._clock():
            return None
        message = await repository.find_unanswered(session, conversation.id)
        if message is None:
            conversation.worker_until = None
            return None
        message.attempts += 1
        return self._assign(conversation, message, worker)

    def _assign(self, conversation: Conversation, message: Message, worker: str | None) -> Turn | None:
        """Gives the worker the conversation; without one, it waits for whoever comes."""
        now = self._clock()
        conversation.worker, conversation.worker_until = worker, now + WORKER_PATIENCE if worker else now
        if worker is None:
            return None
        return Turn.model_validate(
            {
                "message": repository.view_message(message),
                "channel": conversation.customer.channel,
                "kind": message.kind,
                "payload": message.payload,
                "holder": conversation.holder,
                "attempt": message.attempts,
                "failures": conversation.failures,
            }
        )

    async def _add_answer(self, session: AsyncSession, recorded: RecordedInbound, message: Message) -> RecordedInbound:
        if not message.answered_at:
            return recorded
        replies = await repository.list_replies(session, message.id)
        is_lost = self._clock() - message.at > OFFER_PATIENCE
        offer = await outbox.find_offer(session, message.id) if is_lost else None
        return recorded.model_copy(update={"replies": replies, "offer": offer})

    async def _add_inbound(
        self, session: AsyncSession, conversation: Conversation, inbound: InboundMessage, attempts: int
    ) -> Message:
        text, payload = inbound.text, inbound.payload
        button = None
        if inbound.button_token:
            button = await repository.find_button(session, conversation.id, inbound.button_token)
            if button is None and not text:
                raise RequestError(422, "unknown_button", "这个按钮已失效，请直接输入文字")
        if button is None and inbound.may_be_choice:
            button = match_choice(text, await repository.list_last_choices(session, conversation.id))
        if button is None and read_typed_rating(text):
            button = match_rating(text, await repository.list_last_choices(session, conversation.id))
        if button:
            # What was shown earlier, and may be tapped twice or weeks later, is only taken as its words.
            is_current = await repository.is_last_choice(session, button)
            text, payload = button.title, button.payload if is_current else None
        if inbound.source:
            conversation.customer.source = inbound.source
        if inbound.grant:
            window = renew_window(repository.view_window(conversation), inbound.grant, self._clock())
            if window:
                conversation.window_until, conversation.window_left = window.until, window.left
        await outbox.resume_held(session, conversation.id, self._clock())
        message = Message(
            conversation_id=conversation.id,
            direction="inbound",
            sender="customer",
            kind=inbound.kind,
            text=text,
            payload=payload,
            channel_message_id=inbound.message_id,
            attempts=attempts,
            at=self._clock(),
        )
        session.add(message)
        await session.flush()
        if is_watched(conversation):
            await publish(session, Signal(conversation.id, "message"))
        return message
