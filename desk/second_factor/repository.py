"""Queries on second factors and recovery codes; every function works inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from desk.tables import RecoveryCode, SecondFactor
from kit.security import hash_token


async def has_second_factor(session: AsyncSession, staff_id: str) -> bool:
    """Whether a staff member has a second factor that counts."""
    is_theirs = SecondFactor.staff_id == staff_id, SecondFactor.confirmed_at.is_not(None)
    return await session.scalar(select(SecondFactor.staff_id).where(*is_theirs)) is not None


async def list_owners(session: AsyncSession) -> frozenset[str]:
    """The ids of all staff who have one."""
    return frozenset(await session.scalars(select(SecondFactor.staff_id).where(SecondFactor.confirmed_at.is_not(None))))


async def use_step(session: AsyncSession, staff_id: str, step: int) -> bool:
    """Uses up the codes until a time step; False if they have been: a code works once."""
    is_new = SecondFactor.staff_id == staff_id, SecondFactor.last_step < step
    used = update(SecondFactor).where(*is_new).values(last_step=step).returning(SecondFactor.staff_id)
    return await session.scalar(used) is not None


async def confirm(session: AsyncSession, staff_id: str, secret: str, step: int, now: datetime) -> bool:
    """Lets a second factor count, unless it does already or has got another (sealed) secret meanwhile."""
    is_it = SecondFactor.staff_id == staff_id, SecondFactor.secret == secret, SecondFactor.confirmed_at.is_(None)
    values = {"confirmed_at": now, "last_step": step}
    confirmed = update(SecondFactor).where(*is_it).values(values).returning(SecondFactor.staff_id)
    return await session.scalar(confirmed) is not None


async def count_recovery_codes(session: AsyncSession, staff_id: str) -> int:
    """How many recovery codes are left."""
    query = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.staff_id == staff_id)
    return await session.scalar(query) or 0


async def use_recovery_code(session: AsyncSession, staff_id: str, code: str) -> bool:
    """Uses up a recovery code; False if it is none, or was used."""
    is_it = RecoveryCode.code_hash == _hash_code(staff_id, code), RecoveryCode.staff_id == staff_id
    used = delete(RecoveryCode).where(*is_it).returning(RecoveryCode.staff_id)
    return await session.scalar(used) is not None


async def replace_recovery_codes(session: AsyncSession, staff_id: str, codes: Sequence[str]) -> None:
    """Puts new recovery codes in place of the old ones."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    session.add_all(RecoveryCode(code_hash=_hash_code(staff_id, code), staff_id=staff_id) for code in codes)


async def remove(session: AsyncSession, staff_id: str) -> None:
    """Removes a second factor with its recovery codes."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    await session.execute(delete(SecondFactor).where(SecondFactor.staff_id == staff_id))


def _hash_code(staff_id: str, code: str) -> str:
    return hash_token(f"{staff_id}:{code}")
