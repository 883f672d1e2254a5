"""`python -m dev.demo.fill` fills the empty database of the settings with the made-up weeks and the made-up day."""

import asyncio
import gc
from datetime import datetime, timedelta

from connectors.settings import GatewaySettings
from desk.settings import DeskSettings
from dev.demo import lending, talks, tools, village, weeks
from dev.demo.bank import Bank, Scene
from kit.clock import CHINA, read_clock
from kit.working_time import OfficeHours

MORNING_HOUR = 9


async def fill(settings: DeskSettings, gateway: GatewaySettings, now: datetime, *, days: int = weeks.DAYS) -> None:
    """Plays all up to now: so many `days` before in the bank's usual office hours, today in those of the settings.

    The database has all tables and nothing in it. Raises RefusedInProduction.
    """
    usual = DeskSettings.model_fields["office_hours"].default
    before = settings.model_copy(update={"office_hours": usual, "office_days": "working"})
    cases, told = lending.read_cases(), talks.read_talks()
    today = [talk for talk in told if talk.ago is not None]
    earlier = [talk for talk in told if talk.ago is None]
    async with Bank(before, gateway, now) as bank:
        bank.clock.now = now - timedelta(days=days)
        await tools.prepare(bank)
        drawn = list(weeks.draw_weeks(now, OfficeHours.parse(usual), days))
        await bank.play(
            [
                *village.list_scenes(bank, cases, now),
                *lending.list_scenes(bank, cases, now),
                *talks.list_scenes(bank, [*drawn, *earlier], now),
                Scene(find_morning(now), bank.desk.warning_worker.look),
            ]
        )
    async with Bank(settings, gateway, now) as bank:
        await bank.play(talks.list_scenes(bank, today, now))
        bank.clock.now = now
        await look_around(bank)


async def look_around(bank: Bank) -> None:
    """What the desk's own work would see to in its first seconds: whose the talks are, and what is late."""
    await bank.desk.dispatcher.dispatch()
    await bank.desk.promise_clock.check()


def find_morning(now: datetime) -> datetime:
    """The last time that early warnings were looked for: they are once a day, in the morning."""
    morning = now.astimezone(CHINA).replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0)
    return morning if morning < now else morning - timedelta(days=1)


if __name__ == "__main__":
    gc.disable()  # it ends in a moment, and looking for garbage takes a tenth of that
    asyncio.run(fill(DeskSettings(), GatewaySettings(), read_clock()))
