"""Recording comes before turns, and no more turns are begun than can be borne."""

import asyncio
from functools import partial

import pytest

from connectors.message_worker import QUEUE_SECONDS_MAX, RECORDINGS_AT_ONCE
from conversations.service import Conversations
from kit.database import Database
from tests.connectors.message_worker.world import (
    MakeWorker,
    SlowInbox,
    has_paused,
    is_equal,
    make_message,
    read_replies,
    running,
    take,
)
from tests.fakes import FixedClock, SlowBot
from tests.waiting import WAIT_SECONDS, wait_for

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


class TestOverload:
    async def test_past_the_bound_nothing_more_is_begun_until_there_is_room_and_all_is_answered(
        self, make_worker: MakeWorker, conversations: Conversations, strangers: list[str]
    ) -> None:
        bot = SlowBot()
        worker = make_worker(bot, turns_at_once=1, waiting_max=2, poll_seconds=60)
        async with running(worker):
            for someone in strangers:
                await worker.accept(someone, make_message("你好"))
            assert (worker.is_overloaded, len(worker._tasks)) == (True, 3)
            bot.gate.set()
            for someone in strangers:
                await wait_for(partial(conversations.list_messages, someone, after_id=len(strangers)))
            await wait_for(has_paused(worker))
        assert (len(bot.asked), bot.at_once_max) == (6, 1)

    async def test_while_the_loop_is_late_one_message_is_answered_at_a_time(
        self, make_worker: MakeWorker, strangers: list[str]
    ) -> None:
        bot = SlowBot()
        bot.gate.set()
        worker = make_worker(bot, lag_seconds_max=-1)
        answers = await asyncio.gather(*(take(worker, someone, "你好") for someone in strangers))
        assert [read_replies(answer) for answer in answers] == [["答你好"]] * 6
        assert bot.at_once_max == 1

    async def test_while_recordings_queue_no_turn_is_begun_for_a_while_and_who_waits_for_one_learns_it(
        self, make_worker: MakeWorker, conversation: str
    ) -> None:
        bot = SlowBot()
        bot.gate.set()
        worker = make_worker(bot, turns_at_once=1, give_way_seconds=3600)
        worker._turn_seconds = QUEUE_SECONDS_MAX  # a little longer is too long
        recorded = await worker.accept(conversation, make_message("你好"))
        for _ in range(RECORDINGS_AT_ONCE):
            await worker._recordings.acquire()
        await wait_for(is_equal(lambda: worker.is_overloaded, True))
        assert (recorded.is_answered, bot.asked) == (False, [])
        worker._give_way_seconds = 0
        await wait_for(is_equal(lambda: len(bot.asked), 1))

    async def test_who_would_wait_long_is_not_kept_waiting(
        self, make_worker: MakeWorker, conversation: str, strangers: list[str]
    ) -> None:
        bot = SlowBot()
        bot.gate.set()
        worker = make_worker(bot, turns_at_once=1)
        await take(worker, conversation, "你好")
        before = worker.is_overloaded
        worker._turn_seconds = 1.0
        bot.gate.clear()
        for someone in strangers[:3]:
            await worker.accept(someone, make_message("你好"))
        assert (before, worker.is_overloaded) == (False, True)
        bot.gate.set()

    async def test_in_a_storm_of_repeats_only_those_in_hand_wait_though_no_turn_ends(
        self, make_worker: MakeWorker, database: Database, clock: FixedClock, strangers: list[str]
    ) -> None:
        bot, inbox = SlowBot(), SlowInbox(database, clock)
        inbox.gate = asyncio.Event()
        worker = make_worker(bot, inbox=inbox, turns_at_once=1, waiting_max=1)
        calls = [
            asyncio.create_task(worker.take(someone, make_message("你好"), seconds=3600, may_queue=False))
            for someone in strangers
            for _ in range(3)
        ]

        async def are_stalled() -> bool:  # recorded, and not yet begun
            return len(await inbox.list_stalled()) == len(strangers) - 1

        await asyncio.sleep(0)
        assert len(worker._pending._messages) == len(strangers)
        assert not worker.is_overloaded  # all of them came before that could be known
        inbox.gate.set()
        await wait_for(is_equal(lambda: sum(call.done() for call in calls) >= 3 * (len(strangers) - 2), True))
        assert not any(call.result().is_answered for call in calls if call.done())
        await wait_for(are_stalled)
        bot.gate.set()
        async with running(worker):
            await asyncio.wait_for(asyncio.gather(*calls), WAIT_SECONDS)

    async def test_recording_does_not_wait_for_turns(
        self, make_worker: MakeWorker, conversations: Conversations, strangers: list[str]
    ) -> None:
        bot = SlowBot()
        worker = make_worker(bot, turns_at_once=1)
        done = await asyncio.wait_for(
            asyncio.gather(*(take(worker, someone, "你好", seconds=0) for someone in strangers)), WAIT_SECONDS
        )
        assert [answer.is_answered for answer in done] == [False] * 6
        bot.gate.set()
