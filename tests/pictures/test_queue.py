"""One reading at a time, few waiting, none for a caller who is gone."""

import asyncio
import threading

import pytest

from kit.errors import RequestError
from pictures.queue import ReadingQueue
from pictures.schemas import PictureReading
from tests.waiting import WAIT_SECONDS

READING = PictureReading(kind="unknown", quality="good", fields={})


class GatedReader:
    """Reads when its gate is opened; knows how many read at the same time."""

    def __init__(self) -> None:
        self.gate, self.begun = threading.Event(), threading.Event()
        self.loaded = 0
        self.read: list[bytes] = []
        self.now = self.most = 0

    def load(self) -> "GatedReader":
        self.loaded += 1
        return self

    def __call__(self, content: bytes) -> PictureReading:
        self.begun.set()
        self.now += 1
        self.most = max(self.most, self.now)
        assert self.gate.wait(WAIT_SECONDS)
        self.read.append(content)
        self.now -= 1
        if content == b"broken":
            raise RequestError(422, "not_a_picture", "")
        return READING


async def is_here() -> bool:
    return False


async def is_gone() -> bool:
    return True


async def test_pictures_are_read_one_at_a_time_in_their_order() -> None:
    reader = GatedReader()
    queue = ReadingQueue(reader.load)
    waiting = [asyncio.create_task(queue.read(bytes([each]), is_here)) for each in range(5)]
    await asyncio.sleep(0)
    reader.gate.set()
    assert await asyncio.gather(*waiting) == [READING] * 5
    assert (reader.most, reader.loaded) == (1, 1)
    assert reader.read == [bytes([each]) for each in range(5)]
    queue.close()


async def test_the_models_are_loaded_for_the_first_picture_only() -> None:
    reader = GatedReader()
    queue = ReadingQueue(reader.load)
    assert reader.loaded == 0
    reader.gate.set()
    await queue.read(b"1", is_here)
    await queue.read(b"2", is_here)
    assert reader.loaded == 1
    queue.close()


async def test_when_too_many_wait_the_next_is_told_when_to_come_back() -> None:
    reader = GatedReader()
    queue = ReadingQueue(reader.load, waiting_max=2)
    waiting = [asyncio.create_task(queue.read(b"", is_here)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(RequestError) as refusal:
        await queue.read(b"", is_here)
    assert (refusal.value.status, refusal.value.code, refusal.value.retry_after) == (503, "busy", 5)
    reader.gate.set()
    await asyncio.gather(*waiting)
    assert await queue.read(b"", is_here) == READING  # there is room again
    queue.close()


async def test_what_is_no_picture_takes_no_place_for_ever() -> None:
    reader = GatedReader()
    reader.gate.set()
    queue = ReadingQueue(reader.load, waiting_max=0)
    for _ in range(3):
        with pytest.raises(RequestError, match="422"):
            await queue.read(b"broken", is_here)
    assert await queue.read(b"", is_here) == READING
    queue.close()


async def test_nothing_is_read_for_who_went_away() -> None:
    reader = GatedReader()
    queue = ReadingQueue(reader.load)
    assert await queue.read(b"", is_gone) is None
    assert reader.read == []
    queue.close()


async def test_after_a_cancelled_request_the_next_waits_for_its_reading_to_end() -> None:
    reader = GatedReader()
    queue = ReadingQueue(reader.load)
    cancelled = asyncio.create_task(queue.read(b"1", is_here))
    assert await asyncio.to_thread(reader.begun.wait, 10)
    cancelled.cancel()
    following = asyncio.create_task(queue.read(b"2", is_here))
    await asyncio.sleep(0.01)
    reader.gate.set()
    assert await following == READING
    assert reader.most == 1
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    queue.close()
