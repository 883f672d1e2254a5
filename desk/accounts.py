"""Staff accounts: who may sign in, and with which role."""

import re
import secrets
from collections.abc import Mapping, Set
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from desk import staff_repository
from desk.audit import record
from desk.challenges import UnansweredChallenge, open_challenge
from desk.failures import FailureLog
from desk.open_work import NO_CHOICE, WorkKind, count_open_work
from desk.passwords import check_strength, hash_password, is_right_password, needs_rehash
from desk.refusals import RefusalLog
from desk.reset_alerts import announce_reset
from desk.roles import Role
from desk.schemas import SignInMethod, StaffView, Status
from desk.second_factor.repository import has_second_factor
from desk.sign_in_tries import begin_try, forget_tries, require_open, take_back_try
from desk.staff_changes import add_member, change_member
from desk.staff_details import read_details
from desk.staff_sessions import StaffSessions, open_session
from desk.tables import Staff
from kit.clock import Clock, read_clock
from kit.database import Database, retry_deadlocks
from kit.errors import RequestError
from kit.security import hash_token, make_token

ADMIN_LOGIN = "admin"
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,31}")


def make_password() -> str:
    """A random password to be shown once (16 characters)."""
    return secrets.token_urlsafe(12)


class Accounts:
    """Accounts. One method, one transaction; passwords are checked outside, since that takes a while.

    `by` is the id of the staff member who acts, None for a command of the operator. `address`: from where.
    """

    def __init__(
        self, database: Database, clock: Clock = read_clock, *, second_factor_roles: Set[str] = frozenset()
    ) -> None:
        """`second_factor_roles`: who has one of these roles and no second factor gets no further than adding one."""
        self._database = database
        self._clock = clock
        self.refusals = RefusalLog(database, clock)
        self._failures = FailureLog(clock)
        self.sessions = StaffSessions(database, clock, second_factor_roles=second_factor_roles)

    async def add_staff(self, login: str, name: str, role: Role, password: str, **details: Any) -> StaffView:
        """Adds a staff member for the operator; they have to choose a password at the first sign-in.

        `details` as in `StaffDetails`. Admins propose somebody new (desk/role_proposals.py).

        RequestError 422 for an invalid value, 409 for a login that is taken.
        """
        require_login(login)
        known = read_details({"name": name, "role": role, **details})
        _require_strength(password, login, name)
        return await self._add(login, password, known)

    async def has_admin(self) -> bool:
        """Whether there is an admin."""
        async with self._database.reading() as session:
            return bool(await session.scalar(select(exists().where(Staff.role == "admin"))))

    async def ensure_admin(self) -> str | None:
        """Creates `admin` if there is no admin, and returns its password; None if another process was first."""
        if await self.has_admin():
            return None
        password = make_password()
        try:
            await self._add(ADMIN_LOGIN, password, read_details({"name": "管理员", "role": "admin"}))
        except RequestError:
            return None
        return password

    async def sign_in(
        self, login: str, password: str, address: str = "", device: str = "", next_path: str = "/"
    ) -> str:
        """The token of a new session.

        UnansweredChallenge if a code has to follow. RequestError 401 whatever was wrong, 429 after too many tries at
        the address.
        """
        login, token, is_open, has_challenge = _read_login(login), make_token(), False, False
        staff = await self._begin_try(login, address)
        known_hash = staff.password_hash if staff and staff.is_active else None
        if await is_right_password(password, known_hash) and staff and known_hash:
            new_hash = await hash_password(password) if needs_rehash(known_hash) else known_hash
            async with self._database.transaction() as session:
                now = self._clock()
                is_open = await self._change_if_still(session, staff, known_hash, {"password_hash": new_hash})
                has_challenge = is_open and await has_second_factor(session, staff.id)
                if has_challenge:
                    await take_back_try(session, login, now, address)
                    await open_challenge(session, now, token, "code", next_path, staff.id)
                elif is_open:
                    await forget_tries(session, login, now, address)
                    await open_session(session, staff.id, token, now, address=address, device=device, method="password")
        if has_challenge:
            raise UnansweredChallenge(token)
        if is_open:
            return token
        await self._record_failure(staff, login, address, "password")
        raise RequestError(401, "wrong_password", "账号或密码不对")

    async def sign_in_by_provider(self, login: str, address: str = "", device: str = "") -> str:
        """The token of a new session of somebody whom the bank's provider vouches for; RequestError 403."""
        token, now = make_token(), self._clock()
        async with self._database.transaction() as session:
            staff = await staff_repository.find_by_login(session, login)
            if staff and staff.is_active:
                await open_session(session, staff.id, token, now, address=address, device=device, method="oidc")
                return token
        await self._record_failure(staff, login, address, "oidc")
        if staff:
            raise RequestError(403, "left", f"账号{login}已经停用，请找本行管理员")
        raise RequestError(403, "no_such_staff", "您的统一账号还没有在小禾开通，请找本行管理员")

    async def change_password(self, staff_id: str, old: str, new: str, address: str = "", *, token: str = "") -> None:
        """Changes a password by its owner; ends all other sessions.

        RequestError 401 for a wrong old password, 429 after too many tries, 422 for an invalid new one, also for the
        one they had before.
        """
        known = await self.get_staff(staff_id)
        _require_strength(new, known.login, known.name)
        if old == new:
            raise RequestError(422, "same_password", "新密码不能和原密码一样")
        staff = await self._begin_try(known.login, address)
        if staff and await is_right_password(old, staff.password_hash):
            if await is_right_password(new, staff.previous_hash):
                async with self._database.transaction() as session:
                    await take_back_try(session, staff.login, self._clock(), address)
                raise _describe_known_password()
            values = {"password_hash": await hash_password(new), "must_change_password": False}
            if not staff.must_change_password:  # one that nobody chose need not be remembered
                values["previous_hash"] = staff.password_hash
            async with self._database.transaction() as session:
                if await self._change_if_still(session, staff, staff.password_hash, values):
                    # Only this try: wrong codes of the second factor still count with wrong passwords.
                    await take_back_try(session, staff.login, self._clock(), address)
                    await staff_repository.end_sessions(session, staff_id, keep=hash_token(token))
                    await record(session, self._clock(), staff_id, "password_changed", staff.login)
                    return
        await self._record_failure(staff, known.login, address, "password")
        raise RequestError(401, "wrong_password", "原密码不对")

    async def set_password(self, staff_id: str, new: str, *, by: str | None = None) -> None:
        """Resets a password by an admin; signs its owner out everywhere, who has to choose another and is notified.

        RequestError 403 for an admin's by another one, who could then act as the second person too.
        """
        async with self._database.reading() as session:
            known = await staff_repository.get_staff(session, staff_id)
        if await is_right_password(new, known.password_hash):
            raise _describe_known_password()
        new_hash = await hash_password(new)
        async with self._database.transaction() as session:
            staff = await staff_repository.get_staff(session, staff_id, is_changed=True)
            if by is not None and staff.role == "admin":
                command = f"python -m desk set-password {staff.login}"
                raise RequestError(403, "password_of_admin", f"管理员的密码只能在服务器上重设：{command}")
            _require_strength(new, staff.login, staff.name)
            if not staff.must_change_password:
                staff.previous_hash = staff.password_hash
            staff.password_hash, staff.must_change_password = new_hash, True
            await forget_tries(session, staff.login, self._clock())
            await staff_repository.end_sessions(session, staff_id)
            await record(session, self._clock(), by, "password_set", staff.login)
            await announce_reset(session, self._clock(), staff, "密码", by=by)

    async def update_staff(
        self, staff_id: str, *, by: str | None = None, work_to: Mapping[WorkKind, str] = NO_CHOICE, **changes: Any
    ) -> StaffView:
        """Changes fields of `StaffDetails`; see `change_member`. RequestError 422 for an invalid value."""
        details = read_details(changes)

        async def change() -> StaffView:
            async with self._database.transaction() as session:
                return _view(await change_member(session, self._clock(), staff_id, details, by=by, work_to=work_to))

        return await retry_deadlocks(change)

    async def count_open_work(self, staff_id: str) -> dict[str, int]:
        """How much open work of each kind somebody has; see desk/open_work.py."""
        async with self._database.reading() as session:
            return await count_open_work(session, staff_id)

    async def list_staff(self) -> list[StaffView]:
        """All staff by login, including those who left."""
        async with self._database.reading() as session:
            return [_view(staff) for staff in await session.scalars(select(Staff).order_by(Staff.login))]

    async def get_staff(self, staff_id: str) -> StaffView:
        """A staff member by id; RequestError 404."""
        async with self._database.reading() as session:
            return _view(await staff_repository.get_staff(session, staff_id))

    async def find_staff(self, login: str) -> StaffView | None:
        """The staff member with this login."""
        async with self._database.reading() as session:
            staff = await staff_repository.find_by_login(session, login)
            return _view(staff) if staff else None

    async def set_status(self, staff_id: str, status: Status) -> None:
        """Sets whether they take talks, as they chose."""
        async with self._database.transaction() as session:
            await staff_repository.set_status(session, staff_id, status, self._clock())

    async def mark_seen(self, staff_id: str) -> None:
        """Records that a page of theirs is open."""
        async with self._database.transaction() as session:
            await staff_repository.mark_seen(session, staff_id, self._clock())

    async def _add(self, login: str, password: str, details: dict[str, Any]) -> StaffView:
        password_hash = await hash_password(password)
        async with self._database.transaction() as session:
            return _view(await add_member(session, self._clock(), login, password_hash, details, by=None))

    async def _begin_try(self, login: str, address: str) -> Staff | None:
        """Counts a try at a login's password, and returns whose it is; RequestError 429 after too many."""
        now = self._clock()
        async with self._database.transaction() as session:
            open_at = await begin_try(session, address, login, now)
            staff = await staff_repository.find_by_login(session, login)
        require_open(open_at, now)
        return staff

    async def _change_if_still(
        self, session: AsyncSession, staff: Staff, password_hash: str, values: dict[str, Any]
    ) -> bool:
        """Changes the password unless it was changed or the account closed while it was being checked."""
        is_still = Staff.id == staff.id, Staff.is_active, Staff.password_hash == password_hash
        changed = update(Staff).where(*is_still).values(**values).returning(Staff.id)
        return await session.scalar(changed) is not None

    async def _record_failure(self, staff: Staff | None, login: str, address: str, method: SignInMethod) -> None:
        # People type passwords into the login field: only what looks like a login is logged.
        subject = login if _LOGIN.fullmatch(login) else ""
        staff_id = staff.id if staff else None
        async with self._database.transaction() as session:
            await self._failures.add(session, staff_id, "sign_in_failed", subject, address, method=method)


def require_login(login: str) -> None:
    """Requires what can be a login; RequestError 422."""
    if not _LOGIN.fullmatch(login):
        reason = "账号要以小写字母开头，2到32个字符，只能用小写字母、数字和 . _ -"
        raise RequestError(422, "invalid_login", reason)


def _read_login(typed: str) -> str:
    """A login as stored; one that cannot exist is kept as it is, but short."""
    return re.sub(r"[^a-z0-9._-]", "?", typed.strip().lower())[:33]


def _view(staff: Staff) -> StaffView:
    return StaffView.model_validate(staff)


def _describe_known_password() -> RequestError:
    return RequestError(422, "same_password", "这个密码以前用过，请换一个")


def _require_strength(password: str, login: str, name: str) -> None:
    reason = check_strength(password, login, name)
    if reason:
        raise RequestError(422, "weak_password", reason)
