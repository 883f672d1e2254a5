"""What the tests of the message worker share: how a message is brought to one, and how its answer is read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from connectors.message_worker import MessageWorker
from conversations.inbox import Inbox
from conversations.outbox import Confirmation, Outbox
from conversations.schemas import (
    Answer,
    ClaimedMessage,
    ConsentGiven,
    HandoffRequest,
    InboundMessage,
    Reply,
    TurnOutcome,
)
from conversations.service import Conversations
from tests.waiting import WAIT_SECONDS

MakeWorker = Callable[..., MessageWorker]
LEASE_SECONDS = 4.0
WAIT = "请稍等，同事看到马上接。"
HANDED_OVER = TurnOutcome(
    replies=[Reply(text="已为您转人工客服")],
    handoff=HandoffRequest(reason="customer_request", slots={"amount": 50_000}),
    consents=[ConsentGiven(purpose="quota")],
)


class SlowInbox(Inbox):
    """Takes its time with recording, when told to."""

    gate: asyncio.Event | None = None

    async def record(self, *given: Any, **named: Any) -> tuple[Answer, ClaimedMessage | None]:
        if self.gate:
            await self.gate.wait()
        return await super().record(*given, **named)


class RecordingDeliverer:
    """Remembers what became of passive replies."""

    def __init__(self) -> None:
        self.confirmed: list[Confirmation] = []

    def confirm(self, delivery_id: int, parts_sent: int, *, is_complete: bool) -> None:
        self.confirmed.append(Confirmation(delivery_id, parts_sent, is_complete))


@asynccontextmanager
async def running(worker: MessageWorker) -> AsyncIterator[None]:
    """The process renews its leases and looks for stalled messages."""
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def make_message(text: str, **more: Any) -> InboundMessage:
    return InboundMessage(**{"message_id": f"id-of-{text}", "text": text, **more})


async def take(
    worker: MessageWorker, conversation: str, text: str, *, seconds: float = WAIT_SECONDS, **more: Any
) -> Answer:
    return await worker.take(conversation, make_message(text, **more), seconds=seconds)


def read_replies(turn: Answer) -> list[str]:
    return [reply.text for reply in turn.replies]


async def read_all(conversations: Conversations, conversation: str) -> list[tuple[str, str]]:
    return [(m.author, m.text) for m in await conversations.list_messages(conversation)]


async def read_due(outbox: Outbox) -> list[list[str]]:
    """The texts that the outbox sends now."""
    return [[m.text for m in due.messages] for due in await outbox.claim(["telegram"], 10)]


def is_equal(read: Callable[[], int], expected: int) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return read() == expected

    return check


def has_paused(worker: MessageWorker) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return not worker._busy

    return check
