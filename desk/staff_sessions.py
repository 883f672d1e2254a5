"""Browsers in which staff are signed in: found by their cookie, listed, ended."""

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy import Delete, delete, func, update
from sqlalchemy.ext.asyncio import AsyncSession

from desk import staff_repository
from desk.audit import record
from desk.schemas import SessionView, SignInMethod, StaffView
from desk.tables import Staff, StaffSession
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.pubsub import publish
from kit.security import hash_token

# Why a session ended: its account was closed, its user did nothing or had it for a day, or ended it elsewhere.
Why = Literal["closed", "idle", "elsewhere"]
SEEN_EVERY = timedelta(minutes=1)
_ID_LENGTH = 16


class StaffSessions:
    """Sessions end after 12 hours, and after one hour in which their user did nothing."""

    def __init__(
        self, database: Database, clock: Clock = read_clock, *, second_factor_roles: Set[str] = frozenset()
    ) -> None:
        self._database = database
        self._clock = clock
        self._second_factor_roles = second_factor_roles

    async def find(self, token: str, *, is_input: bool = False) -> StaffView | None:
        """The session's staff member; None once it has ended. `is_input`: its user did something just now."""
        now, token_hash = self._clock(), hash_token(token)
        async with self._database.reading() as session:
            found = await staff_repository.find_live_session(session, token_hash, now)
        if found is None:
            return None
        staff_session, staff, has_second_factor = found
        if is_input and staff_session.seen_at <= now - SEEN_EVERY:
            seen = update(StaffSession).where(StaffSession.token_hash == token_hash).values(seen_at=now)
            async with self._database.transaction() as session:
                await session.execute(seen)
        view = StaffView.model_validate(staff)
        if staff_session.method == "oidc":  # the provider answers for password and second factor
            return view.model_copy(update={"must_change_password": False})
        must_enrol = not has_second_factor and staff.role in self._second_factor_roles
        return view.model_copy(update={"must_enrol": must_enrol})

    async def end(self, token: str) -> SignInMethod | None:
        """Signs out; the method its user had signed in, None if the session has already ended."""
        ended = delete(StaffSession).where(StaffSession.token_hash == hash_token(token))
        async with self._database.transaction() as session:
            found = (await session.execute(ended.returning(StaffSession.staff_id, StaffSession.method))).one_or_none()
            if found is None:
                return None
            await record(session, self._clock(), found.staff_id, "sign_out")
            await publish(session, staff_repository.tell_ended(found.staff_id))
        return cast(SignInMethod, found.method)

    async def explain_end(self, token: str, staff_id: str) -> Why:
        """Why a session that was live a moment ago is not any more."""
        async with self._database.reading() as session:
            staff = await session.get(Staff, staff_id)
            if staff is None or not staff.is_active:
                return "closed"
            return "idle" if await session.get(StaffSession, hash_token(token)) else "elsewhere"

    async def list_own(self, staff_id: str, token: str) -> list[SessionView]:
        """All live sessions of a staff member, this one first."""
        async with self._database.reading() as session:
            found = await staff_repository.list_live_sessions(session, staff_id, self._clock())
        views = [
            SessionView(
                id=each.token_hash[:_ID_LENGTH],
                address=each.address,
                device=each.device,
                created_at=each.created_at,
                seen_at=each.seen_at,
                is_this=each.token_hash == hash_token(token),
            )
            for each in found
        ]
        return sorted(views, key=lambda view: (not view.is_this, -view.seen_at.timestamp()))

    async def end_own(self, staff_id: str, session_id: str) -> None:
        """Ends one of a staff member's own sessions, by the id of its view."""
        is_it = func.substr(StaffSession.token_hash, 1, _ID_LENGTH) == session_id
        await self._end(staff_id, delete(StaffSession).where(StaffSession.staff_id == staff_id, is_it))

    async def end_others(self, staff_id: str, token: str) -> None:
        """Ends all sessions of a staff member but this one."""
        is_other = StaffSession.token_hash != hash_token(token)
        await self._end(staff_id, delete(StaffSession).where(StaffSession.staff_id == staff_id, is_other))

    async def _end(self, staff_id: str, ended: Delete) -> None:
        async with self._database.transaction() as session:
            tokens = (await session.scalars(ended.returning(StaffSession.token_hash))).all()
            if tokens:
                await record(session, self._clock(), staff_id, "sessions_ended", rows=len(tokens))
                await publish(session, staff_repository.tell_ended(staff_id))


async def open_session(
    session: AsyncSession, staff_id: str, token: str, now: datetime, *, address: str, device: str, method: SignInMethod
) -> None:
    """Opens a session in the transaction of a sign-in."""
    await staff_repository.forget_old_sessions(session, now)
    opened = StaffSession(
        token_hash=hash_token(token),
        staff_id=staff_id,
        created_at=now,
        seen_at=now,
        address=address,
        device=device[:120],
        method=method,
    )
    session.add(opened)
    await record(session, now, staff_id, "sign_in", address=address, method=method)
