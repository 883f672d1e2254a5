"""Work beside requests: it goes on after a failure, is woken, and is finished before the process ends."""

import asyncio
import logging
from typing import Literal

import pytest

from kit.background import Tasks, guard, repeat
from tests.waiting import WAIT_SECONDS


class Work:
    """Counts how often it is done; fails when told to."""

    def __init__(self, *failures: Exception | None) -> None:
        self.failures = list(failures)
        self.done = 0
        self.signal = asyncio.Event()

    async def __call__(self) -> None:
        self.done += 1
        self.signal.set()
        if self.failures and (failure := self.failures.pop(0)):
            raise failure

    async def wait(self) -> None:
        """Until it is done once more; fails when it is not."""
        await asyncio.wait_for(self.signal.wait(), WAIT_SECONDS)
        self.signal.clear()


async def stop(running: asyncio.Task[None]) -> None:
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


class TestRepeat:
    async def test_work_is_done_again_and_again_until_cancelled(self) -> None:
        work = Work()
        running = asyncio.create_task(repeat(work, seconds=0.01))
        for _ in range(3):
            await work.wait()
        await stop(running)
        done = work.done
        await asyncio.sleep(0.05)
        assert work.done == done

    async def test_it_is_done_at_once_when_woken(self) -> None:
        work, wake = Work(), asyncio.Event()
        running = asyncio.create_task(repeat(work, seconds=60, wake=wake))
        for n in range(1, 4):
            await work.wait()
            assert work.done == n
            await asyncio.sleep(0)
            wake.set()
        await stop(running)

    async def test_to_be_woken_while_it_works_is_not_missed(self) -> None:
        wake, done = asyncio.Event(), 0

        async def work() -> None:
            nonlocal done
            done += 1
            if done < 5:
                wake.set()

        running = asyncio.create_task(repeat(work, seconds=60, wake=wake))
        await asyncio.sleep(0.05)
        await stop(running)
        assert done == 5

    async def test_a_failure_is_logged_and_it_goes_on(self, caplog: pytest.LogCaptureFixture) -> None:
        work = Work(ValueError("first"), None, OSError("third"))
        with caplog.at_level(logging.ERROR):
            running = asyncio.create_task(repeat(work, seconds=0.01))
            for _ in range(4):
                await work.wait()
            await stop(running)
        assert caplog.text.count("background work failed") == 2

    async def test_after_a_failure_it_waits_even_when_woken(self) -> None:
        wake, done = asyncio.Event(), 0

        async def fail() -> None:
            nonlocal done
            done += 1
            wake.set()
            raise ValueError("always")

        running = asyncio.create_task(repeat(fail, seconds=60, wake=wake))
        await asyncio.sleep(0.05)
        await stop(running)
        assert done == 1

    async def test_after_a_failure_it_waits_once(self) -> None:
        seen: list[str] = []

        class Wake(asyncio.Event):
            async def wait(self) -> Literal[True]:
                seen.append("waits")
                return await super().wait()

        async def work() -> None:
            seen.append("works")
            if len(seen) == 1:
                raise ValueError("first")

        running = asyncio.create_task(repeat(work, seconds=0.01, wake=Wake()))
        async with asyncio.timeout(WAIT_SECONDS):
            while seen.count("works") < 2:  # noqa: ASYNC110 (nobody tells)
                await asyncio.sleep(0.01)
        await stop(running)
        assert seen[:3] == ["works", "works", "waits"]


class TestTasks:
    async def test_what_was_begun_is_finished(self) -> None:
        tasks, done = Tasks(), []

        async def work(n: int) -> None:
            await asyncio.sleep(0.01)
            done.append(n)

        for n in range(3):
            tasks.start(work(n))
        assert len(tasks) == 3
        await tasks.finish()
        assert (sorted(done), len(tasks)) == ([0, 1, 2], 0)

    async def test_with_nothing_begun_nothing_is_waited_for(self) -> None:
        await Tasks().finish()

    async def test_a_failure_is_logged_and_harms_nobody(self, caplog: pytest.LogCaptureFixture) -> None:
        tasks, done = Tasks(), []

        async def fail() -> None:
            raise ValueError("broken")

        async def work() -> None:
            done.append(1)

        with caplog.at_level(logging.ERROR):
            tasks.start(fail())
            tasks.start(work())
            await tasks.finish()
        assert (done, len(tasks)) == ([1], 0)
        assert "a background task failed" in caplog.text

    async def test_what_takes_too_long_is_cancelled(self, caplog: pytest.LogCaptureFixture) -> None:
        tasks, ended = Tasks(finish_seconds=0.02), []

        async def hang() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("hanging")

        async def cling() -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                ended.append("clinging")
                raise ValueError("at the end") from None

        tasks.start(hang())
        tasks.start(cling())
        with caplog.at_level(logging.ERROR):
            await tasks.finish()
        assert (sorted(ended), len(tasks)) == (["clinging", "hanging"], 0)

    async def test_what_begins_while_the_rest_is_finished_is_finished_too(self) -> None:
        tasks, done = Tasks(), []

        async def second() -> None:
            await asyncio.sleep(0.02)
            done.append("second")

        async def first() -> None:
            await asyncio.sleep(0.01)
            tasks.start(second())
            done.append("first")

        tasks.start(first())
        await tasks.finish()
        assert done == ["first", "second"]


def test_one_piece_that_fails_does_not_hold_up_the_others(caplog: pytest.LogCaptureFixture) -> None:
    done = []
    for piece in (1, 0, 2):
        with guard(logging.getLogger("round"), "piece %d failed", piece):
            done.append(2 / piece)
    assert done == [2, 1]
    assert [record.getMessage() for record in caplog.records] == ["piece 0 failed"]
