"""Notices to customers about their applications: an outbox, in which a notice stands once with the step it tells of."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from applications.schemas import ManagedApplication, StepView
from applications.tables import Application, ApplicationNotice, ApplicationStep
from kit.outbox import LeasedRows
from kit.upserts import insert_into
from kit.working_time import find_waking

# `step`: it was taken. `late`: whoever is responsible is late. `remind`: something is still the customer's to do.
NoticeKind = Literal["step", "late", "remind"]
LEASED = LeasedRows(ApplicationNotice.metadata.tables[ApplicationNotice.__tablename__])


class DueNotice(NamedTuple):
    """A leased notice to send now, with the step it tells of, and the application as it is now."""

    id: int
    attempt: int
    kind: NoticeKind
    step: StepView
    application: ManagedApplication

    @property
    def is_over(self) -> bool:
        """Whether the application has moved on: a newer notice tells where it stands, or the customer did it."""
        return self.application.changed_at != self.step.at


async def add_notice(session: AsyncSession, step_id: int, kind: NoticeKind, now: datetime) -> None:
    """Queues a notice in the caller's transaction, unless there is one of this kind about the step."""
    values = {
        "step_id": step_id,
        "kind": kind,
        "state": "pending",
        "attempts": 0,
        "due_at": find_waking(now),
        "created_at": now,
    }
    added = insert_into(session, ApplicationNotice).values(values)
    await session.execute(added.on_conflict_do_nothing(index_elements=["step_id", "kind"]))


async def has_due(session: AsyncSession, now: datetime) -> bool:
    """Whether there is something to send."""
    return bool(await session.scalar(select(exists().where(*_is_due(now)))))


async def claim_due(session: AsyncSession, now: datetime, until: datetime, limit: int) -> list[DueNotice]:
    """Leases notices that are due, the oldest first; of an application one at a time, and none at night."""
    if find_waking(now) > now:
        return []
    earlier, its_step = aliased(ApplicationNotice), aliased(ApplicationStep)
    is_before = earlier.state == "pending", earlier.id < ApplicationNotice.id
    of_the_same = its_step.application_id == ApplicationStep.application_id
    waits = exists().where(*is_before, its_step.id == earlier.step_id, of_the_same)
    query = (
        select(ApplicationNotice, ApplicationStep, Application)
        .join(ApplicationStep, ApplicationStep.id == ApplicationNotice.step_id)
        .join(Application, Application.id == ApplicationStep.application_id)
        .where(*_is_due(now), ~waits)
        .order_by(ApplicationNotice.id)
        .limit(limit)
        .with_for_update(of=ApplicationNotice, skip_locked=True)
    )
    rows = (await session.execute(query)).all()
    await LEASED.claim(session, [notice.id for notice, _, _ in rows], until)
    return [
        DueNotice(
            notice.id,
            notice.attempts + 1,
            notice.kind,
            StepView.model_validate(step),
            ManagedApplication.model_validate(application),
        )
        for notice, step, application in rows
    ]


async def list_untold(session: AsyncSession, application_ids: Collection[str]) -> set[str]:
    """The applications whose customers nothing reached: their account manager is to call them."""
    query = (
        select(ApplicationStep.application_id)
        .join(ApplicationNotice, ApplicationNotice.step_id == ApplicationStep.id)
        .where(ApplicationStep.application_id.in_(application_ids), ApplicationNotice.state == "task")
    )
    return set(await session.scalars(query))


async def mark_called(session: AsyncSession, application_id: str) -> None:
    """Staff have told the customer of all that was to be told."""
    steps = select(ApplicationStep.id).where(ApplicationStep.application_id == application_id)
    is_task = ApplicationNotice.step_id.in_(steps), ApplicationNotice.state == "task"
    await session.execute(update(ApplicationNotice).where(*is_task).values(state="called"))


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return ApplicationNotice.state == "pending", ApplicationNotice.due_at <= now
