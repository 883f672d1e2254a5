"""The audit log: written in the transaction of the act, read by supervisors."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.schemas import AuditView
from desk.tables import AuditRecord
from kit.database import Database


async def record(
    session: AsyncSession, now: datetime, staff_id: str | None, action: str, subject: str = "", **details: Any
) -> None:
    """Adds an audit record to the act's transaction."""
    values = {"at": now, "staff_id": staff_id, "action": action, "subject": subject, "details": details}
    await session.execute(insert(AuditRecord).values(**values))


class AuditLog:
    """Reads audit records, the newest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_records(
        self, limit: int, before_id: int | None = None, staff_id: str | None = None
    ) -> list[AuditView]:
        """At most `limit` records older than `before_id`, all or one person's."""
        query = select(AuditRecord).order_by(AuditRecord.id.desc()).limit(limit)
        if before_id is not None:
            query = query.where(AuditRecord.id < before_id)
        if staff_id is not None:
            query = query.where(AuditRecord.staff_id == staff_id)
        async with self._database.reading() as session:
            return [AuditView.model_validate(row) for row in await session.scalars(query)]
