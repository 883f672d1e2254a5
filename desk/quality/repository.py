"""Queries on quality checks; every function works inside the caller's transaction."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.handoff.schemas import HandoffView
from desk.quality.schemas import CheckState, CheckView
from desk.quality.sheets import find_sheet_day
from desk.tables import QualityCheck
from kit.clock import CHINA
from kit.errors import RequestError
from kit.upserts import insert_into


async def add_checks(
    session: AsyncSession, handoffs: Sequence[HandoffView], sample_id: str, checker_id: str, now: datetime
) -> list[str]:
    """Opens a check of each talk that nobody else is checking; gives their ids."""
    added: list[str] = []
    for handoff in handoffs:
        values = {
            "id": str(uuid.uuid4()),
            "sample_id": sample_id,
            "handoff_id": handoff.id,
            "conversation_id": handoff.conversation_id,
            "agent_id": handoff.agent_id,
            "checker_id": checker_id,
            "state": "open",
            "sheet_day": find_sheet_day(now.astimezone(CHINA).date()),
            "talked_at": handoff.ended_at,
            "drawn_at": now,
        }
        row = insert_into(session, QualityCheck).values(values).on_conflict_do_nothing().returning(QualityCheck.id)
        added += filter(None, [await session.scalar(row)])
    return added


async def take_check(session: AsyncSession, check_id: str) -> QualityCheck:
    """A check, locked until the transaction ends; RequestError 404."""
    query = select(QualityCheck).where(QualityCheck.id == check_id).with_for_update()
    found = await session.scalar(query)
    if found is None:
        raise RequestError(404, "no_check", "没有这份质检，可能已经不查了")
    return found


async def find_open(session: AsyncSession, handoff_id: str) -> QualityCheck | None:
    """The check under way of a talk."""
    return await session.scalar(
        select(QualityCheck).where(QualityCheck.handoff_id == handoff_id, QualityCheck.state == "open")
    )


async def list_checks(
    session: AsyncSession, *conditions: ColumnElement[bool], limit: int, order: Any = None
) -> list[CheckView]:
    """Checks that meet the conditions, the last drawn first unless ordered otherwise."""
    ordered = (QualityCheck.drawn_at.desc(), QualityCheck.id) if order is None else (order, QualityCheck.id)
    query = select(QualityCheck).where(*conditions).order_by(*ordered).limit(limit)
    return [CheckView.model_validate(row) for row in await session.scalars(query)]


async def list_checked(session: AsyncSession, since: datetime, states: Collection[CheckState]) -> set[str]:
    """The ids of talks of which a check that was drawn since a moment is in one of the states."""
    query = select(QualityCheck.handoff_id).where(QualityCheck.drawn_at >= since, QualityCheck.state.in_(states))
    return set(await session.scalars(query))


async def count_checks(session: AsyncSession, states: Collection[CheckState], *conditions: ColumnElement[bool]) -> int:
    """How many are in one of the states."""
    query = select(func.count()).select_from(QualityCheck).where(QualityCheck.state.in_(states), *conditions)
    return await session.scalar(query) or 0
