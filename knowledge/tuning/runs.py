"""The tunings there were, and the one that runs: kept so that every page shows how far it is."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import RequestError
from kit.locks import lock_name
from knowledge.tables import TuningRun
from knowledge.tuning.schemas import EncoderMetrics

Outcome = Literal["drafted", "not_better", "failed"]
# Whoever tunes tells of it more often; a process that is silent for so long was stopped.
LIVE = timedelta(seconds=60)
PROBLEM_MAX = 500


class TuningView(BaseModel):
    """See knowledge.tables.TuningRun."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: str
    started_by: str
    started_at: datetime
    seen_at: datetime
    stage: str
    share: float
    questions: int
    outcome: Outcome | None
    problem: str
    before: EncoderMetrics | None
    after: EncoderMetrics | None

    def is_running(self, now: datetime) -> bool:
        """Whether somebody works at it."""
        return self.outcome is None and now - self.seen_at < LIVE

    def estimate_left(self, now: datetime) -> timedelta | None:
        """How long it takes yet; None before that can be told."""
        if self.share < 0.05:
            return None
        return (now - self.started_at) * (1 / self.share - 1)


async def require_idle(session: AsyncSession, now: datetime) -> None:
    """RequestError 409 while one runs: there is one machine."""
    if any(run.is_running(now) for run in await list_runs(session, 1)):
        raise RequestError(409, "tuning", "已经有一次优化在进行，请等它结束")


async def begin(session: AsyncSession, by: str, now: datetime) -> str:
    """Notes that a tuning begins; its id. RequestError as `require_idle`."""
    await lock_name(session, "tuning")
    await require_idle(session, now)
    run = TuningRun(
        id=str(uuid4()),
        started_by=by,
        started_at=now,
        seen_at=now,
        stage="",
        share=0.0,
        questions=0,
        problem="",
    )
    session.add(run)
    await session.flush()
    return run.id


async def tell(session: AsyncSession, run_id: str, stage: str, share: float, now: datetime) -> None:
    """Notes how far it is, and that it is alive."""
    if run := await session.get(TuningRun, run_id):
        run.stage, run.share, run.seen_at = stage, share, now


async def end(
    session: AsyncSession,
    run_id: str,
    outcome: Outcome,
    questions: int,
    now: datetime,
    metrics: tuple[EncoderMetrics, EncoderMetrics] | None = None,
    problem: str = "",
) -> None:
    """Notes what came of it with so many questions: the metrics before and after, or what went wrong."""
    if run := await session.get(TuningRun, run_id):
        run.outcome, run.questions, run.seen_at, run.problem = outcome, questions, now, problem[:PROBLEM_MAX]
        if metrics:
            run.before, run.after = (each.model_dump() for each in metrics)


async def list_runs(session: AsyncSession, limit: int) -> list[TuningView]:
    """The last ones, the newest first."""
    rows = await session.scalars(select(TuningRun).order_by(TuningRun.started_at.desc()).limit(limit))
    return [TuningView.model_validate(row) for row in rows]
