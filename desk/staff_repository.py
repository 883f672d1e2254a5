"""Queries on staff and their sessions; every function works inside the caller's transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from desk.challenges import end_challenges
from desk.roles import Role
from desk.schemas import Status
from desk.tables import SecondFactor, Staff, StaffSession
from kit.errors import RequestError
from kit.pubsub import Signal, publish

SESSION_TIME = timedelta(hours=12)
IDLE_TIME = timedelta(minutes=60)


async def find_by_login(session: AsyncSession, login: str) -> Staff | None:
    """The staff member with this login."""
    return (await session.scalars(select(Staff).where(Staff.login == login))).one_or_none()


async def get_staff(session: AsyncSession, staff_id: str, *, is_changed: bool = False) -> Staff:
    """A staff member, locked if about to be changed; RequestError 404."""
    staff = await session.get(Staff, staff_id, with_for_update=is_changed)
    if staff is None:
        raise RequestError(404, "no_such_staff", "没有这位员工")
    return staff


async def list_names(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    """The names of staff by their ids."""
    return {row.id: row.name for row in await session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))}


async def mark_seen(session: AsyncSession, staff_id: str, now: datetime) -> None:
    """A page of theirs is open now."""
    await session.execute(update(Staff).where(Staff.id == staff_id).values(seen_at=now))


async def set_status(session: AsyncSession, staff_id: str, status: Status, now: datetime) -> None:
    """Sets whether they take talks, and since when; chosen once more, it keeps its beginning."""
    is_new = Staff.id == staff_id, Staff.status != status
    await session.execute(update(Staff).where(*is_new).values(status=status, status_at=now))
    await publish(session, Signal("desk", "staff", staff_id))


async def list_active_ids(session: AsyncSession, role: Role) -> Sequence[str]:
    """The ids of all active staff of a role."""
    return (await session.scalars(select(Staff.id).where(Staff.role == role, Staff.is_active))).all()


async def lock_active(session: AsyncSession, role: Role) -> Sequence[Staff]:
    """All active staff of a role, locked until the transaction ends."""
    is_one = Staff.role == role, Staff.is_active
    return (await session.scalars(select(Staff).where(*is_one).order_by(Staff.id).with_for_update())).all()


async def find_live_session(
    session: AsyncSession, token_hash: str, now: datetime
) -> tuple[StaffSession, Staff, bool] | None:
    """A live session, its staff member, and whether they have a second factor."""
    query = (
        select(StaffSession, Staff, SecondFactor.confirmed_at.is_not(None))
        .join(Staff, Staff.id == StaffSession.staff_id)
        .outerjoin(SecondFactor, SecondFactor.staff_id == Staff.id)
        .where(StaffSession.token_hash == token_hash, Staff.is_active, _is_live(now))
    )
    found = (await session.execute(query)).one_or_none()
    return None if found is None else (found[0], found[1], bool(found[2]))


async def list_live_sessions(session: AsyncSession, staff_id: str, now: datetime) -> Sequence[StaffSession]:
    """All live sessions of a staff member."""
    query = select(StaffSession).where(StaffSession.staff_id == staff_id, _is_live(now))
    return (await session.scalars(query)).all()


async def end_sessions(session: AsyncSession, staff_id: str, *, keep: str | None = None) -> None:
    """Ends all sessions of a staff member except the one with the token hash `keep`, and sign-ins under way."""
    is_ended = StaffSession.staff_id == staff_id
    if keep is not None:
        is_ended &= StaffSession.token_hash != keep
    await session.execute(delete(StaffSession).where(is_ended))
    await end_challenges(session, staff_id)
    await publish(session, tell_ended(staff_id))


def tell_ended(staff_id: str) -> Signal:
    """The signal that a session of theirs has ended: open pages look whether it was their own."""
    return Signal(name_subject(staff_id), "signed_out")


def name_subject(staff_id: str) -> str:
    """The subject of signals about a staff member's sessions."""
    return f"staff:{staff_id}"


async def forget_old_sessions(session: AsyncSession, now: datetime) -> None:
    """Deletes sessions that have ended."""
    await session.execute(delete(StaffSession).where(~_is_live(now)))


def _is_live(now: datetime) -> ColumnElement[bool]:
    return and_(StaffSession.created_at > now - SESSION_TIME, StaffSession.seen_at > now - IDLE_TIME)
