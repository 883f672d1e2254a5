"""What is attacked: all processes on this machine, with staff of every role, and platforms of our own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import get_args

import psutil
from sqlalchemy import update

from bench.talks import open_desk
from desk.roles import Role
from desk.schemas import StaffView
from desk.services import DeskServices
from desk.tables import Staff, StaffSession
from dev.stack import Stack
from kit.clock import read_clock
from kit.security import hash_token
from kit.serving import serve_in_thread
from tests.platforms.telegram import FakeTelegram
from tests.platforms.wechat import WeChatPlatform
from tests.platforms.wecom_service import ServicePlatform

# Always open; nobody's talk is taken away in the middle of an attack.
SETTINGS = {
    "office_hours": "00:00-24:00",
    "office_days": "all",
    "agent_grace_seconds": "3600",
    "accept_seconds": "600",
}
PASSWORD = "青禾-Attack-2026"  # noqa: S105 (of accounts that live as long as the attack)
ROLES: tuple[Role, ...] = get_args(Role)
# Cookies of those whose session must open nothing.
OUTSIDERS = ("nobody", "deactivated", "expired", "first password")


@dataclass
class House:
    """The running processes. `tokens` are the sessions of staff, by role, and those of outsiders."""

    stack: Stack
    desk: DeskServices
    wechat: WeChatPlatform
    telegram: FakeTelegram
    service: ServicePlatform
    tokens: dict[str, str] = field(default_factory=dict)
    staff: dict[str, StaffView] = field(default_factory=dict)

    def url(self, process: str) -> str:
        """Where a process listens."""
        return self.stack.urls[process]

    def count_memory(self) -> dict[str, int]:
        """Resident bytes of each process."""
        return {name: psutil.Process(self.stack.pid(name)).memory_info().rss for name in self.stack.urls}

    def count_tracebacks(self) -> dict[str, int]:
        """Tracebacks in each process's log so far."""
        return {name: self.stack.log_path(name).read_bytes().count(b"Traceback (most") for name in self.stack.urls}

    def read_traceback(self, process: str) -> str:
        """The last traceback in a process's log."""
        return self.stack.log_path(process).read_text(errors="replace").rpartition("Traceback (most")[2][:4000]

    def list_files(self) -> list[Path]:
        """All that the processes wrote: databases and logs."""
        return [path for path in sorted(self.stack.folder.rglob("*")) if path.is_file()]


@asynccontextmanager
async def open_house(database_url: str = "") -> AsyncIterator[House]:
    """Starts everything, and stops it at the end."""
    wechat, telegram, service = WeChatPlatform(timeout_seconds=20), FakeTelegram(), ServicePlatform(timeout_seconds=20)
    with (
        serve_in_thread(wechat.api) as wechat_url,
        serve_in_thread(telegram.app) as telegram_url,
        serve_in_thread(service.api) as service_url,
    ):
        settings = SETTINGS | {
            "telegram_bot_token": telegram.token,
            "telegram_webhook_secret": telegram.secret,
            "telegram_api_url": telegram_url,
            **{f"wechat_{name}": value for name, value in wechat.settings(wechat_url).items()},
            **{f"wecom_service_{name}": value for name, value in service.settings(service_url).items()},
        }
        stack = Stack(database_url=database_url, **{f"XIAOHE_{name.upper()}": each for name, each in settings.items()})
        await asyncio.to_thread(stack.__enter__)
        try:
            async with open_desk(stack) as desk:
                house = House(stack, desk, wechat, telegram, service)
                await _seat_staff(house)
                yield house
        finally:
            await asyncio.to_thread(stack.close)


async def _seat_staff(house: House) -> None:
    """One member of staff of each role, signed in, and those who must not get in."""
    for name in (*ROLES, *OUTSIDERS[1:]):
        role: Role = name if name in ROLES else "supervisor"
        login = name.replace("_", ".").replace(" ", ".")
        house.staff[name] = await house.desk.accounts.add_staff(login, f"员工{name}", role, PASSWORD)
        house.tokens[name] = await house.desk.accounts.sign_in(login, PASSWORD)
    async with house.desk.database.transaction() as session:
        changed = update(Staff).where(Staff.id != house.staff["first password"].id)
        await session.execute(changed.values(must_change_password=False))
        # As an account looks that was closed by the database's administrator: its session is still there.
        closed = update(Staff).where(Staff.id == house.staff["deactivated"].id)
        await session.execute(closed.values(is_active=False))
        old = update(StaffSession).where(StaffSession.token_hash == hash_token(house.tokens["expired"]))
        ago = read_clock() - timedelta(days=2)
        await session.execute(old.values(created_at=ago, seen_at=ago))
    house.tokens["nobody"] = ""
