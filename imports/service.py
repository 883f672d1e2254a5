"""Dry run and import of a table into a target: all rows or none, and only what the dry run has shown.

The work on the file is done in a thread, so that the process stays responsive; `Progress` tells how far it is.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from imports.plan import Check, Plan, PlannedRow, make_plan
from imports.reading import Table, read_table
from kit.database import Database
from kit.errors import RequestError

log = logging.getLogger(__name__)

RowT = TypeVar("RowT", bound=BaseModel)
CHANGED = "预览以后数据有变化，没有导入；请看过新的预览再导入"


class ImportCancelled(Exception):
    """The import was cancelled; nothing has changed."""


class Progress:
    """How far an import is: `done` of `total` rows; total is 0 while that is unknown. Any thread may cancel it."""

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Stops the work at its next step."""
        self._cancelled.set()

    def begin(self, total: int = 0) -> None:
        """Starts to count a new stretch of work."""
        self.done, self.total = 0, total

    def advance(self, done: int) -> None:
        """Notes how many rows are done; raises ImportCancelled after `cancel`."""
        if self._cancelled.is_set():
            raise ImportCancelled
        self.done = done


class ImportTarget(Protocol[RowT]):
    """What a table is imported into.

    `model` declares the columns, `key` is the field that tells its rows apart.
    """

    model: type[RowT]
    key: str

    async def load(self, session: AsyncSession) -> Mapping[str, RowT]:
        """What is there, by key; in the transaction of an import, it locks what must not change until its end."""

    def make_check(self, rows: Sequence[RowT]) -> Check[RowT]:
        """Says what is wrong with a row that would change something, one of these of its file.

        Called after `load`, from another thread.
        """

    async def apply(self, session: AsyncSession, rows: Sequence[PlannedRow[RowT]], progress: Progress) -> None:
        """Writes the rows, advancing the progress."""


class Imports:
    """Imports tables into the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def dry_run(self, content: bytes | Table, target: ImportTarget[RowT], progress: Progress) -> Plan[RowT]:
        """What the file would do; nothing changes. RequestError 413, 415 or 422 for a file that cannot be read."""
        table = await _read(content, progress)
        async with self._database.reading() as session:
            existing = await target.load(session)
        return await _plan(table, target, existing, progress)

    async def commit(
        self, content: bytes | Table, token: str, target: ImportTarget[RowT], progress: Progress
    ) -> Plan[RowT]:
        """Does what the dry run with this token has shown, in one transaction; once it is done, again does nothing.

        RequestError 409 if it would do something else by now, 422 if a row is wrong.
        """
        table = await _read(content, progress)
        async with self._database.transaction() as session:
            plan = await _plan(table, target, await target.load(session), progress)
            if plan.problems:
                raise RequestError(409 if plan.token != token else 422, "rows_wrong", _count_problems(plan))
            if not plan.todo:
                return plan
            if plan.token != token:
                raise RequestError(409, "data_changed", CHANGED)
            progress.begin(len(plan.todo))
            await target.apply(session, plan.todo, progress)
            progress.advance(len(plan.todo))
        log.info("imported a table: %d rows", len(plan.todo))
        return plan


async def _read(content: bytes | Table, progress: Progress) -> Table:
    progress.begin()
    if isinstance(content, Table):
        return content
    return await _in_thread(lambda: read_table(content, progress.advance), progress)


async def _plan(
    table: Table, target: ImportTarget[RowT], existing: Mapping[str, RowT], progress: Progress
) -> Plan[RowT]:
    progress.begin(len(table.rows))

    def plan() -> Plan[RowT]:
        return make_plan(table, target.model, target.key, existing, target.make_check, progress.advance)

    return await _in_thread(plan, progress)


_Result = TypeVar("_Result")


async def _in_thread(work: Callable[[], _Result], progress: Progress) -> _Result:
    try:
        return await asyncio.to_thread(work)
    except asyncio.CancelledError:
        progress.cancel()  # a thread cannot be stopped from outside
        raise


def _count_problems(plan: Plan[RowT]) -> str:
    wrong = plan.counts["wrong"]
    return f"有{wrong}行有错，一行都没有导入：{plan.problems[0]}"
