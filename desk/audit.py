"""The audit log: written in the transaction of the act, chained by hashes, read by supervisors."""

from collections.abc import AsyncIterator, Mapping, Sequence, Set
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.handoff.schemas import HandoffView
from desk.schemas import AuditView
from desk.tables import AuditRecord
from kit.append_only import chain, lock_chain, read_rows, verify
from kit.clock import CHINA
from kit.database import Database
from kit.encrypted import read_vault

CHAINED = ("at", "staff_id", "action", "subject", "details")
_CHAIN_LOCK = 4_201_011
_HASH_LENGTH = 16
# Where the request or socket comes from whose work this is; the guard sets it.
address_of_act: ContextVar[str] = ContextVar("address_of_act", default="")


async def record(
    session: AsyncSession, now: datetime, staff_id: str | None, action: str, subject: str = "", **details: Any
) -> None:
    """Adds an audit record to the act's transaction, with the address it was done from.

    It holds ids and, of personal data, hashes (`hash_value`), so that what is erased is not kept here.
    """
    await record_all(session, now, staff_id, action, [(subject, details)])


async def record_all(
    session: AsyncSession, now: datetime, staff_id: str | None, action: str, acts: Sequence[tuple[str, dict[str, Any]]]
) -> None:
    """As `record`, for one action on several subjects, each with its details."""
    address = address_of_act.get()
    where = {"address": address} if address else {}
    await lock_chain(session, _CHAIN_LOCK)
    last = await session.scalar(select(AuditRecord.hash).order_by(AuditRecord.id.desc()).limit(1)) or ""
    vault, rows = read_vault(session.get_bind().dialect), []
    for subject, details in acts:
        values = {"at": now, "staff_id": staff_id, "action": action, "subject": subject, "details": where | details}
        last = chain(vault, last, values, CHAINED)
        rows.append({**values, "hash": last})
    if rows:
        await session.execute(insert(AuditRecord), rows)


def hash_value(session: AsyncSession, value: object) -> str:
    """What a record holds of personal data: `#` and 16 digits of a hash by the vault's key; empty for nothing."""
    if value in (None, ""):
        return ""
    return f"#{read_vault(session.get_bind().dialect).digest(f'audit:{value}')[:_HASH_LENGTH]}"


async def record_move(
    session: AsyncSession, now: datetime, staff_id: str, action: str, before: HandoffView, after: HandoffView
) -> HandoffView:
    """Records what an act changed about a handoff; returns it as it is after."""
    fields = {"state", "agent_id", "callback_phone", "disposition"}
    values = before.model_dump(include=fields), after.model_dump(include=fields)
    changes = list_changes(session, *values, {"callback_phone"})
    await record(session, now, staff_id, action, before.id, changes=changes)
    return after


def list_changes(
    session: AsyncSession, before: Mapping[str, Any], after: Mapping[str, Any], personal: Set[str] = frozenset()
) -> dict[str, list[Any]]:
    """The fields that differ, each with its old and new value; of `personal` fields the hashes."""
    changes: dict[str, list[Any]] = {}
    for field, value in after.items():
        if before.get(field) != value:
            pair = [before.get(field), value]
            changes[field] = [hash_value(session, each) for each in pair] if field in personal else pair
    return changes


class AuditLog:
    """Reads audit records, the newest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_records(
        self,
        limit: int,
        before_id: int | None = None,
        staff_id: str | None = None,
        action: str | None = None,
        day: date | None = None,
    ) -> list[AuditView]:
        """At most `limit` records older than `before_id`: all, or one person's, of one action, of one day in China."""
        query = select(AuditRecord).order_by(AuditRecord.id.desc()).limit(limit)
        if before_id is not None:
            query = query.where(AuditRecord.id < before_id)
        if staff_id is not None:
            query = query.where(AuditRecord.staff_id == staff_id)
        if action is not None:
            query = query.where(AuditRecord.action == action)
        if day is not None:
            begin = datetime.combine(day, time(), CHINA)
            query = query.where(AuditRecord.at >= begin, AuditRecord.at < begin + timedelta(days=1))
        async with self._database.reading() as session:
            return [AuditView.model_validate(row) for row in await session.scalars(query)]

    def read_from(self, after_id: int = 0) -> AsyncIterator[AuditView]:
        """All records with a greater id, the oldest first."""
        return read_rows(self._database, AuditRecord, AuditView, after_id)

    async def verify(self) -> tuple[int, str, int | None]:
        """See kit/append_only.py."""
        return await verify(read_vault(self._database.engine.dialect), self.read_from(), CHAINED)
