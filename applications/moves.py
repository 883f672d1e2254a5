"""Moves applications through their stages: one function for staff, the bank's core, customers and the clock."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from applications.notices import add_notice
from applications.schemas import Move
from applications.stages import STAGE_NAMES, Actor, deadline, find_actor, find_reminder, require_reason
from applications.tables import Application, ApplicationStep
from kit.errors import RequestError
from kit.security import hash_content
from kit.working_time import OfficeHours

CONFLICT = "idempotency_conflict"


async def move(
    session: AsyncSession,
    application_id: str,
    change: Move,
    actors: Sequence[Actor],
    *,
    now: datetime,
    hours: OfficeHours,
    by: str | None = None,
    key: str | None = None,
) -> ApplicationStep:
    """Takes a step as one of the `actors`, in the caller's transaction; the customer's notice goes with it.

    `by` is the staff member. The same key with the same content returns the step that was taken. RequestError 404,
    409 when somebody else moved it since or the key was used for something else, 403 and 422 for a step that the
    process does not allow.
    """
    request_hash = hash_content([application_id, change.model_dump(mode="json")])
    if taken := await _find_taken(session, key, request_hash):
        return taken
    row = await session.get(Application, application_id)
    if row is None:
        raise RequestError(404, "no_such_application", "没有这笔申请")
    actor = find_actor(change.expected, change.stage, actors, row.kind)
    _require_core_agrees(row, change, actor)
    require_reason(change.stage, change.reason_class)
    _require_items(change)
    due_at = deadline(change.stage, now, hours)
    values: dict[str, Any] = {
        "stage": change.stage,
        "reason_class": change.reason_class,
        "reason": change.reason,
        "items": list(change.items),
        "due_at": due_at,
        "check_at": find_reminder(change.stage, now, hours) or due_at,
        "alerts": 0,
        "changed_at": now,
    }
    if actor != "customer":
        values["acted_at"] = func.coalesce(Application.acted_at, now)
    is_as_seen = Application.id == application_id, Application.stage == change.expected
    if await session.scalar(update(Application).where(*is_as_seen).values(values).returning(Application.id)) is None:
        await session.refresh(row)
        if taken := await _find_taken(session, key, request_hash):  # at the same moment
            return taken
        raise RequestError(409, "application_moved_on", f"这笔申请刚被改成“{STAGE_NAMES[row.stage]}”，请看过再改")
    step = ApplicationStep(
        application_id=application_id,
        before=change.expected,
        stage=change.stage,
        actor=actor,
        actor_id=by,
        reason_class=change.reason_class,
        reason=change.reason,
        items=list(change.items),
        idempotency_key=key,
        request_hash=request_hash,
        due_at=due_at,
        at=now,
    )
    session.add(step)
    try:
        await session.flush()
    except IntegrityError:
        raise RequestError(409, CONFLICT, "this key was used for another application") from None
    await session.refresh(row)
    if actor != "customer":  # the customer sees the result of their own act at once
        await add_notice(session, step.id, "step", now)
    return step


async def _find_taken(session: AsyncSession, key: str | None, request_hash: str) -> ApplicationStep | None:
    """The step that was taken under a key; RequestError 409 if the content differs."""
    if key is None:
        return None
    found = await session.scalar(select(ApplicationStep).where(ApplicationStep.idempotency_key == key))
    if found is not None and found.request_hash != request_hash:
        raise RequestError(409, CONFLICT, "this key was used for another step")
    return found


def _require_core_agrees(row: Application, change: Move, actor: Actor) -> None:
    """Money that the core was asked for and may pay out at any moment is refused there, by whoever refuses it."""
    is_asked_for = row.kind == "drawdown" and row.core_state == "sent"
    if is_asked_for and actor != "bank_core" and change.stage in ("declined", "withdrawn"):
        raise RequestError(409, "core_has_it", "贷款系统已经受理这笔用款，请先在贷款系统里撤销，撤销后这里会跟着变")


def _require_items(change: Move) -> None:
    if (change.stage == "incomplete") != bool(change.items):
        reason = "要说明缺哪几项" if change.stage == "incomplete" else "只有退回补材料时才列出缺的项目"
        raise RequestError(422, "items_needed" if change.stage == "incomplete" else "items_not_allowed", reason)
