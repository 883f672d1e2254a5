"""The bot is asked, now and then, to forget dialogues whose time is up; while it is away the gateway goes on."""

import asyncio
from datetime import datetime, timedelta

import pytest

from connectors import dialogue_expiry
from connectors.dialogue_expiry import expire_dialogues
from kit.errors import ServiceUnavailable
from privacy.retention import load_retention
from tests.fakes import FixedClock, ScriptedBot


class NotingBot(ScriptedBot):
    """Is away for so many tries, and says when it has forgotten."""

    def __init__(self, away: int = 0) -> None:
        super().__init__()
        self.away = away
        self.has_forgotten = asyncio.Event()

    async def forget_before(self, moment: datetime) -> None:
        self.away -= 1
        if self.away >= 0:
            raise ServiceUnavailable("scripted")
        await super().forget_before(moment)
        self.has_forgotten.set()


async def run_until_forgotten(bot: NotingBot, clock: FixedClock) -> None:
    running = asyncio.create_task(expire_dialogues(bot, clock))
    await bot.has_forgotten.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_is_older_than_the_table_says_is_forgotten(clock: FixedClock) -> None:
    bot = NotingBot()
    await run_until_forgotten(bot, clock)
    assert bot.forgotten == [clock.now - timedelta(hours=24)]


def test_no_open_form_is_lost_that_rasa_would_still_know() -> None:
    assert load_retention().find_time("dialogue") > timedelta(minutes=720)  # domain.yml: session_expiration_time


async def test_a_bot_that_is_away_is_asked_again(clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogue_expiry, "EVERY_SECONDS", 0.001)

    bot = NotingBot(away=2)
    await run_until_forgotten(bot, clock)
    assert len(bot.forgotten) == 1
