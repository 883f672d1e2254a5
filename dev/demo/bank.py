"""The bank as the demo's scenes find it: its staff, its customers, and a clock that is set to each scene's moment."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from connectors.settings import GatewaySettings
from conversations.handoff.schemas import HandoffView
from desk.schemas import StaffView
from desk.services import DeskServices
from desk.settings import DeskSettings
from dev.demo.customers import Customers
from dev.demo.staff import MEMBERS, hire
from verification.service import Verification

ENVIRONMENT = "demo"


class RefusedInProduction(Exception):
    """What is made up has no place in a real bank's database."""


class SceneClock:
    """Shows the moment that it was set to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Scene(NamedTuple):
    """Something that happens at a moment."""

    at: datetime
    play: Callable[[], Awaitable[object]]


class CodeReader:
    """Somebody who holds the phone to which codes are sent."""

    def __init__(self) -> None:
        self.code = ""

    async def send(self, phone: str, text: str, *, key: str) -> None:
        """See verification.sms.Sms."""
        self.code = re.findall(r"\d{6}", text)[0]


class Bank:
    """Everything that a scene needs. Raises RefusedInProduction where customers are real."""

    def __init__(self, settings: DeskSettings, gateway: GatewaySettings, now: datetime) -> None:
        if settings.environment != ENVIRONMENT:
            raise RefusedInProduction("the demo's made-up day is refused with XIAOHE_ENVIRONMENT=production")
        self.clock = SceneClock(now)
        self.desk = DeskServices(settings, self.clock)
        self.customers = Customers(self.desk.database, self.desk.calendar, self.clock, gateway)
        self.staff: Mapping[str, StaffView] = {}
        self._phone = CodeReader()
        self._verification = Verification(self.desk.database, settings.open_vault(), self._phone, self.clock)

    async def __aenter__(self) -> Self:
        await self.desk.read_catalogue()
        self.staff = await hire(self.desk.accounts, MEMBERS)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.customers.close()
        await self.desk.close()

    async def play(self, scenes: Iterable[Scene]) -> None:
        """Plays the scenes in the order of their moments."""
        for scene in sorted(scenes, key=lambda each: each.at):
            self.clock.now = scene.at
            await scene.play()

    async def find_talk(self, customer: str, channel: str = "web") -> HandoffView:
        """The newest talk of a customer; LookupError without one."""
        found = await self.desk.handoffs.list_of_conversation(await self.customers.find(customer, channel))
        if not found:
            raise LookupError(f"{customer} has not asked for a human")
        return found[-1]

    async def verify_phone(self, customer: str, phone: str) -> None:
        """The code that is sent to the customer's phone comes back."""
        conversation_id = await self.customers.find(customer)
        await self._verification.send_code(conversation_id, phone)
        await self._verification.check_code(conversation_id, self._phone.code)


def list_moments(first: datetime, waits: Iterable[float]) -> list[datetime]:
    """The moments of steps that come so many minutes after one another."""
    moments, at = [], first
    for minutes in waits:
        at += timedelta(minutes=minutes)
        moments.append(at)
    return moments


def make_phone(number: int) -> str:
    """A number that nobody has from us: the project keeps 1380000 for demos and tests."""
    return f"1380000{number:04}"


Slots = Mapping[str, Any]
