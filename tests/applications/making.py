"""The applications service beside which nothing else runs: all have agreed, nobody has a name, nothing is announced."""

from collections.abc import Collection, Mapping
from typing import Any

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from applications.api import build_router
from applications.drafts import Drafts
from applications.schemas import ApplicationIn, ManagedApplication, MendableAnswer
from applications.service import Applications
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.working_time import OfficeHours


async def read_hours() -> OfficeHours:
    return OfficeHours.parse("08:30-17:30")


async def announce_nothing(session: AsyncSession, application: ManagedApplication) -> None: ...


async def name_nobody(session: AsyncSession, ids: Collection[str]) -> Mapping[str, str]:
    return {}


async def require_nothing(session: AsyncSession, conversation_id: str) -> None: ...


async def find_nothing(application: ApplicationIn) -> list[MendableAnswer]:
    return []


async def list_none(conversation_id: str) -> list[str]:
    return []


def make_applications(database: Database, clock: Clock = read_clock, **others: Any) -> Applications:
    """The service with such of its collaborators as are given."""
    usual = {
        "read_hours": read_hours,
        "announce_withdrawal": announce_nothing,
        "name_staff": name_nobody,
        "require_consents": require_nothing,
    }
    return Applications(database, clock, **usual | others)


def make_router(database: Database, clock: Clock, token: str, **others: Any) -> APIRouter:
    """Its routes, likewise."""
    usual = {"find_mendable": find_nothing, "list_given": list_none}
    return build_router(make_applications(database, clock), Drafts(database, clock), token, **usual | others)
