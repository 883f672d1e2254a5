"""Records customers' messages, once each, and leases each conversation to one process that answers them in order."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from conversations import outbox, repository, statements
from conversations.agreements import record_agreements
from conversations.attachments import find_document
from conversations.handoff.updates import apply_update, request_handoff
from conversations.inbound import read_content, update_conversation
from conversations.outgoing import say
from conversations.schemas import Answer, ClaimedMessage, Holder, InboundMessage, MessageView, TurnOutcome
from conversations.tables import Conversation
from kit.clock import Clock, read_clock
from kit.database import Database

# A platform repeats an unanswered message after some 5 s; a duplicate that arrives sooner crossed our reply.
REPEAT_TIME = timedelta(seconds=4)
UNANSWERED = TurnOutcome(is_understood=False)


class Inbox:
    """The inbox of a gateway process. One method, one transaction.

    A lease that was not renewed for `lease_seconds` is over: another process may claim the conversation.
    """

    def __init__(self, database: Database, clock: Clock = read_clock, *, lease_seconds: float = 4.0) -> None:
        self._database = database
        self._clock = clock
        self._lease = timedelta(seconds=lease_seconds)
        self.renew_seconds = lease_seconds / 4

    async def record(
        self, conversation_id: str, inbound: InboundMessage, *, owner: str | None = None
    ) -> tuple[Answer, ClaimedMessage | None]:
        """Records a customer's message before it is acted on; a duplicate returns what was recorded.

        If `owner` is given, it claims the conversation unless another process has it. RequestError 422 for a button
        that was never shown in this conversation: nothing is recorded then.
        """
        now = self._clock()
        async with self._database.transaction() as session:
            conversation = (await session.execute(statements.LOCK, {"conversation_id": conversation_id})).one()
            text, payload = await read_content(session, conversation_id, inbound)
            is_idle = conversation.lease_until is None
            new = {
                "conversation_id": conversation_id,
                "direction": "inbound",
                "author": "customer",
                "kind": inbound.kind,
                "text": text,
                "payload": payload,
                "channel_message_id": inbound.message_id,
                "attempts": int(is_idle and owner is not None),
                "at": now,
            }
            insert = statements.INSERT_INBOUND[session.get_bind().dialect.name]
            message_id = (await session.execute(insert, new)).scalar_one_or_none()
            if message_id is None:
                return await self._find_recorded(session, conversation, inbound, owner)
            lease = (owner, now + self._lease if owner else now) if is_idle else None
            await update_conversation(session, conversation, inbound, lease, now)
            message = MessageView(
                id=message_id,
                direction="inbound",
                author="customer",
                text=text,
                document=find_document(payload),
                message_id=inbound.message_id,
                at=now,
            )
            claimed = None
            if owner and is_idle:
                claimed = _make_claimed(conversation, message, inbound.kind, payload, 1)
            elif owner:
                claimed = await self._claim(session, conversation, owner)
            return Answer(message=message, holder=conversation.holder), claimed

    async def find_answer(self, message_id: int) -> Answer | None:
        """The answer to a customer's message, perhaps by another process; None while there is none.

        It has no passive reply: another request may already have been answered with it.
        """
        async with self._database.reading() as session:
            message = (await session.execute(statements.FIND_MESSAGE, {"key": message_id})).one()
            if not message.answered_at:
                return None
            answer = await self._view_answer(session, message, message.holder)
            return answer.model_copy(update={"passive_reply_id": None})

    async def claim(self, conversation_id: str, owner: str) -> ClaimedMessage | None:
        """The conversation's next unanswered message, leased to the owner; None when there is none or it is taken."""
        async with self._database.transaction() as session:
            conversation = (await session.execute(statements.LOCK, {"conversation_id": conversation_id})).one()
            return await self._claim(session, conversation, owner)

    async def record_outcome(
        self, claimed: ClaimedMessage, outcome: TurnOutcome, *, owner: str, is_awaited: bool = False
    ) -> tuple[Answer | None, ClaimedMessage | None]:
        """Records all that a claimed message led to, and claims the conversation's next message.

        `is_awaited`: an open request may be answered with the replies. Without an answer nothing was recorded, because
        another process has the conversation now, or because the holder was the queue or an agent when the outcome was
        decided and has changed since; then the same message is claimed again.
        """
        now, conversation_id = self._clock(), claimed.conversation_id
        async with self._database.transaction() as session:
            conversation = (await session.execute(statements.LOCK, {"conversation_id": conversation_id})).one()
            if conversation.lease_owner != owner:
                return None, None
            if claimed.holder not in ("bot", conversation.holder):
                # An agent took or ended the talk since: the outcome would talk over them, or leave it unanswered.
                count = {"key": claimed.message.id, "more": -1}  # the bot has not seen it
                await session.execute(statements.COUNT_ATTEMPT, count)
                return None, await self._claim(session, conversation, owner, is_own=True)
            closed = await self._close(session, claimed, outcome, now)
            if closed is None:
                return None, None
            dialogue = conversation.dialogue if outcome.dialogue is None else outcome.dialogue
            said = await say(
                session,
                conversation,
                outcome.replies,
                now,
                answers=claimed.message.id,
                is_awaited=is_awaited,
                dialogue=dialogue,
            )
            holder = await self._change_hands(session, conversation, outcome, now)
            if outcome.consents or outcome.notice:
                await record_agreements(session, conversation, outcome, claimed.message.id, now)
            is_failure = not outcome.is_understood and not outcome.handoff
            failures = conversation.failures + 1 if is_failure else 0
            following = None
            if closed.next_id is not None:
                message = (
                    await session.execute(statements.FIND_UNANSWERED, {"conversation_id": conversation_id})
                ).one()
                await session.execute(statements.COUNT_ATTEMPT, {"key": message.id, "more": 1})
                seen = outcome.notice.version if outcome.notice else conversation.notice_version
                changed = {"holder": holder, "failures": failures, "dialogue": dialogue, "notice_version": seen}
                following = _view_claimed(conversation, message, **changed)
            lease = {
                "conversation_id": conversation_id,
                "owner": owner if following else None,
                "until": now + self._lease if following else None,
                "in_a_row": failures,
                "stands_at": dialogue,
            }
            await session.execute(statements.LEASE_AND_DIALOGUE, lease)
            answer = Answer(
                message=claimed.message,
                holder=holder,
                is_answered=True,
                replies=said.messages,
                passive_reply_id=said.passive_reply_id,
            )
            return answer, following

    async def give_back(self, claimed: ClaimedMessage, owner: str, *, pause_seconds: float = 0) -> None:
        """Returns a message that could not be answered; it may be claimed again after the pause."""
        until = self._clock() + timedelta(seconds=pause_seconds)
        lease = {"conversation_id": claimed.conversation_id, "owner": None, "until": until, "former_owner": owner}
        async with self._database.transaction() as session:
            await session.execute(statements.GIVE_BACK, lease)

    async def close_unanswered(self, claimed: ClaimedMessage, owner: str) -> None:
        """Closes a message that cannot be answered; staff see it on the page of undelivered ones."""
        now, this = self._clock(), {"conversation_id": claimed.conversation_id}
        async with self._database.transaction() as session:
            if (await session.execute(statements.LOCK, this)).one().lease_owner != owner:
                return
            closed = await self._close(session, claimed, UNANSWERED, now, is_given_up=True)
            if closed:
                until = None if closed.next_id is None else now
                await session.execute(statements.LEASE, {**this, "owner": None, "until": until})

    async def renew(self, owner: str, conversation_ids: Collection[str]) -> None:
        """Renews the owner's leases on these conversations."""
        lease = {"owner": owner, "conversation_ids": list(conversation_ids), "until": self._clock() + self._lease}
        async with self._database.transaction() as session:
            await session.execute(statements.RENEW, lease)

    async def list_stalled(self, limit: int = 100) -> Sequence[str]:
        """Conversations with an unanswered message and no live lease, longest waiting first."""
        async with self._database.reading() as session:
            found = await session.execute(statements.LIST_STALLED, {"now": self._clock(), "limit": limit})
            return found.scalars().all()

    async def _claim(
        self, session: AsyncSession, conversation: Any, owner: str, *, is_own: bool = False
    ) -> ClaimedMessage | None:
        now, this = self._clock(), {"conversation_id": conversation.id}
        if not is_own and conversation.lease_until and conversation.lease_until > now:
            return None
        message = (await session.execute(statements.FIND_UNANSWERED, this)).one_or_none()
        lease = {**this, "owner": owner if message else None, "until": now + self._lease if message else None}
        await session.execute(statements.LEASE, lease)
        if message is None:
            return None
        await session.execute(statements.COUNT_ATTEMPT, {"key": message.id, "more": 1})
        return _view_claimed(conversation, message)

    async def _close(
        self,
        session: AsyncSession,
        claimed: ClaimedMessage,
        outcome: TurnOutcome,
        now: datetime,
        *,
        is_given_up: bool = False,
    ) -> Any:
        end = {
            "key": claimed.message.id,
            "in_conversation": claimed.conversation_id,
            "attempt": claimed.attempt,
            "now": now,
            "understood": outcome.is_understood,
            "given_up": is_given_up,
            "chosen": outcome.choice,
        }
        return (await session.execute(statements.CLOSE_INBOUND, end)).one_or_none()

    async def _find_recorded(
        self, session: AsyncSession, conversation: Any, inbound: InboundMessage, owner: str | None
    ) -> tuple[Answer, ClaimedMessage | None]:
        this = {"conversation_id": conversation.id, "channel_message_id": inbound.message_id}
        message = (await session.execute(statements.FIND_INBOUND, this)).one()
        if message.answered_at:
            return await self._view_answer(session, message, conversation.holder), None
        claimed = await self._claim(session, conversation, owner) if owner else None
        return Answer(message=repository.view_message(message), holder=conversation.holder), claimed

    async def _view_answer(self, session: AsyncSession, message: Any, holder: Holder) -> Answer:
        is_lost = self._clock() - message.at > REPEAT_TIME
        return Answer(
            message=repository.view_message(message),
            holder=holder,
            is_answered=True,
            replies=await repository.list_replies(session, message.id),
            passive_reply_id=await outbox.find_passive_reply(session, message.id) if is_lost else None,
        )

    async def _change_hands(self, session: AsyncSession, locked: Any, outcome: TurnOutcome, now: datetime) -> Holder:
        holder: Holder = locked.holder
        if outcome.handoff_update or (outcome.handoff and holder == "bot"):
            conversation = await session.get_one(Conversation, locked.id)
            if outcome.handoff and holder == "bot":
                await request_handoff(session, conversation, outcome.handoff, now)
            if outcome.handoff_update:
                await apply_update(session, conversation, outcome.handoff_update, now)
            await session.flush()
            holder = conversation.holder
        return holder


def _make_claimed(
    conversation: Any, message: MessageView, kind: str, payload: str | None, attempt: int, **changed: Any
) -> ClaimedMessage:
    names = "holder", "failures", "dialogue", "notice_version"
    known = {name: getattr(conversation, name) for name in names} | changed
    return ClaimedMessage.model_validate(
        {
            "conversation_id": conversation.id,
            "message": message,
            "channel": conversation.channel,
            "kind": kind,
            "payload": payload,
            "attempt": attempt,
            **known,
        }
    )


def _view_claimed(conversation: Any, message: Any, **changed: Any) -> ClaimedMessage:
    view = repository.view_message(message)
    return _make_claimed(conversation, view, message.kind, message.payload, message.attempts + 1, **changed)
