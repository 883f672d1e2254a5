"""A gateway that fetches its updates: none lost, none taken twice, whatever happens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from connectors.gateway import create_app
from connectors.settings import GatewaySettings
from connectors.telegram.bot import create_bot
from connectors.telegram.channel import Telegram
from connectors.telegram.parse import Update
from connectors.telegram.polling import Poller
from conversations.inbox import Inbox
from tests.connectors.telegram.conftest import MakeSettings
from tests.fakes import ScriptedBot, ScriptedEvidence
from tests.platforms.telegram import FakeTelegram
from tests.platforms.telegram_faults import Fault, floods, hangs, refuses, says, shows_error_page
from tests.waiting import wait_until

WANG = 5566778899

FAULTS: dict[str, Fault] = {
    "fault": refuses(500, "Internal Server Error"),
    "flood": floods(30),
    "garbage": says(200, "<h1>log in</h1>"),
    "proxy": shows_error_page,
    "no updates": says(200, '{"ok":true,"result":[{"message":{}}]}'),
    "no list": says(200, '{"ok":true,"result":true}'),
    "conflict": refuses(409, "Conflict: terminated by other getUpdates request"),
    "wrong token": refuses(401, "Unauthorized"),
    "silence": hangs,
}


@pytest.fixture
def settings(make_settings: MakeSettings, database_url: str) -> GatewaySettings:
    return make_settings(database_url=database_url, telegram={"mode": "polling", "webhook_secret": ""})


@asynccontextmanager
async def running(settings: GatewaySettings, bot: ScriptedBot) -> AsyncIterator[FastAPI]:
    app = create_app(
        settings, bot=bot, evidence=ScriptedEvidence(), channels=[Telegram(settings.telegram, backoff_seconds_max=0.05)]
    )
    async with app.router.lifespan_context(app):
        yield app


def texts(platform: FakeTelegram) -> list[str]:
    return [shown.text for shown in platform.chats[WANG]]


async def test_updates_are_answered_and_then_acknowledged(
    platform: FakeTelegram, settings: GatewaySettings, bot: ScriptedBot
) -> None:
    platform.write(WANG, "能贷多少")
    async with running(settings, bot):
        await wait_until(lambda: not platform.pending and len(texts(platform)) == 1)
        platform.write(WANG, "利率呢")
        await wait_until(lambda: not platform.pending and len(texts(platform)) == 2)
    assert texts(platform) == ["听到：能贷多少", "听到：利率呢"]


async def test_a_restart_loses_nothing_and_takes_nothing_twice(
    platform: FakeTelegram, settings: GatewaySettings, bot: ScriptedBot
) -> None:
    said = [f"第{number}句" for number in range(6)]
    for first in (0, 2, 4):
        platform.write(WANG, said[first])
        async with running(settings, bot):
            await wait_until(lambda: texts(platform)[-1:] == [f"听到：{said[first]}"])  # noqa: B023 (waited for here)
        platform.write(WANG, said[first + 1])  # while nobody fetches
    async with running(settings, bot):
        await wait_until(lambda: not platform.pending and len(texts(platform)) >= len(said))
    assert texts(platform) == [f"听到：{text}" for text in said]


async def test_an_update_that_was_not_acknowledged_before_the_end_acts_once(
    platform: FakeTelegram, settings: GatewaySettings, bot: ScriptedBot
) -> None:
    update = platform.write(WANG, "能贷多少")
    async with running(settings, bot):
        await wait_until(lambda: not platform.pending and texts(platform))
    platform.pending.append(update)
    async with running(settings, bot):
        await wait_until(lambda: not platform.pending)
        platform.write(WANG, "利率呢")
        await wait_until(lambda: len(texts(platform)) == 2)
    assert texts(platform) == ["听到：能贷多少", "听到：利率呢"]


async def test_what_was_not_recorded_is_fetched_again(
    platform: FakeTelegram, settings: GatewaySettings, bot: ScriptedBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, failures = Inbox.record, [OSError("disk full"), OSError("disk full")]

    async def fail_twice(self: Inbox, *args: Any, **kwargs: Any) -> Any:
        if failures:
            assert len(platform.pending) == 2
            raise failures.pop()
        return await record(self, *args, **kwargs)

    monkeypatch.setattr(Inbox, "record", fail_twice)
    platform.write(WANG, "能贷多少")
    platform.write(WANG, "利率呢")
    async with running(settings, bot):
        await wait_until(lambda: not platform.pending and len(texts(platform)) == 2)
    assert texts(platform) == ["听到：能贷多少", "听到：利率呢"]


async def test_an_update_that_cannot_be_read_holds_up_nobody(
    platform: FakeTelegram, settings: GatewaySettings, bot: ScriptedBot
) -> None:
    platform.say(WANG, text=5)
    platform.write(WANG, "能贷多少")
    async with running(settings, bot):
        await wait_until(lambda: not platform.pending and texts(platform))
    assert texts(platform) == ["听到：能贷多少"]


async def test_a_webhook_is_deleted_first_and_whenever_one_appears(
    platform: FakeTelegram, settings: GatewaySettings, bot: ScriptedBot
) -> None:
    platform.webhook = {"url": "https://bank.example/telegram"}
    platform.write(WANG, "能贷多少")
    async with running(settings, bot):
        await wait_until(lambda: texts(platform) and not platform.pending)
        platform.webhook = {"url": "https://bank.example/telegram"}
        platform.write(WANG, "利率呢")
        await wait_until(lambda: len(texts(platform)) == 2)
    assert platform.webhook == {}


@pytest.mark.parametrize("name", FAULTS)
async def test_after_a_fault_updates_are_fetched_again(
    name: str, platform: FakeTelegram, make_settings: MakeSettings
) -> None:
    taken: list[Update] = []

    async def take(update: Update) -> None:
        taken.append(update)

    bot = create_bot(make_settings().telegram)
    platform.fail("deleteWebhook", FAULTS[name])
    platform.fail("getUpdates", FAULTS[name])
    update = platform.write(WANG, "能贷多少")
    poller = Poller(bot, take, wait_seconds=0, call_seconds=0.3, backoff_seconds_max=0.05)
    task = asyncio.create_task(poller.run())
    await wait_until(lambda: not platform.pending)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await bot.request.shutdown()
    assert [u.update_id for u in taken] == [update["update_id"]]


async def test_there_is_no_webhook_to_call(settings: GatewaySettings, bot: ScriptedBot, platform: FakeTelegram) -> None:
    async with running(settings, bot) as app:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as gateway:
            assert await platform.deliver(gateway, platform.write(WANG, "您好"), tries=1) == [404]
