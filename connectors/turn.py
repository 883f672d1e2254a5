"""One message: record it once, let the responder decide what it is answered with, record that."""

import asyncio
import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection

from connectors.responder import Responder
from connectors.wording import TOO_FAST
from conversations.inbox import Inbox, Push
from conversations.schemas import (
    Holder,
    InboundMessage,
    MessageView,
    RecordedInbound,
    RecordedOutcome,
    Turn,
    Value,
)
from kit.background import Tasks, repeat
from kit.errors import RequestError
from kit.limits import RateLimit
from kit.logging import set_request_id
from kit.news import News, Signal

log = logging.getLogger(__name__)

WAIT_SECONDS = 15.0  # for a channel that shows late replies by itself
ASK_SECONDS = 0.4  # how often the record is asked for what another process answers
RECOVER_SECONDS = 1.0

Key = tuple[str, str]  # conversation, and the platform's id of the message
Waiter = asyncio.Future[RecordedOutcome]


class TurnResult(Value):
    """The customer's message as recorded, what it was answered with in time, and who answers from now on.

    `offer`: the delivery of these replies, when this request may be answered with them; see Deliverer.confirm.
    """

    message: MessageView
    replies: list[MessageView]
    holder: Holder
    offer: int | None = None


class Turns:
    """Takes messages, each conversation's in order, over all processes: a conversation has one worker at a time.

    What was recorded is answered, whatever happens: a message that nobody works on is found by `recover`.
    """

    def __init__(
        self,
        inbox: Inbox,
        responder: Responder,
        news: News,
        *,
        turns_at_once: int = 8,
        per_minute: int = 60,
        pushed: Collection[str] = (),
        wake_outbox: Callable[[], None] = lambda: None,
        release: Callable[[int], None] = lambda delivery_id: None,
    ) -> None:
        """`pushed` names the channels whose replies go through the outbox, `release` gives an offer up (Deliverer)."""
        self._inbox = inbox
        self._responder = responder
        self._news = news
        self._limit = RateLimit(per_minute, 60)
        self._pushed = pushed
        self._wake_outbox = wake_outbox
        self._release = release
        self._worker = uuid.uuid4().hex
        self._slots = asyncio.Semaphore(turns_at_once)
        self._busy: set[str] = set()  # conversations this process works on or is about to
        self._recordings: dict[Key, asyncio.Task[RecordedInbound]] = {}
        self._waiters: defaultdict[Key, list[Waiter]] = defaultdict(list)
        self._tasks = Tasks()

    async def take(self, conversation_id: str, message: InboundMessage, *, seconds: float = WAIT_SECONDS) -> TurnResult:
        """Records and answers a message; the same id again gives the same replies and acts once.

        Without an answer within `seconds` there are no replies yet; the work goes on. Raises RequestError: 422 for an
        unknown button, 429 for too many messages; nothing is recorded then.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        key = conversation_id, message.message_id
        waiter: Waiter = loop.create_future()
        self._waiters[key].append(waiter)  # before the recording begins: the answer may come at once
        try:
            recorded = await asyncio.shield(self._join_recording(conversation_id, message))
            if recorded.replies is None or waiter.done():
                answered = await self._wait(conversation_id, recorded.message.id, waiter, end)
            else:
                answered = RecordedOutcome(replies=recorded.replies, holder=recorded.holder, offer=recorded.offer)
        finally:
            waiter.cancel()
            self._waiters[key].remove(waiter)
            if not self._waiters[key]:
                del self._waiters[key]
                self._recordings.pop(key, None)
        if answered is None:
            return TurnResult(message=recorded.message, replies=[], holder=recorded.holder)
        return TurnResult(
            message=recorded.message, replies=answered.replies, holder=answered.holder, offer=answered.offer
        )

    async def accept(self, conversation_id: str, message: InboundMessage) -> None:
        """Records a message, to be answered through the outbox. Raises as `take`."""
        await self._record(conversation_id, message)

    async def recover(self) -> None:
        """Answers, for as long as it runs, what was recorded and left alone by a process that ended or a fault."""
        await repeat(self._recover_once, seconds=RECOVER_SECONDS)

    async def finish(self) -> None:
        """Lets running turns end."""
        await self._tasks.finish()

    def _join_recording(self, conversation_id: str, message: InboundMessage) -> asyncio.Task[RecordedInbound]:
        """The message's recording, one for all who bring it while it is waited for: repeats cost no transactions."""
        key = conversation_id, message.message_id
        if key not in self._recordings:
            recording = asyncio.create_task(self._record(conversation_id, message))
            # Fetched here as well: whoever brought the message may be gone when it fails.
            recording.add_done_callback(lambda task: task.cancelled() or task.exception())
            self._recordings[key] = recording
        return self._recordings[key]

    async def _record(self, conversation_id: str, message: InboundMessage) -> RecordedInbound:
        if not self._limit.allow(conversation_id, message.message_id):
            raise RequestError(429, "too_many_messages", TOO_FAST)
        has_slot = not self._slots.locked() and conversation_id not in self._busy
        if has_slot:
            await self._slots.acquire()  # at once; a turn is only ever claimed by who can begin it
        turn = None
        try:
            worker = self._worker if has_slot else None
            recorded = await self._inbox.record(conversation_id, message, worker=worker)
            turn = recorded.turn
        finally:
            if has_slot and turn is None:
                self._slots.release()
        if turn:
            self._begin(conversation_id, turn)
        elif recorded.replies is None and not has_slot:
            self._begin(conversation_id)
        self._news.announce(Signal(conversation_id, "message"))
        return recorded

    async def _recover_once(self) -> None:
        for conversation_id in await self._inbox.list_left_alone():
            self._begin(conversation_id)

    def _begin(self, conversation_id: str, turn: Turn | None = None) -> None:
        if turn or conversation_id not in self._busy:
            self._busy.add(conversation_id)
            self._tasks.start(self._work(conversation_id, turn))

    async def _work(self, conversation_id: str, turn: Turn | None) -> None:
        """Answers the conversation's messages until none is left."""
        if turn is None:
            await self._slots.acquire()
        try:
            turn = turn or await self._inbox.claim(conversation_id, self._worker)
            while turn:
                turn = await self._answer(conversation_id, turn)
        except Exception:
            log.exception("a turn of conversation %s failed", conversation_id)
            await self._inbox.give_back(conversation_id, self._worker)
        finally:
            self._slots.release()
            self._busy.discard(conversation_id)

    async def _answer(self, conversation_id: str, turn: Turn) -> Turn | None:
        set_request_id(conversation_id, turn.message.id)
        outcome = await self._responder.respond(conversation_id, turn)
        log.info("replies: %d, handoff: %s", len(outcome.replies), outcome.handoff.reason if outcome.handoff else "no")
        key = conversation_id, turn.message.message_id or ""
        push: Push | None = None
        if turn.channel in self._pushed:
            push = "offered" if self._waiters.get(key) else "waiting"
        done = await self._inbox.record_outcome(
            conversation_id, turn.message.id, outcome, worker=self._worker, push=push, holder=turn.holder
        )
        if done is None:
            return None
        if done.is_void:
            return done.next_turn
        self._hand_out(key, done)
        self._news.announce(Signal(conversation_id, "message"))
        if push and done.offer is None:
            self._wake_outbox()
        return done.next_turn

    def _hand_out(self, key: Key, done: RecordedOutcome) -> None:
        self._recordings.pop(key, None)  # who brings it from now on finds the answer in the record
        waiters = [waiter for waiter in self._waiters.get(key, ()) if not waiter.done()]
        if done.offer and not waiters:
            self._release(done.offer)
        # A platform that repeats a request has given up the one before: the last one is to answer.
        for waiter in waiters[:-1]:
            waiter.set_result(done.model_copy(update={"offer": None}))
        for waiter in waiters[-1:]:
            waiter.set_result(done)

    async def _wait(self, conversation_id: str, inbound_id: int, waiter: Waiter, end: float) -> RecordedOutcome | None:
        while not waiter.done() and (left := end - asyncio.get_running_loop().time()) > 0:
            is_here = conversation_id in self._busy
            await asyncio.wait([waiter], timeout=left if is_here else min(left, ASK_SECONDS))
            if not waiter.done():
                found = await self._inbox.find_answer(conversation_id, inbound_id)
                if found and found.replies is not None and not waiter.done():
                    return RecordedOutcome(replies=found.replies, holder=found.holder)
        return waiter.result() if waiter.done() else None
