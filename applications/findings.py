"""What staff noted of checks that they have seen to, inside the caller's transaction."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from applications.checks.check import Check
from applications.tables import CheckedFinding
from kit.errors import RequestError
from kit.security import hash_content


def make_key(check: Check) -> str:
    """The key of a check as it stands: with other numbers in its reason it is another one."""
    return hash_content([check.code, check.reason])


async def list_notes(session: AsyncSession, application_id: str) -> dict[str, str]:
    """The notes on an application, by the key of their check."""
    rows = await session.scalars(select(CheckedFinding).where(CheckedFinding.application_id == application_id))
    return {row.finding: row.note for row in rows}


async def add_note(
    session: AsyncSession, application_id: str, finding: str, note: str, *, staff_id: str, now: datetime
) -> None:
    """Notes how a check was seen to; RequestError 409 if somebody has."""
    row = CheckedFinding(application_id=application_id, finding=finding, note=note, staff_id=staff_id, at=now)
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise RequestError(409, "already_verified", "已经有同事核实过了") from None
