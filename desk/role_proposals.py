"""Changes of rights by two persons: one admin proposes a new account, a role or a reopening, another decides."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from desk import staff_repository
from desk.accounts import make_password, require_login
from desk.audit import list_changes, record
from desk.notifications import notifier
from desk.open_work import NO_CHOICE, WorkKind, require_takers
from desk.passwords import hash_password
from desk.schemas import ProposalView, StaffView
from desk.staff_changes import PERSONAL, add_member, change_member
from desk.staff_details import read_details
from desk.tables import RoleProposal, Staff
from kit.clock import Clock, read_clock
from kit.database import Database, retry_deadlocks
from kit.errors import RequestError

PROPOSAL_TIME = timedelta(days=7)
PATH = "/staff"
ALONE = "变更权限要由另一位管理员确认，现在没有别的管理员能确认"


class RoleProposals:
    """Proposals. One method, one transaction, audited; whoever acts has to be an active admin in it (RequestError 403).

    The admins are locked by each act: of two decisions the second finds the proposal gone (RequestError 409).
    """

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def list_open(self) -> list[ProposalView]:
        """Those that can still be decided, the oldest first."""
        query = select(RoleProposal).where(RoleProposal.proposed_at > self._clock() - PROPOSAL_TIME)
        async with self._database.reading() as session:
            rows = await session.scalars(query.order_by(RoleProposal.proposed_at, RoleProposal.login))
            return [ProposalView.model_validate(row) for row in rows]

    async def propose_new(self, by: StaffView, login: str, details: Mapping[str, Any]) -> None:
        """Proposes a new account; `details` as in `StaffDetails`. RequestError 409 for a login that is taken, 422."""
        require_login(login)
        known = read_details({"name": "", "role": "agent", **details})
        async with self._database.transaction() as session:
            if await staff_repository.find_by_login(session, login):
                raise RequestError(409, "login_taken", "这个账号已经有人用了")
            await self._propose(session, by, login, None, {}, known)

    async def propose_change(
        self, by: StaffView, staff_id: str, *, work_to: Mapping[WorkKind, str] = NO_CHOICE, **changes: Any
    ) -> None:
        """Proposes a `role`, or reopening an account (`is_active`). RequestError 403 for one's own rights, 409, 422."""
        after = read_details(changes)
        if not after.keys() <= {"role", "is_active"}:
            raise RequestError(422, "no_rights", "这些内容不用确认，直接修改就行")
        async with self._database.transaction() as session:
            staff = await staff_repository.get_staff(session, staff_id)
            before = {field: getattr(staff, field) for field in after}
            if before == after:
                raise RequestError(409, "no_change", "已经是这样了，不用变更")
            await require_takers(session, staff_id, work_to, work_to)
            await self._propose(session, by, staff.login, staff_id, before, after, work_to)

    async def confirm(self, by: StaffView, proposal_id: str) -> str | None:
        """Carries a proposal out; the first password of a new account, None for an admin's and for changes.

        RequestError 403 for who proposed it or is concerned, 409 if it is over or no longer fits.
        """
        password = make_password()
        password_hash = await hash_password(password)
        is_first = await retry_deadlocks(lambda: self._confirm(by, proposal_id, password_hash))
        return password if is_first else None

    async def _confirm(self, by: StaffView, proposal_id: str, password_hash: str) -> bool:
        """Whether somebody new got the password."""
        now = self._clock()
        async with self._database.transaction() as session:
            admins = await self._lock_admins(session, by)
            proposal = await self._take(session, proposal_id)
            _require_second(by, proposal)
            if proposal.proposed_by not in {admin.id for admin in admins}:
                raise RequestError(409, "proposer_left", "提出的人已不是管理员，请拒绝后重新提出")
            after, context = proposal.after, {"by": by.id, "proposed_by": proposal.proposed_by}
            if proposal.staff_id is None:
                await add_member(session, now, proposal.login, password_hash, after, **context)
                return bool(after["role"] != "admin")
            staff = await staff_repository.get_staff(session, proposal.staff_id, is_changed=True)
            if any(getattr(staff, field) != value for field, value in proposal.before.items()):
                raise RequestError(409, "proposal_stale", "提出以后本人的账号又变了，请拒绝后重新提出")
            work_to: Any = proposal.work_to
            await change_member(session, now, staff.id, after, work_to=work_to, is_confirmed=True, **context)
            return False

    async def refuse(self, by: StaffView, proposal_id: str) -> None:
        """Refuses a colleague's proposal, or takes back one's own. RequestError 403 for who is concerned, 409."""
        async with self._database.transaction() as session:
            await self._lock_admins(session, by)
            proposal = await self._take(session, proposal_id)
            is_own = proposal.proposed_by == by.id
            if not is_own:
                _require_second(by, proposal)
            action = "proposal_withdrawn" if is_own else "proposal_refused"
            await record(session, self._clock(), by.id, action, proposal.login, proposed_by=proposal.proposed_by)

    async def _propose(
        self,
        session: AsyncSession,
        by: StaffView,
        login: str,
        staff_id: str | None,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        work_to: Mapping[WorkKind, str] = NO_CHOICE,
    ) -> None:
        now = self._clock()
        if by.id == staff_id:
            raise RequestError(403, "own_rights", "自己的权限要由其他管理员变更")
        admins = await self._lock_admins(session, by)
        others = [admin for admin in admins if admin.id not in (by.id, staff_id)]
        if not others:
            raise RequestError(409, "no_second_admin", ALONE)
        await session.execute(delete(RoleProposal).where(RoleProposal.proposed_at <= now - PROPOSAL_TIME))
        proposal = RoleProposal(
            id=str(uuid.uuid4()),  # never used again: a stale page must not confirm another one
            login=login,
            staff_id=staff_id,
            before=dict(before),
            after=dict(after),
            work_to=dict(work_to),
            proposed_by=by.id,
            proposed_at=now,
        )
        try:
            async with session.begin_nested():
                session.add(proposal)
        except IntegrityError:
            raise RequestError(409, "already_proposed", "这个账号已有一项变更在等确认") from None
        told = {field: value for field, value in after.items() if value not in ("", [])}
        await record(
            session, now, by.id, "rights_proposed", login, changes=list_changes(session, before, told, PERSONAL)
        )
        for admin in others:
            text = f"有一项人员变更等您确认\n{by.name}提出，账号{login}"
            await notifier.add(session, admin.id, f"proposal:{proposal.id}:{admin.id}", text, PATH, now=now)

    async def _lock_admins(self, session: AsyncSession, by: StaffView) -> Sequence[Staff]:
        admins = await staff_repository.lock_active(session, "admin")
        if by.id not in {admin.id for admin in admins}:
            raise RequestError(403, "forbidden", "只有管理员能变更权限")
        return admins

    async def _take(self, session: AsyncSession, proposal_id: str) -> ProposalView:
        """Deletes an open proposal, so that it is decided once; RequestError 409."""
        is_open = RoleProposal.id == proposal_id, RoleProposal.proposed_at > self._clock() - PROPOSAL_TIME
        taken = delete(RoleProposal).where(*is_open).returning(RoleProposal)
        found = (await session.scalars(taken)).one_or_none()
        if found is None:
            raise RequestError(409, "proposal_over", "这项变更已经处理过，或超过7天失效了")
        return ProposalView.model_validate(found)


def find_expiry(proposal: ProposalView) -> datetime:
    """When a proposal ends by itself."""
    return proposal.proposed_at + PROPOSAL_TIME


def _require_second(by: StaffView, proposal: ProposalView) -> None:
    if by.id == proposal.proposed_by:
        raise RequestError(403, "own_proposal", "自己提出的变更要由另一位管理员确认")
    if by.id == proposal.staff_id:
        raise RequestError(403, "own_rights", "关于自己的变更要由其他管理员决定")
