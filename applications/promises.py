"""The clock's view of applications: which of them somebody is late with, each alert taken once; what puts it off."""

from datetime import datetime, time

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from applications.schemas import ManagedApplication
from applications.tables import Application, ApplicationStep
from kit.clock import CHINA
from kit.errors import RequestError


async def list_to_check(session: AsyncSession, now: datetime, limit: int) -> list[ManagedApplication]:
    """Applications whose clock has run out, the longest first."""
    query = select(Application).where(Application.check_at <= now).order_by(Application.check_at).limit(limit)
    return [ManagedApplication.model_validate(row) for row in await session.scalars(query)]


async def take_alert(session: AsyncSession, seen: ManagedApplication, check_at: datetime) -> int | None:
    """Counts an alert and sets when the clock looks again; None if the application moved on or another process did it.

    Otherwise the id of the step that set the deadline.
    """
    is_as_seen = (
        Application.id == seen.id,
        Application.stage == seen.stage,
        Application.changed_at == seen.changed_at,
        Application.alerts == seen.alerts,
    )
    taken = update(Application).where(*is_as_seen).values(alerts=seen.alerts + 1, check_at=check_at)
    if await session.scalar(taken.returning(Application.id)) is None:
        return None
    newest = select(ApplicationStep.id).where(ApplicationStep.application_id == seen.id)
    step_id = await session.scalar(newest.order_by(ApplicationStep.id.desc()).limit(1))
    if step_id is None:
        raise RequestError(404, "no_steps", "这笔申请没有办理经过")
    return step_id


async def await_visit(session: AsyncSession, application_id: str, starts_at: datetime) -> None:
    """An application in stage `visit` is not due before the day is over that its customer chose for the visit."""
    day_end = datetime.combine(starts_at.astimezone(CHINA).date(), time(23, 59), CHINA)
    is_earlier = Application.id == application_id, Application.stage == "visit", Application.due_at < day_end
    await session.execute(update(Application).where(*is_earlier).values(due_at=day_end, check_at=day_end))
