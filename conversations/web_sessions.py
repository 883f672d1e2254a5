"""Sessions of the web chat: opened, found by their token, ended, and forgotten when nobody comes back."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.schemas import Value
from conversations.tables import Conversation, Customer, Message, WebSession
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.pubsub import PubSub, Signal, publish
from kit.security import hash_token, make_token

ENDED = "ended"  # a signal of the session's conversation, by the hash of its token; and of SUBJECT
SUBJECT = "web_sessions"
KNOWN_MAX = 10_000
KNOWN_FOR = timedelta(seconds=60)  # should the signal of an end get lost
SEEN_PART = 20  # of the idle time: how often a use is written down
SWEPT_AT_ONCE = 500


class WebSessionView(Value):
    """A session: of a conversation, known by the hash of its token."""

    token_hash: str
    conversation_id: str
    is_shared: bool
    created_at: datetime
    seen_at: datetime
    ended_at: datetime | None


class WebSessions:
    """One process's view of the sessions; a use costs no query as a rule.

    A session ends `idle` after its last use (`shared_idle` on a shared phone), or `longest` after it was opened.
    """

    def __init__(
        self,
        database: Database,
        *,
        idle: timedelta,
        shared_idle: timedelta,
        longest: timedelta,
        clock: Clock = read_clock,
    ) -> None:
        self._database = database
        self._idle = idle
        self._shared_idle = shared_idle
        self._longest = longest
        self._clock = clock
        self._known: dict[str, tuple[WebSessionView, datetime]] = {}  # with the time it was read

    async def open(self, *, is_shared: bool = False) -> str:
        """A new customer with a conversation and a session; returns its token."""
        token, now = make_token(), self._clock()
        token_hash = hash_token(token)
        customer = Customer(id=str(uuid.uuid4()), channel="web", channel_user_id=token_hash, created_at=now)
        conversation = Conversation(id=str(uuid.uuid4()), customer=customer, holder="bot", created_at=now)
        opened = WebSession(
            token_hash=token_hash, conversation_id=conversation.id, is_shared=is_shared, created_at=now, seen_at=now
        )
        async with self._database.transaction() as session:
            session.add(conversation)
            await session.flush()
            session.add(opened)
        self._keep(WebSessionView.model_validate(opened))
        return token

    async def find(self, token_hash: str, *, is_used: bool = False) -> WebSessionView | None:
        """The session, if it has not ended; `is_used`: by the customer, which keeps it open."""
        now = self._clock()
        known, read_at = self._known.get(token_hash, (None, now))
        if known is None or now - read_at > KNOWN_FOR or self._is_over(known, now):
            known = await self._read(token_hash)
        if known is None or self._is_over(known, now):
            self._known.pop(token_hash, None)
            return None
        if is_used and now - known.seen_at > self._get_idle(known) / SEEN_PART:
            seen = update(WebSession).where(WebSession.token_hash == token_hash).values(seen_at=now)
            async with self._database.transaction() as session:
                await session.execute(seen)
            self._keep(known.model_copy(update={"seen_at": now}))
        return known

    def is_known(self, token_hash: str) -> bool:
        """Whether `find` needs no query for it."""
        return token_hash in self._known

    async def end(self, token_hash: str) -> None:
        """Ends a session, in every process: its token opens nothing any more. One that has ended stays so."""
        if token_hash not in self._known and await self._read(token_hash) is None:
            return
        self._known.pop(token_hash, None)
        async with self._database.transaction() as session:
            is_open = WebSession.token_hash == token_hash, WebSession.ended_at.is_(None)
            ended = update(WebSession).where(*is_open).values(ended_at=self._clock())
            if (conversation_id := await session.scalar(ended.returning(WebSession.conversation_id))) is not None:
                await publish(session, Signal(conversation_id, ENDED, token_hash), Signal(SUBJECT, ENDED, token_hash))

    async def sweep(self) -> None:
        """Forgets sessions that are over, and those of them in which nothing was ever said, conversation and all."""
        now = self._clock()
        is_over = or_(
            WebSession.ended_at.is_not(None),
            WebSession.created_at <= now - self._longest,
            WebSession.seen_at <= now - self._idle,
            WebSession.is_shared & (WebSession.seen_at <= now - self._shared_idle),
        )
        some = select(WebSession.token_hash).where(is_over).limit(SWEPT_AT_ONCE)
        swept = delete(WebSession).where(WebSession.token_hash.in_(some)).returning(WebSession.conversation_id)
        found: Sequence[str] = [""] * SWEPT_AT_ONCE
        while len(found) == SWEPT_AT_ONCE:
            async with self._database.transaction() as session:
                found = (await session.scalars(swept)).all()
                await _forget_silent(session, found)

    async def follow_ends(self, pubsub: PubSub) -> None:
        """Forgets what other processes ended, until cancelled."""
        with pubsub.subscribe(SUBJECT) as subscription:
            while True:
                for signal in await subscription.wait(KNOWN_FOR.total_seconds()):
                    if signal.kind == ENDED:
                        self._known.pop(signal.by, None)
                    else:  # signals may have been missed
                        self._known.clear()

    def _is_over(self, found: WebSessionView, now: datetime) -> bool:
        is_old = now - found.seen_at >= self._get_idle(found) or now - found.created_at >= self._longest
        return is_old or found.ended_at is not None

    def _get_idle(self, found: WebSessionView) -> timedelta:
        return self._shared_idle if found.is_shared else self._idle

    async def _read(self, token_hash: str) -> WebSessionView | None:
        async with self._database.reading() as session:
            found = await session.get(WebSession, token_hash)
        return self._keep(WebSessionView.model_validate(found)) if found else None

    def _keep(self, found: WebSessionView) -> WebSessionView:
        if len(self._known) >= KNOWN_MAX:
            self._known.clear()
        self._known[found.token_hash] = found, self._clock()
        return found


async def _forget_silent(session: AsyncSession, conversation_ids: Sequence[str]) -> None:
    """Deletes those of the conversations in which nothing was said, with their customers."""
    has_messages = exists().where(Message.conversation_id == Conversation.id)
    has_sessions = exists().where(WebSession.conversation_id == Conversation.id)
    silent = delete(Conversation).where(Conversation.id.in_(conversation_ids), ~has_messages, ~has_sessions)
    gone = (await session.scalars(silent.returning(Conversation.customer_id))).all()
    await session.execute(delete(Customer).where(Customer.id.in_(gone)))
