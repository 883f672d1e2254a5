"""Second factors of staff: added, asked for at the sign-in, renewed, removed, and reset by a colleague."""

import logging
from datetime import timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk import staff_repository
from desk.audit import record
from desk.challenges import find_challenge, take_challenge
from desk.failures import FailureLog
from desk.reset_alerts import announce_reset
from desk.roles import require
from desk.schemas import FactorView, StaffView
from desk.second_factor import repository
from desk.second_factor.totp import find_step, is_app_code, make_recovery_codes, make_secret, read_code
from desk.sign_in_tries import begin_try, forget_tries, require_open
from desk.staff_sessions import open_session
from desk.tables import SecondFactor, Staff
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.security import hash_token, make_token
from kit.vault import Vault, VaultError

log = logging.getLogger(__name__)
# A secret that was shown and not confirmed is shown again until then: a page is easily reloaded.
ENROLMENT_TIME = timedelta(hours=1)
WRONG_CODE = "验证码不对或已经用过，请等下一个再输入"
WRONG_RECOVERY_CODE = "恢复码不对，或已经用过"
CodeMethod = Literal["totp", "recovery"]


class SecondFactors:
    """Second factors. `code` is a code of the app or a recovery code, as typed; wrong ones count as sign-in tries."""

    def __init__(self, database: Database, vault: Vault, clock: Clock = read_clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._failures = FailureLog(clock)

    async def read(self, staff_id: str) -> FactorView:
        """What its owner may know of it."""
        async with self._database.reading() as session:
            found = await session.get(SecondFactor, staff_id)
            left = await repository.count_recovery_codes(session, staff_id)
        return FactorView(since=found.confirmed_at if found else None, codes_left=left)

    async def encrypt_anew(self) -> int:
        """Encrypts by the vault's current key what an earlier one encrypted; how many secrets that were."""
        async with self._database.transaction() as session:
            is_old = ~SecondFactor.secret.startswith(self._vault.prefix, autoescape=True)
            found = (await session.scalars(select(SecondFactor).where(is_old).with_for_update())).all()
            for factor in found:
                factor.secret = self._vault.encrypt(self._open(factor), _name(factor.staff_id))
        return len(found)

    async def list_owners(self) -> frozenset[str]:
        """The ids of all staff who have one."""
        async with self._database.reading() as session:
            return await repository.list_owners(session)

    async def begin(self, staff_id: str) -> str:
        """The secret for a new authenticator app, which does not count yet; RequestError 409 if there is one."""
        now = self._clock()
        async with self._database.transaction() as session:
            await staff_repository.get_staff(session, staff_id, is_changed=True)  # two tabs at once
            found = await session.get(SecondFactor, staff_id)
            if found and found.confirmed_at:
                raise RequestError(409, "has_second_factor", "已经启用了二次验证")
            if found and found.created_at > now - ENROLMENT_TIME:
                return self._open(found)
            secret = make_secret()
            sealed = self._vault.encrypt(secret, _name(staff_id))
            await session.merge(SecondFactor(staff_id=staff_id, secret=sealed, last_step=0, created_at=now))
        return secret

    async def confirm(self, staff: StaffView, code: str, *, token: str) -> list[str]:
        """Lets the new app count after a code of it, ends all other sessions, and returns the recovery codes.

        RequestError 422 for a wrong code, 409 if there is none to confirm any more.
        """
        now = self._clock()
        async with self._database.transaction() as session:
            found = await session.get(SecondFactor, staff.id)
            if found is None or found.confirmed_at:
                raise RequestError(409, "nothing_to_confirm", "请重新打开这一页再设置")
            step = find_step(self._open(found), read_code(code), now)
            if step is None:
                raise RequestError(422, "wrong_code", "验证码不对，请看一下App里现在的六位数字")
            if not await repository.confirm(session, staff.id, found.secret, step, now):
                raise RequestError(409, "nothing_to_confirm", "请重新打开这一页再设置")
            await staff_repository.end_sessions(session, staff.id, keep=hash_token(token))
            await record(session, now, staff.id, "second_factor_added", staff.login)
            return await _give_recovery_codes(session, staff.id)

    async def make_recovery_codes(self, staff: StaffView, code: str, address: str) -> list[str]:
        """New recovery codes, after a code; the old ones work no more. RequestError 422, 429."""
        await self._begin_try(staff.login, address)
        async with self._database.transaction() as session:
            if await self._use_code(session, staff.id, code):
                await forget_tries(session, staff.login, self._clock(), address)
                await record(session, self._clock(), staff.id, "recovery_codes_made", staff.login)
                return await _give_recovery_codes(session, staff.id)
            await self._failures.add(session, staff.id, "second_factor_failed", staff.login, address)
        raise _describe_wrong(code)

    async def remove(self, staff: StaffView, code: str, address: str) -> None:
        """Removes one's own second factor, after a code. RequestError 422, 429."""
        await self._begin_try(staff.login, address)
        async with self._database.transaction() as session:
            if await self._use_code(session, staff.id, code):
                await forget_tries(session, staff.login, self._clock(), address)
                await repository.remove(session, staff.id)
                await record(session, self._clock(), staff.id, "second_factor_removed", staff.login)
                return
            await self._failures.add(session, staff.id, "second_factor_failed", staff.login, address)
        raise _describe_wrong(code)

    async def has_challenge(self, token: str) -> bool:
        """Whether a sign-in with this token still waits for its code."""
        async with self._database.reading() as session:
            return await find_challenge(session, self._clock(), token, "code") is not None

    async def sign_in(
        self, challenge: str, code: str, address: str = "", device: str = ""
    ) -> tuple[str, str, CodeMethod]:
        """The token of a new session, the page to go to, and the kind of code, once a challenge is answered.

        RequestError 410 if the challenge has ended, 422 for a wrong code, 429 after too many tries.
        """
        staff = await self._find_challenged(challenge)
        await self._begin_try(staff.login, address)
        token = make_token()
        async with self._database.transaction() as session:
            now = self._clock()
            if method := await self._use_code(session, staff.id, code):
                next_path = await take_challenge(session, now, challenge, "code")
                if next_path is None:
                    raise _describe_end()
                await forget_tries(session, staff.login, now, address)
                await open_session(session, staff.id, token, now, address=address, device=device, method=method)
                return token, next_path, method
            failed: CodeMethod = "totp" if is_app_code(read_code(code)) else "recovery"
            await self._failures.add(session, staff.id, "sign_in_failed", staff.login, address, method=failed)
        raise _describe_wrong(code)

    async def _find_challenged(self, challenge: str) -> Staff:
        async with self._database.reading() as session:
            found = await find_challenge(session, self._clock(), challenge, "code")
            staff = await session.get(Staff, found.staff_id) if found else None
        if staff is None or not staff.is_active:
            raise _describe_end()
        return staff

    async def _begin_try(self, login: str, address: str) -> None:
        now = self._clock()
        async with self._database.transaction() as session:
            open_at = await begin_try(session, address, login, now, is_code=True)
        require_open(open_at, now)

    async def _use_code(self, session: AsyncSession, staff_id: str, typed: str) -> CodeMethod | None:
        """Uses up a right code; None for a wrong one."""
        code = read_code(typed)
        if not is_app_code(code):
            return "recovery" if await repository.use_recovery_code(session, staff_id, code) else None
        found = await session.get(SecondFactor, staff_id)
        if found is None or not found.confirmed_at:
            return None
        step = find_step(self._open(found), code, self._clock())
        return "totp" if step is not None and await repository.use_step(session, staff_id, step) else None

    def _open(self, factor: SecondFactor) -> str:
        try:
            return self._vault.decrypt(factor.secret, _name(factor.staff_id))
        except VaultError:
            log.exception("a second factor cannot be read: is a key missing in XIAOHE_VAULT_KEYS?")
            raise RequestError(503, "unreadable", "二次验证暂时用不了，请找本行管理员") from None


async def reset(database: Database, owner: StaffView, clock: Clock = read_clock, *, by: StaffView | None) -> None:
    """Removes a colleague's second factor, whose phone is lost, signs them out everywhere and notifies them.

    `by` None: a command of the operator. RequestError 403 without the permission, for one's own and for an admin's, who
    could then act as an admin with the password alone; 409 if there is none.
    """
    async with database.transaction() as session:
        found = await staff_repository.get_staff(session, owner.id, is_changed=True)
        if by:
            require_resettable(StaffView.model_validate(found), by)
        if not await repository.has_second_factor(session, owner.id):
            raise RequestError(409, "no_second_factor", f"{owner.name}（{owner.login}）没有启用二次验证")
        await repository.remove(session, owner.id)
        await staff_repository.end_sessions(session, owner.id)
        await forget_tries(session, owner.login, clock())
        await record(session, clock(), by.id if by else None, "second_factor_reset", owner.login)
        await announce_reset(session, clock(), found, "二次验证", by=by.id if by else None)


def require_resettable(owner: StaffView, by: StaffView) -> None:
    """Requires the permission, and that it is neither one's own nor an admin's; RequestError 403."""
    require(by.role, "reset_second_factor", "只有主管和管理员能重设二次验证")
    if by.id == owner.id:
        raise RequestError(403, "own_second_factor", "自己的二次验证要请另一位主管或管理员重设")
    if owner.role == "admin":
        command = f"python -m desk reset-second-factor {owner.login}"
        raise RequestError(403, "second_factor_of_admin", f"管理员的二次验证只能在服务器上重设：{command}")


async def _give_recovery_codes(session: AsyncSession, staff_id: str) -> list[str]:
    codes = make_recovery_codes()
    await repository.replace_recovery_codes(session, staff_id, [read_code(code) for code in codes])
    return codes


def _name(staff_id: str) -> str:
    """What a secret is sealed for."""
    return f"staff.totp:{staff_id}"


def _describe_wrong(code: str) -> RequestError:
    reason = WRONG_CODE if is_app_code(read_code(code)) else WRONG_RECOVERY_CODE
    return RequestError(422, "wrong_code", reason)


def _describe_end() -> RequestError:
    return RequestError(410, "challenge_over", "登录超时了，请重新登录")
