"""Sends what waits in the outbox: each conversation's in order, again after a failure, never after its time."""

import asyncio
import logging
import random
from collections.abc import Mapping

from connectors.sender import NotSent, Sender
from conversations.outbox import Outbox
from conversations.schemas import DueDelivery
from kit.background import Tasks, repeat
from kit.logging import set_request_id

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # how often the outbox is asked for what other processes or clocks made due
SEND_SECONDS = 15.0
SENDING_AT_ONCE = 16
PAUSE_SECONDS_MAX = 120.0
UNSURE_ATTEMPTS_MAX = 2  # a customer may see the same twice, but not over and over


class Deliverer:
    """Sends deliveries as long as `run` runs."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._senders: Mapping[str, Sender] = {}
        self._wake = asyncio.Event()
        self._confirmed: list[tuple[int, int, bool]] = []
        self._released: list[int] = []
        self._tasks = Tasks()

    async def run(self, senders: Mapping[str, Sender]) -> None:
        """Sends what is due on the channels named; ends when cancelled, after what it has begun."""
        self._senders = senders
        try:
            await repeat(self._send_due, seconds=LOOK_SECONDS, wake=self._wake)
        finally:
            await self._tasks.finish()
            await self._settle_offers()

    def wake(self) -> None:
        """Something is due."""
        self._wake.set()

    def confirm(self, delivery_id: int, parts_sent: int, *, is_complete: bool) -> None:
        """An answer at once reached the platform: so many parts need not be sent any more, or none at all."""
        self._confirmed.append((delivery_id, parts_sent, is_complete))
        self.wake()

    def release(self, delivery_id: int) -> None:
        """An answer at once was not given after all: it is to be sent now."""
        self._released.append(delivery_id)
        self.wake()

    async def _send_due(self) -> None:
        await self._settle_offers()
        free = SENDING_AT_ONCE - len(self._tasks)
        if free > 0:
            for delivery in await self._outbox.claim(self._senders.keys(), free):
                self._tasks.start(self._send(delivery))

    async def _settle_offers(self) -> None:
        while self._confirmed or self._released:
            confirmed, released = list(self._confirmed), list(self._released)
            await self._outbox.settle_offers(confirmed, released)
            del self._confirmed[: len(confirmed)], self._released[: len(released)]

    async def _send(self, delivery: DueDelivery) -> None:
        set_request_id(delivery.conversation_id, f"delivery-{delivery.id}")
        sender = self._senders[delivery.channel]
        try:
            parts = sender.prepare(delivery.messages)
            if delivery.parts_sent >= len(parts):
                await self._outbox.close(delivery)
            for number, part in enumerate(parts[delivery.parts_sent :], start=delivery.parts_sent + 1):
                async with asyncio.timeout(SEND_SECONDS):
                    await sender.send(delivery.channel_user_id, part)
                log.info("part %d of %d sent on %s", number, len(parts), delivery.channel)
                if not await self._outbox.record_part(delivery, number, is_complete=number == len(parts)):
                    break
        except NotSent as error:
            await self._give_up(delivery, error)
        except TimeoutError:
            await self._give_up(delivery, NotSent("retry", "平台没有确认，可能已送达", may_be_there=True))
        except Exception:
            log.exception("delivery %d broke", delivery.id)
            await self._give_up(delivery, NotSent("retry", "系统故障"))
        self.wake()

    async def _give_up(self, delivery: DueDelivery, error: NotSent) -> None:
        log.warning("delivery %d on %s, try %d: %s", delivery.id, delivery.channel, delivery.attempts, error)
        if error.fate == "hold":
            await self._outbox.hold(delivery, error.reason)
        elif error.fate == "fail" or (error.may_be_there and delivery.attempts >= UNSURE_ATTEMPTS_MAX):
            await self._outbox.fail(delivery, error.reason)
        else:
            pause = min(PAUSE_SECONDS_MAX, 2.0**delivery.attempts) * random.uniform(0.5, 1.0)  # noqa: S311 (spread only)
            await self._outbox.postpone(delivery, max(pause, error.retry_after), error.reason)
