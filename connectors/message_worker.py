"""Answers customers' messages, each conversation's in order: claim, respond, record the outcome, sweep stalled ones."""

import asyncio
import logging
import time
import uuid
from functools import partial

from connectors.customer_limits import CustomerLimits
from connectors.delivery import Deliverer
from connectors.pending_replies import PendingReplies
from connectors.responder import Responder
from connectors.waiting_wording import offer_no_human
from conversations.inbox import Inbox
from conversations.schemas import Answer, ClaimedMessage, InboundMessage
from kit.background import Tasks, measure_lag, repeat
from kit.logging import set_request_id
from understanding.leaked_secrets import mask_secrets

log = logging.getLogger(__name__)

ATTEMPTS_MAX = 6  # then a message is handed over to an agent
PAUSE_SECONDS_MAX = 60.0
RECORDINGS_AT_ONCE = 8  # fewer than the connections of a database pool
QUEUE_SECONDS_MAX = 2.0
GIVE_WAY_POLL_SECONDS = 0.02


class MessageWorker:
    """Answers one process's share of the messages; a conversation is leased to one process at a time.

    Every recorded message gets answered: `run` sweeps stalled ones of processes that ended or failed.
    """

    def __init__(
        self,
        inbox: Inbox,
        responder: Responder,
        pending: PendingReplies,
        deliverer: Deliverer,
        limits: CustomerLimits,
        *,
        turns_at_once: int = 8,
        waiting_max: int = 24,
        give_way_seconds: float = 3.0,
        lag_seconds_max: float = 0.05,
        poll_seconds: float = 1.0,
        retry_seconds: float = 1.0,
    ) -> None:
        """At most `turns_at_once` messages are answered at once, and no more than `waiting_max` wait for that.

        Messages that queue to be recorded go first, before a turn for at most `give_way_seconds`. While the event loop
        lags by over `lag_seconds_max`, one message is answered at a time.

        Stalled messages are swept every `poll_seconds`; one that failed is tried again after `retry_seconds`,
        and twice as long after each further failure.
        """
        self._inbox = inbox
        self._responder = responder
        self._pending = pending
        self._deliverer = deliverer
        self._limits = limits
        self._owner = uuid.uuid4().hex
        self._turns_at_once = turns_at_once
        self._waiting_max = waiting_max
        self._give_way_seconds = give_way_seconds
        self._lag_seconds_max = lag_seconds_max
        self._turn_seconds = 0.0  # running average, from claim to answer
        self._answering = 0
        self._poll_seconds = poll_seconds
        self._retry_seconds = retry_seconds
        self._turns = asyncio.Semaphore(turns_at_once)
        self._recordings = asyncio.Semaphore(RECORDINGS_AT_ONCE)
        self._busy: set[str] = set()  # conversations this process answers or is about to
        self._claimed: set[str] = set()  # those of them leased to it
        self._claiming: set[str] = set()  # conversations whose message is being recorded, to be claimed with it
        self._has_more = False  # there are recorded messages that no process has begun
        self._wake = asyncio.Event()
        self._is_ending = False  # messages are still recorded, for another process to answer
        self._tasks = Tasks()

    @property
    def is_overloaded(self) -> bool:
        """Whether a new message would wait long for its answer."""
        return self._is_full or len(self._busy) * self._turn_seconds > QUEUE_SECONDS_MAX * self._turns_at_once

    @property
    def _is_full(self) -> bool:
        return len(self._busy) >= self._turns_at_once + self._waiting_max

    async def take(
        self,
        conversation_id: str,
        message: InboundMessage,
        *,
        seconds: float,
        may_queue: bool = True,
        address: str = "",  # the customer's, not a platform's
    ) -> Answer:
        """Records and answers a message; a duplicate gets the same replies and acts once.

        If it is not answered within `seconds`, the answer has no replies and the work goes on; so too, unless it
        `may_queue`, as soon as it is recorded while many messages are waiting. RequestError: 422 for an
        unknown button, 429 for too many messages; nothing is recorded then.
        """
        key = conversation_id, message.message_id
        record = partial(self.accept, conversation_id, message, address)
        return await self._pending.wait(
            key, record, self._claimed, seconds, lambda: may_queue or self._will_soon_answer(conversation_id)
        )

    def _will_soon_answer(self, conversation_id: str) -> bool:
        was_begun = conversation_id in self._busy or not self._has_more
        return was_begun and not self.is_overloaded

    async def accept(self, conversation_id: str, message: InboundMessage, address: str = "") -> Answer:
        """Records a message, to be answered through the outbox unless a request waits for it. Raises like `take`."""
        await self._limits.count_message(conversation_id, message.message_id, address)
        message = message.model_copy(update={"text": mask_secrets(message.text)[0]})  # before anything is stored
        claimed = None
        async with self._recordings:
            may_claim = not (self._is_ending or self._turns.locked() or self._is_taken(conversation_id))
            if may_claim:
                await self._turns.acquire()  # does not wait: only a process that can begin a message claims it
                self._claiming.add(conversation_id)
            try:
                answer, claimed = await self._inbox.record(
                    conversation_id, message, owner=self._owner if may_claim else None
                )
            finally:
                if may_claim:
                    self._claiming.discard(conversation_id)
                if may_claim and claimed is None:
                    self._release_turn()
        if claimed or not (answer.is_answered or may_claim):
            self._begin(conversation_id, claimed)
        return answer

    async def run(self) -> None:
        """Renews this process's leases and sweeps stalled messages; when cancelled it finishes what it has begun."""
        renewing = asyncio.create_task(repeat(self._renew, seconds=self._inbox.renew_seconds))
        try:
            await repeat(self._sweep, seconds=self._poll_seconds, wake=self._wake)
        finally:
            self._is_ending = True
            await self.finish()
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def finish(self) -> None:
        """Waits for running turns to end."""
        await self._tasks.finish()

    async def _renew(self) -> None:
        if self._claimed:
            await self._inbox.renew(self._owner, self._claimed)

    async def _sweep(self) -> None:
        for conversation_id in await self._inbox.list_stalled():
            self._begin(conversation_id)

    def _begin(self, conversation_id: str, claimed: ClaimedMessage | None = None) -> None:
        if claimed is None and (self._is_ending or self._is_full or self._is_taken(conversation_id)):
            self._has_more = True  # a later sweep begins it: never take on more than can be done soon
            return
        self._busy.add(conversation_id)
        self._tasks.start(self._work(conversation_id, claimed))

    async def _work(self, conversation_id: str, claimed: ClaimedMessage | None) -> None:
        """Answers the conversation's messages until there are none left."""
        if claimed is None:
            await self._turns.acquire()
        try:
            self._claimed.add(conversation_id)
            claimed = claimed or await self._inbox.claim(conversation_id, self._owner)
            while claimed:
                began_at = time.monotonic()
                await self._give_way(began_at)
                claimed = await self._answer(claimed)
                self._turn_seconds += (time.monotonic() - began_at - self._turn_seconds) / 8
        except Exception:
            log.exception("a message of conversation %s failed", conversation_id)
            self._claimed.discard(conversation_id)
            if claimed:
                pause = min(PAUSE_SECONDS_MAX, self._retry_seconds * 2 ** (claimed.attempt - 1))
                await self._inbox.give_back(claimed, self._owner, pause_seconds=pause)
        finally:
            self._claimed.discard(conversation_id)
            self._busy.discard(conversation_id)
            self._release_turn()

    def _is_taken(self, conversation_id: str) -> bool:
        return conversation_id in self._busy or conversation_id in self._claiming

    def _release_turn(self) -> None:
        self._turns.release()
        if self._has_more and len(self._busy) < self._turns_at_once:
            self._has_more = False
            self._wake.set()

    async def _give_way(self, began_at: float) -> None:
        """Lets recordings go first, which platforms wait for, and requests when the event loop lags."""
        while True:
            held, is_late = time.monotonic() - began_at, await measure_lag() > self._lag_seconds_max
            is_crowded = self._recordings.locked() and held < self._give_way_seconds
            if not (is_crowded or (is_late and self._answering)):
                return
            self._turn_seconds = max(self._turn_seconds, held)  # requests in hand need not wait for the turn to end
            await asyncio.sleep(GIVE_WAY_POLL_SECONDS)

    async def _answer(self, claimed: ClaimedMessage) -> ClaimedMessage | None:
        """Answers a message; returns the next one."""
        set_request_id(claimed.conversation_id, claimed.message.id)
        if claimed.attempt > ATTEMPTS_MAX + 1:  # handing it over failed too
            log.warning("given up after %d attempts: staff see it among the undelivered", claimed.attempt - 1)
            await self._inbox.close_unanswered(claimed, self._owner)
            return None
        respond = self._responder.respond if claimed.attempt <= ATTEMPTS_MAX else self._responder.hand_over_failed
        self._answering += 1
        try:
            outcome = await self._limits.check_outcome(claimed, await respond(claimed))
            outcome = offer_no_human(outcome) if claimed.holder == "queue" else outcome
        finally:
            self._answering -= 1
        log.info("replies: %d, handoff: %s", len(outcome.replies), outcome.handoff.reason if outcome.handoff else "no")
        key = claimed.conversation_id, claimed.message.message_id or ""
        answer, following = await self._inbox.record_outcome(
            claimed, outcome, owner=self._owner, is_awaited=self._pending.is_awaited(key)
        )
        if answer and not self._pending.resolve(key, answer) and answer.passive_reply_id:
            self._deliverer.confirm(answer.passive_reply_id, parts_sent=0, is_complete=False)
        return following
