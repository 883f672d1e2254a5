"""Open requests for one message: they share its recording, also when a platform gives up and repeats."""

import asyncio
from typing import Any, cast

from connectors.pending_replies import PendingReplies
from conversations.schemas import Answer, MessageView
from tests.fakes import FixedClock
from tests.waiting import WAIT_SECONDS

KEY = "conversation", "message-1"
ANSWER = Answer(
    message=MessageView(id=1, direction="inbound", author="customer", text="你好", at=FixedClock()()),
    holder="bot",
    is_answered=True,
)


class Recording:
    """Records when told to; counts how often it was begun."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.begun = 0

    async def record(self) -> Answer:
        self.begun += 1
        await self.gate.wait()
        return ANSWER


def bring(pending: PendingReplies, recording: Recording) -> asyncio.Task[Answer]:
    return asyncio.create_task(pending.wait(KEY, recording.record, (), 3, lambda: True))


async def test_a_message_that_is_repeated_while_its_recording_queues_is_recorded_once() -> None:
    pending, recording = PendingReplies(cast(Any, None)), Recording()
    for _ in range(5):
        request = bring(pending, recording)
        await asyncio.sleep(0)  # it has begun
        assert pending.is_awaited(KEY)
        request.cancel()  # the platform gave it up
        await asyncio.gather(request, return_exceptions=True)
        assert not pending.is_awaited(KEY)
    last = bring(pending, recording)
    await asyncio.sleep(0)
    recording.gate.set()
    assert await last == ANSWER
    assert recording.begun == 1
    await bring(pending, recording)  # what was recorded is forgotten, and looked up again
    assert recording.begun == 2


async def test_a_recording_that_ends_after_its_requests_is_forgotten() -> None:
    pending, recording = PendingReplies(cast(Any, None)), Recording()
    request = bring(pending, recording)
    await asyncio.sleep(0)
    request.cancel()
    await asyncio.gather(request, return_exceptions=True)
    recording.gate.set()
    async with asyncio.timeout(WAIT_SECONDS):
        while pending._messages:  # noqa: ASYNC110 (a task of its own brings it about)
            await asyncio.sleep(0)
