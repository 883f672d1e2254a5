"""An outbox: rows to be sent, leased to one process at a time and tried again with growing pauses."""

import random
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Table, bindparam, update
from sqlalchemy.ext.asyncio import AsyncSession

PROBLEM_LENGTH_MAX = 200


class SendError(Exception):
    """A platform did not take what was sent.

    `kind`: `retry` later (not before `retry_after_seconds`), `defer` until the receiver does something, or `permanent`.
    `reason` is a short Chinese sentence for the staff and holds no secret and nothing a customer said.
    `maybe_delivered`: the platform had it and did not confirm.
    """

    def __init__(
        self,
        kind: Literal["retry", "defer", "permanent"],
        reason: str,
        retry_after_seconds: float = 0,
        *,
        maybe_delivered: bool = False,
    ) -> None:
        super().__init__(f"{kind}: {reason}")
        self.kind = kind
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds
        self.maybe_delivered = maybe_delivered


class LeasedRows:
    """The rows of a table with `id`, `state`, `attempts`, `due_at` and `problem`; `pending` ones are to be sent.

    A claim counts an attempt and makes the row due again when its lease ends. Results are written only under the
    attempt they belong to: a sender whose lease has ended cannot overwrite what a later one did.
    """

    def __init__(self, table: Table) -> None:
        is_leased = (
            table.c.id == bindparam("row_id"),
            table.c.attempts == bindparam("lease_attempt"),
            table.c.state == "pending",
        )
        self._change = update(table).where(*is_leased).returning(table.c.id)
        self._claim = (
            update(table)
            .where(table.c.id.in_(bindparam("row_ids", expanding=True)))
            .values(state="pending", attempts=table.c.attempts + 1, due_at=bindparam("lease_end"))
        )
        # Never shortens the pause of a row that was postponed meanwhile.
        self._renew = (
            update(table)
            .where(*is_leased, table.c.due_at < bindparam("lease_end"))
            .values(due_at=bindparam("lease_end"))
        )

    async def claim(self, session: AsyncSession, ids: Collection[int], until: datetime) -> None:
        """Leases rows that the session has locked, by their ids."""
        await session.execute(self._claim, {"row_ids": list(ids), "lease_end": until})

    async def renew(self, session: AsyncSession, leases: Iterable[tuple[int, int]], until: datetime) -> None:
        """Keeps leases, each given as id and attempt."""
        kept = [{"row_id": row_id, "lease_attempt": attempt, "lease_end": until} for row_id, attempt in leases]
        if kept:
            await session.execute(self._renew, kept)

    async def change(self, session: AsyncSession, row_id: int, attempt: int, **values: Any) -> bool:
        """Writes a result; false when the lease has passed to another sender."""
        if values.get("problem"):
            values["problem"] = values["problem"][:PROBLEM_LENGTH_MAX]
        changed = await session.execute(self._change.values(**values), {"row_id": row_id, "lease_attempt": attempt})
        return changed.first() is not None


def compute_pause(attempt: int, *, first_seconds: float, factor: float, seconds_max: float) -> float:
    """Seconds until the next try after so many: growing, and spread so that not all come back at once."""
    return min(seconds_max, first_seconds * factor ** (attempt - 1)) * random.uniform(0.5, 1.0)  # noqa: S311 (spread)
