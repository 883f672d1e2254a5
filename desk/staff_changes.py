"""Adding and changing staff inside the caller's transaction: who may, what it ends, and its audit record.

Locks are taken in one order, or two acts would wait for each other: staff, conversations with their handoffs,
customers, applications, and last the end of the audit log's chain, which every act waits for.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from desk import staff_repository
from desk.audit import list_changes, record
from desk.open_work import NO_CHOICE, WorkKind, find_lost_work, hand_over
from desk.staff_details import FIELD_NAMES
from desk.tables import Staff
from kit.errors import RequestError

# What records hold as hashes.
PERSONAL = frozenset({"name", "phone", "email", "wecom_id"})
ADMINS_MIN = 2


async def add_member(
    session: AsyncSession,
    now: datetime,
    login: str,
    password_hash: str,
    details: Mapping[str, Any],
    *,
    by: str | None,
    **context: str,
) -> Staff:
    """Adds a staff member; RequestError 409 for a login that is taken. `context` goes into the audit record."""
    staff = Staff(id=str(uuid.uuid4()), login=login, password_hash=password_hash, created_at=now, **details)
    try:
        async with session.begin_nested():
            session.add(staff)
    except IntegrityError:
        raise RequestError(409, "login_taken", "这个账号已经有人用了") from None
    told = {field: value for field in FIELD_NAMES if (value := getattr(staff, field)) not in ("", [])}
    await record(session, now, by, "staff_added", login, changes=list_changes(session, {}, told, PERSONAL), **context)
    return staff


async def change_member(
    session: AsyncSession,
    now: datetime,
    staff_id: str,
    details: Mapping[str, Any],
    *,
    by: str | None,
    work_to: Mapping[WorkKind, str] = NO_CHOICE,
    is_confirmed: bool = False,
    **context: str,
) -> Staff:
    """Changes fields of `StaffDetails`; deactivating somebody signs them out everywhere.

    Work they may do no more goes to who is named in `work_to`. Rights are given by the operator (`by` None) or by two
    admins (`is_confirmed`). RequestError 403 else, 409 if too few admins would be left, 422 as `hand_over`.
    """
    has_rights = {"role", "is_active"} & details.keys()
    admins = await staff_repository.lock_active(session, "admin") if has_rights else []
    staff = await staff_repository.get_staff(session, staff_id, is_changed=True)
    before = {field: getattr(staff, field) for field in details}
    changed = {field: value for field, value in details.items() if before[field] != value}
    if by is not None and not is_confirmed and ("role" in changed or changed.get("is_active")):
        raise RequestError(403, "two_persons", "角色和启用要由另一位管理员确认")
    lost = find_lost_work(staff.role if staff.is_active else None, _read_role(staff, details))
    for field, value in changed.items():
        setattr(staff, field, value)
    if has_rights:
        _require_admins(admins, staff, by)
    if not staff.is_active:
        await staff_repository.end_sessions(session, staff_id)
    await session.flush()
    handed_over = await hand_over(session, now, staff, lost, work_to, by=by)
    if changed:
        changes = list_changes(session, before, changed, PERSONAL)
        await record(session, now, by, "staff_changed", staff.login, changes=changes, **context)
    for details_of_kind in handed_over:
        await record(session, now, by, "work_handed_over", staff.login, **details_of_kind)
    return staff


def _read_role(staff: Staff, details: Mapping[str, Any]) -> str | None:
    """The role they will have; None once the account is closed."""
    return details.get("role", staff.role) if details.get("is_active", staff.is_active) else None


def _require_admins(admins: Sequence[Staff], staff: Staff, by: str | None) -> None:
    """`admins`: those who were active before the change."""
    if staff.role == "admin" and staff.is_active:
        return
    left = [admin for admin in admins if admin.id != staff.id]
    if len(left) == len(admins):
        return
    if not left:
        raise RequestError(409, "last_admin", "至少要保留一位在用的管理员")
    if by == staff.id and len(left) < ADMINS_MIN:
        raise RequestError(409, "too_few_admins", f"停用自己以后管理员不足{ADMINS_MIN}位，请先再添加一位管理员")
