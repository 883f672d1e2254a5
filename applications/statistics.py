"""What the lending report needs to know of each application of a period; nothing of its applicant is read."""

from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from applications.stages import ApplicationKind, Stage
from applications.tables import Application, ApplicationStep


class StepFacts(NamedTuple):
    """A step into a stage."""

    stage: Stage
    at: datetime


class ApplicationFacts(NamedTuple):
    """An application with the steps it has taken, the first one its submission; `amount` in yuan."""

    id: str
    kind: ApplicationKind
    conversation_id: str
    product: str
    amount: int
    region: str
    manager_id: str | None
    stage: Stage
    due_at: datetime | None
    created_at: datetime
    steps: tuple[StepFacts, ...]


async def list_facts(session: AsyncSession, since: datetime, until: datetime) -> list[ApplicationFacts]:
    """Those submitted from `since` until before `until`, in the order of their submission."""
    is_submitted = Application.created_at >= since, Application.created_at < until
    of_steps = select(ApplicationStep.application_id, ApplicationStep.stage, ApplicationStep.at).join(
        Application, Application.id == ApplicationStep.application_id
    )
    in_order = of_steps.where(*is_submitted).order_by(ApplicationStep.application_id, ApplicationStep.id)
    taken = groupby(await session.execute(in_order), key=lambda row: row.application_id)
    steps = {key: tuple(StepFacts(row.stage, row.at) for row in rows) for key, rows in taken}
    columns = select(
        Application.id,
        Application.kind,
        Application.conversation_id,
        Application.product,
        Application.amount,
        Application.region,
        Application.manager_id,
        Application.stage,
        Application.due_at,
        Application.created_at,
    )
    rows = await session.execute(columns.where(*is_submitted).order_by(Application.created_at, Application.id))
    return [ApplicationFacts(**row._mapping, steps=steps.get(row.id, ())) for row in rows]
