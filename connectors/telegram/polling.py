"""Fetches updates by long polling, for a bank without a public address; each is acknowledged once recorded."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from telegram.error import Conflict, TelegramError

from connectors.telegram.bot import ALLOWED_UPDATES, CALL_SECONDS, Bot
from connectors.telegram.parse import ParseError, Update, parse_update
from kit.background import complete

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.1  # after each request, in case the server answers at once

Take = Callable[[Update], Awaitable[None]]


class Poller:
    """Asks for updates until it is cancelled. Only one process may do so for a bot."""

    def __init__(
        self,
        bot: Bot,
        take: Take,
        *,
        wait_seconds: int = 25,
        call_seconds: float = CALL_SECONDS,
        backoff_seconds_max: float = 30.0,
    ) -> None:
        """Telegram keeps a request open for `wait_seconds` when there are no updates.

        After each failure in a row the pause doubles, up to `backoff_seconds_max`.
        """
        self._bot = bot
        self._take = take
        self._wait_seconds = wait_seconds
        self._call_seconds = call_seconds
        self._backoff_seconds_max = backoff_seconds_max
        self._offset = 0
        self._failures = 0
        self._is_webhook_gone = False

    async def run(self) -> None:
        """Takes updates in order. `take` records one; if it raises, the same update is fetched again."""
        while True:
            pause = PAUSE_SECONDS
            try:
                await self._fetch_and_take()
                self._failures = 0
            except Conflict:
                self._is_webhook_gone = False
                pause = self._count_failure()
                log.error(
                    "another process fetches this bot's updates, or a webhook is set; trying again in %g s", pause
                )
            except (TelegramError, TimeoutError) as error:
                pause = self._count_failure()
                log.warning(
                    "no updates from Telegram (%s: %s); trying again in %g s", type(error).__name__, error, pause
                )
            except Exception:
                pause = self._count_failure()
                log.exception("updates of Telegram could not be recorded; trying again in %g s", pause)
            await asyncio.sleep(pause)

    async def _fetch_and_take(self) -> None:
        if not self._is_webhook_gone:
            async with asyncio.timeout(self._call_seconds):
                await self._bot.delete_webhook()
            self._is_webhook_gone = True
        for content in await self._fetch():
            update_id = int(content["update_id"])
            try:
                await complete(self._take(parse_update(content)))
            except ParseError as error:
                # Fetching it again would not help, and would hold up all others.
                log.error("skipped update %d of Telegram: %s", update_id, error)
            self._offset = update_id + 1

    async def _fetch(self) -> list[dict[str, Any]]:
        # Not `bot.get_updates`: an update that python-telegram-bot cannot read would hold up all others for good.
        query = {"offset": self._offset, "timeout": self._wait_seconds, "allowed_updates": json.dumps(ALLOWED_UPDATES)}
        seconds = self._wait_seconds + self._call_seconds
        async with asyncio.timeout(seconds):
            answer: Any = await self._bot.request.post(
                f"{self._bot.base_url}/getUpdates?{urlencode(query)}", read_timeout=seconds
            )
        return list(answer)

    def _count_failure(self) -> float:
        self._failures += 1
        return min(2.0 ** min(self._failures - 1, 10), self._backoff_seconds_max)  # after a night, too
