"""Sends pending deliveries: in order for each conversation, with retries, until they expire."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from conversations.deliveries import DueDelivery
from conversations.outbox import PENDING, Confirmation, Outbox
from conversations.schemas import MessageView
from documents.schemas import Document
from kit.background import FINISH_SECONDS, Tasks, measure_lag, repeat
from kit.errors import RequestError
from kit.logging import set_request_id
from kit.outbox import SendError, compute_pause
from kit.pubsub import PubSub

log = logging.getLogger(__name__)

PAUSE_SECONDS_MAX = 120.0
UNSURE_ATTEMPTS_MAX = 2  # a customer may see the same message twice, but not over and over


class Sender(Protocol):
    """The sending side of a channel."""

    def prepare(self, messages: Sequence[MessageView]) -> Sequence[Any]:
        """The parts to send for one turn's replies, as few as the platform allows. Deterministic."""
        ...

    async def send(self, user_id: str, part: Any) -> None:
        """Sends one part within 10 s. Raises kit.outbox.SendError, and nothing else that is the platform's fault."""
        ...

    async def send_document(self, user_id: str, message: MessageView, document: Document) -> None:
        """As `send`, the picture or file of a message."""
        ...


@dataclass(frozen=True, slots=True)
class SentDocument:
    """A part that is a picture or a file of an agent's."""

    message: MessageView
    document_id: str


def prepare(sender: Sender, messages: Sequence[MessageView]) -> list[Any]:
    """All parts to send: agents' pictures and files, then what the sender makes of the rest."""
    sent = [SentDocument(message, message.document) for message in messages if message.document]
    rest = [message for message in messages if not message.document]
    return [*sent, *sender.prepare(rest)] if rest else sent


class Deliverer:
    """Sends one process's share of the deliveries while `run` runs."""

    def __init__(
        self,
        outbox: Outbox,
        pubsub: PubSub,
        read_document: Callable[[str], Awaitable[Document]],
        *,
        poll_seconds: float = 1.0,
        send_seconds: float = 15.0,
        sending_at_once: int = 16,
        lag_seconds_max: float = 0.05,
        finish_seconds: float = FINISH_SECONDS,
    ) -> None:
        """`read_document` raises RequestError once it is gone.

        Looks at the outbox on a signal, and every `poll_seconds` for deliveries that became due.

        While the event loop lags by more than `lag_seconds_max`, requests go first and one delivery is sent at a time.
        """
        self._outbox = outbox
        self._pubsub = pubsub
        self._read_document = read_document
        self._poll_seconds = poll_seconds
        self._send_seconds = send_seconds
        self._sending_at_once = sending_at_once
        self._lag_seconds_max = lag_seconds_max
        self._senders: Mapping[str, Sender] = {}
        self._wake = asyncio.Event()
        self._confirmed: list[Confirmation] = []
        self._sending: dict[int, DueDelivery] = {}
        self._tasks = Tasks(finish_seconds=finish_seconds)

    async def run(self, senders: Mapping[str, Sender]) -> None:
        """Sends what is due on these channels; when cancelled it finishes what it has begun."""
        self._senders = senders
        renewing = asyncio.create_task(repeat(self._renew, seconds=self._outbox.renew_seconds))
        listening = asyncio.create_task(self._listen())
        try:
            await repeat(self._send_due, seconds=self._poll_seconds, wake=self._wake)
        finally:
            listening.cancel()
            await self._tasks.finish()
            renewing.cancel()
            await asyncio.gather(listening, renewing, return_exceptions=True)
            await self._record_confirmed()

    def confirm(self, delivery_id: int, parts_sent: int, *, is_complete: bool) -> None:
        """Confirms that a passive reply went out with `parts_sent` parts (0: it was not used); the rest is sent now."""
        self._confirmed.append(Confirmation(delivery_id, parts_sent, is_complete))
        self._wake.set()

    async def _listen(self) -> None:
        with self._pubsub.subscribe(PENDING.subject) as subscription:
            while True:
                if await subscription.wait(60):
                    self._wake.set()

    async def _renew(self) -> None:
        if self._sending:
            await self._outbox.renew(self._sending.values())

    async def _send_due(self) -> None:
        await self._record_confirmed()
        at_once = self._sending_at_once if await measure_lag() <= self._lag_seconds_max else 1
        free = at_once - len(self._tasks)
        if free > 0:
            # A lease that could not be renewed ends while we still send: nobody here may begin the same again.
            for delivery in await self._outbox.claim(self._senders.keys(), free, self._sending):
                self._sending[delivery.id] = delivery
                self._tasks.start(self._send(delivery))

    async def _record_confirmed(self) -> None:
        while self._confirmed:
            confirmed = list(self._confirmed)
            await self._outbox.confirm(confirmed)
            del self._confirmed[: len(confirmed)]

    async def _send(self, delivery: DueDelivery) -> None:
        set_request_id(delivery.conversation_id, f"delivery-{delivery.id}")
        sender = self._senders[delivery.channel]
        is_unrecorded = False
        try:
            parts = prepare(sender, delivery.messages)
            if delivery.parts_sent >= len(parts):
                await self._outbox.close(delivery)
            for number, part in enumerate(parts[delivery.parts_sent :], start=delivery.parts_sent + 1):
                async with asyncio.timeout(self._send_seconds):
                    await self._send_part(sender, delivery.channel_user_id, part)
                is_unrecorded = True
                log.info("part %d of %d sent on %s", number, len(parts), delivery.channel)
                if not await self._outbox.record_part(delivery, number, is_complete=number == len(parts)):
                    break
                is_unrecorded = False
        except SendError as error:
            await self._record_failure(delivery, error)
        except TimeoutError:
            await self._record_failure(delivery, SendError("retry", "平台没有确认，可能已送达", maybe_delivered=True))
        except Exception:
            log.exception("delivery %d failed unexpectedly", delivery.id)
            reason = "系统故障，可能已送达" if is_unrecorded else "系统故障"
            await self._record_failure(delivery, SendError("retry", reason, maybe_delivered=is_unrecorded))
        finally:
            self._sending.pop(delivery.id, None)
            self._wake.set()

    async def _send_part(self, sender: Sender, user_id: str, part: Any) -> None:
        if not isinstance(part, SentDocument):
            return await sender.send(user_id, part)
        try:
            document = await self._read_document(part.document_id)
        except RequestError as error:
            raise SendError("permanent", error.reason) from None
        return await sender.send_document(user_id, part.message, document)

    async def _record_failure(self, delivery: DueDelivery, error: SendError) -> None:
        log.warning("delivery %d on %s, try %d: %s", delivery.id, delivery.channel, delivery.attempts, error)
        if error.kind == "defer":
            await self._outbox.defer(delivery, error.reason)
        elif error.kind == "permanent" or (error.maybe_delivered and delivery.attempts >= UNSURE_ATTEMPTS_MAX):
            await self._outbox.fail(delivery, error.reason)
        else:
            pause = compute_pause(delivery.attempts, first_seconds=2, factor=2, seconds_max=PAUSE_SECONDS_MAX)
            await self._outbox.postpone(delivery, max(pause, error.retry_after_seconds), error.reason)
