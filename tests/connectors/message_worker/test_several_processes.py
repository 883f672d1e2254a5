"""Several gateways share the conversations: each message is answered once, in order, whoever has it."""

import asyncio
from functools import partial

import pytest

from conversations.inbox import Inbox
from conversations.schemas import (
    Reply,
    TurnOutcome,
)
from conversations.service import Conversations
from tests.connectors.message_worker.world import (
    LEASE_SECONDS,
    MakeWorker,
    make_message,
    read_all,
    read_replies,
    running,
    take,
)
from tests.fakes import FixedClock, ScriptedBot, SlowBot
from tests.waiting import WAIT_SECONDS, wait_for

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


class TestSeveralProcesses:
    async def test_what_another_process_recorded_and_left_is_answered(
        self, make_worker: MakeWorker, conversations: Conversations, conversation: str, clock: FixedClock
    ) -> None:
        ended = Inbox(make_worker(ScriptedBot())._inbox._database, clock)
        await ended.record(conversation, make_message("一"), owner="ended")
        await ended.record(conversation, make_message("二"))
        bot = ScriptedBot()
        async with running(make_worker(bot)):
            await asyncio.sleep(0.1)
            assert bot.asked == []  # it may still be at work
            clock.move(seconds=LEASE_SECONDS + 1)

            async def is_answered() -> bool:
                return len(await read_all(conversations, conversation)) == 4

            await wait_for(is_answered)
        assert await read_all(conversations, conversation) == [
            *(("customer", "一"), ("customer", "二")),
            *(("bot", "听到：一"), ("bot", "听到：二")),
        ]
        assert bot.repeated == ["一"]

    async def test_two_processes_answer_each_message_once_and_in_order(
        self, make_worker: MakeWorker, conversations: Conversations, conversation: str
    ) -> None:
        bots = [SlowBot(), SlowBot()]
        for bot in bots:
            bot.gate.set()
        processes = [make_worker(bot) for bot in bots]
        async with running(processes[0]), running(processes[1]):
            # Each message comes to both: a platform that repeats it does not care who listens.
            done = await asyncio.gather(*(take(p, conversation, f"{n}") for n in range(8) for p in processes))
        assert [read_replies(turn) for turn in done] == [[f"答{turn.message.text}"] for turn in done]
        said = await read_all(conversations, conversation)
        order = [text for author, text in said if author == "customer"]
        assert sorted(order) == [f"{n}" for n in range(8)]
        assert [text for author, text in said if author == "bot"] == [f"答{text}" for text in order]
        assert sorted(bots[0].asked + bots[1].asked) == sorted(order)

    async def test_a_request_in_one_process_gets_what_the_other_answers(
        self, make_worker: MakeWorker, conversation: str
    ) -> None:
        bot, unasked = SlowBot(), ScriptedBot()
        first, second = make_worker(bot), make_worker(unasked)
        taking = [asyncio.create_task(take(first, conversation, "你好"))]
        await bot.wait_until_asked()
        taking.append(asyncio.create_task(take(second, conversation, "你好")))
        await asyncio.sleep(0.1)
        bot.gate.set()
        done = await asyncio.gather(*taking)
        assert [read_replies(turn) for turn in done] == [["答你好"]] * 2
        assert unasked.asked == []

    async def test_a_request_without_a_free_turn_gets_what_another_process_answers_meanwhile(
        self, make_worker: MakeWorker, conversation: str, strangers: list[str]
    ) -> None:
        full, free = SlowBot(), SlowBot()
        free.gate.set()
        first, second = make_worker(full, turns_at_once=1), make_worker(free)
        busy = asyncio.create_task(take(first, strangers[0], "别人"))
        await full.wait_until_asked()
        waiting = asyncio.create_task(take(first, conversation, "你好", seconds=3600))
        async with running(second), asyncio.timeout(WAIT_SECONDS):  # long before the request ends
            answered = await waiting
        full.gate.set()
        await busy
        assert read_replies(answered) == ["答你好"]
        assert full.asked == ["别人"]

    async def test_what_waits_for_a_place_is_nobodys_until_its_turn_comes(
        self, make_worker: MakeWorker, conversations: Conversations, strangers: list[str], clock: FixedClock
    ) -> None:
        # A burst at one process: all see a free place, one gets it. What waited long may be answered by others, and
        # must then not be given to the bot once more.
        slow, quick = SlowBot(), SlowBot()
        quick.gate.set()
        first, second = make_worker(slow, turns_at_once=1), make_worker(quick)
        taking = [asyncio.create_task(take(first, someone, f"{n}")) for n, someone in enumerate(strangers)]
        begun = await slow.wait_until_asked()
        for someone in strangers:
            await wait_for(partial(conversations.list_messages, someone))
        clock.move(seconds=LEASE_SECONDS + 1)
        async with running(second):
            for _ in strangers:
                await quick.wait_until_asked()
        slow.gate.set()
        await asyncio.gather(*taking)
        assert slow.asked == [begun]

    async def test_a_process_that_was_too_slow_gives_what_the_other_answered(
        self, make_worker: MakeWorker, conversations: Conversations, conversation: str, clock: FixedClock
    ) -> None:
        slow, quick = SlowBot(), ScriptedBot(TurnOutcome(replies=[Reply(text="由另一个进程回答")]))
        first, second = make_worker(slow), make_worker(quick)
        taking = asyncio.create_task(take(first, conversation, "你好"))
        await slow.wait_until_asked()
        clock.move(seconds=LEASE_SECONDS + 1)
        async with running(second):
            await wait_for(lambda: conversations.list_messages(conversation, after_id=1))
        slow.gate.set()
        assert read_replies(await taking) == ["由另一个进程回答"]
        assert len(await read_all(conversations, conversation)) == 2

    async def test_what_comes_after_a_process_was_told_to_end_is_recorded_for_the_others(
        self, make_worker: MakeWorker, conversations: Conversations, conversation: str, clock: FixedClock
    ) -> None:
        ended, other = ScriptedBot(), ScriptedBot()
        worker = make_worker(ended)
        async with running(worker):
            await asyncio.sleep(0.05)
        await worker.accept(conversation, make_message("一"))
        await worker.finish()
        assert ended.asked == []
        clock.move(seconds=LEASE_SECONDS + 1)
        async with running(make_worker(other)):

            async def is_answered() -> bool:
                return len(await read_all(conversations, conversation)) == 2

            await wait_for(is_answered)
        assert ended.asked == []
