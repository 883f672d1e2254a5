"""Has the bot forget dialogues whose time is up (privacy/retention.yml); what was said in them stays in the record."""

import logging

from connectors.bot_client import Bot
from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.errors import ServiceRefused, ServiceUnavailable
from privacy.retention import load_retention

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0


async def expire_dialogues(bot: Bot, clock: Clock = read_clock) -> None:
    """Every hour until cancelled. Every gateway may do so: what is gone is gone."""

    async def forget() -> None:
        try:
            await bot.forget_before(clock() - load_retention().find_time("dialogue"))
        except (ServiceUnavailable, ServiceRefused) as error:
            log.warning("dialogues were not expired, and are next time: %s", error)

    await repeat(forget, seconds=EVERY_SECONDS)
