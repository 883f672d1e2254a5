"""The open work of a staff member, and who takes it when they may do it no more."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy.ext.asyncio import AsyncSession

from applications import repository as applications
from conversations import customers
from conversations.handoff.schemas import HandoffView
from conversations.handoff.service import Handoffs
from desk import customer_wording as wording
from desk import staff_repository
from desk.notifications import notifier
from desk.presence import is_present
from desk.roles import Role, may
from desk.schemas import StaffView
from desk.tables import Staff
from desk.wording import RIGHTS_CHANGED
from kit.errors import RequestError

# Customers go with their applications.
WorkKind = Literal["talks", "callbacks", "customers", "reviews"]
WORK_NAMES: dict[WorkKind, str] = {
    "talks": "进行中的会话",
    "callbacks": "答应的回电",
    "customers": "名下的客户",
    "reviews": "审核中的申请",
}
# What becomes of the work that no colleague takes.
LEFT_NAMES: dict[WorkKind, str] = {
    "talks": "放回排队",
    "callbacks": "放回排队",
    "customers": "暂时没有客户经理",
    "reviews": "分给其他主管",
}
_UNITS: dict[WorkKind, str] = {"talks": "个", "callbacks": "个", "customers": "位", "reviews": "笔"}
_PATHS: dict[WorkKind, str] = {"talks": "/", "callbacks": "/", "customers": "/customers", "reviews": "/customers"}
_ONLY_ROLES: dict[WorkKind, Role] = {"customers": "account_manager", "reviews": "supervisor"}
NO_CHOICE: Mapping[WorkKind, str] = {}


def may_take(role: str, kind: WorkKind) -> bool:
    """Whether people with a role do this kind of work."""
    return role == _ONLY_ROLES[kind] if kind in _ONLY_ROLES else may(cast(Role, role), "talk")


def find_lost_work(before: str | None, after: str | None) -> tuple[WorkKind, ...]:
    """The kinds of work somebody may do no more; None: an account that is closed."""
    kept = [kind for kind in WORK_NAMES if after and may_take(after, kind)]
    return tuple(kind for kind in WORK_NAMES if before and kind not in kept)


async def count_open_work(session: AsyncSession, staff_id: str) -> dict[str, int]:
    """How much of each kind somebody has, and how many open `applications`."""
    held = await Handoffs().list_held(session, staff_id)
    calls = sum(handoff.state == "callback" for handoff in held)
    return {
        "talks": len(held) - calls,
        "callbacks": calls,
        "customers": await customers.count_of_manager(session, staff_id),
        "applications": await applications.count_open_of_manager(session, staff_id),
        "reviews": (await applications.count_reviews(session, [staff_id])).get(staff_id, (0,))[0],
    }


def describe_count(kind: WorkKind, counts: Mapping[str, int]) -> str:
    """名下的客户12位、申请3笔; empty if there is nothing."""
    told = f"{WORK_NAMES[kind]}{counts[kind]}{_UNITS[kind]}" if counts[kind] else ""
    if kind == "customers" and counts["applications"]:
        told += f"{'、' if told else ''}申请{counts['applications']}笔"
    return told


async def require_takers(
    session: AsyncSession, staff_id: str, kinds: Collection[WorkKind], to: Mapping[WorkKind, str]
) -> dict[WorkKind, StaffView]:
    """The colleagues who are to take the work; RequestError 422 for one who may not."""
    takers: dict[WorkKind, StaffView] = {}
    for kind in kinds:
        if taker_id := to.get(kind):
            taker = StaffView.model_validate(await staff_repository.get_staff(session, taker_id))
            if taker.id == staff_id or not taker.is_active or not may_take(taker.role, kind):
                raise RequestError(422, "no_taker", f"{taker.name}不能接手{WORK_NAMES[kind]}，请换一位同事")
            takers[kind] = taker
    return takers


async def hand_over(
    session: AsyncSession,
    now: datetime,
    staff: Staff,
    kinds: Collection[WorkKind],
    to: Mapping[WorkKind, str],
    *,
    by: str | None,
) -> list[dict[str, Any]]:
    """Gives the open work of these kinds to the colleagues named by id, or to nobody; what to audit, a kind each.

    A colleague who is not there gets no talks, which return to the queue. RequestError 422 as `require_takers`.
    """
    if not kinds:
        return []
    handed_over: list[dict[str, Any]] = []
    takers = await require_takers(session, staff.id, kinds, to)
    held = await Handoffs().lock_held(session, staff.id)
    for kind in kinds:
        taker = takers.get(kind)
        if kind == "talks" and taker and not is_present(taker, now):
            taker = None
        moved_to = taker.id if taker else None
        more: dict[str, list[str]] = {}
        if kind == "customers":
            ids = await customers.hand_over(session, staff.id, moved_to)
            more["applications"] = await applications.hand_over(session, staff.id, moved_to)
        elif kind == "reviews":
            ids = await applications.hand_over_reviews(session, staff.id, moved_to)
        else:
            moved = [handoff for handoff in held if (handoff.state == "callback") == (kind == "callbacks")]
            for handoff in moved:
                await _hand_over_handoff(session, now, handoff, taker, by)
            ids = [handoff.id for handoff in moved]
        if not ids and not any(more.values()):
            continue
        handed_over.append({"work": kind, "from": staff.id, "to": moved_to, "ids": ids, **more})
        if taker:
            key, text = f"work:{kind}:{staff.id}:{now.isoformat()}", f"{staff.name}的工作转给您\n{WORK_NAMES[kind]}"
            await notifier.add(session, taker.id, key, text, _PATHS[kind], now=now)
    return handed_over


async def _hand_over_handoff(
    session: AsyncSession, now: datetime, handoff: HandoffView, taker: StaffView | None, by: str | None
) -> None:
    handoffs = Handoffs(lambda: now)
    if handoff.state == "callback":
        await handoffs.assign_callback(session, handoff.id, taker.id if taker else None, by=by, note=RIGHTS_CHANGED)
    elif taker is None:
        replies = [wording.REQUEUED] if handoff.state == "active" else []
        await handoffs.requeue(session, handoff.id, by=by, note=RIGHTS_CHANGED, replies=replies)
    elif handoff.state == "active":
        replies = [wording.announce_transfer(taker)]
        await handoffs.transfer(session, handoff.id, taker.id, by=by, note=RIGHTS_CHANGED, replies=replies)
    else:
        await handoffs.assign(session, handoff.id, taker.id, by=by, note=RIGHTS_CHANGED)
