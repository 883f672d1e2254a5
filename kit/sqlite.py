"""An SQLite driver with one round trip to the connection's thread for each statement, instead of four.

The thread is aiosqlite's. SQLAlchemy asks it for a cursor, to execute, to fetch and to close; each takes a
tenth of a millisecond, and a turn has some fifteen statements.

While the event loop is busy a trip takes far longer, as thread and loop wait for each other. A transaction that writes
makes only two: to begin, which may wait for the file's lock, and to commit, which may wait for the disk. One that
reads makes one for each query.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self, cast

import aiosqlite

BEGIN_WRITING = "BEGIN IMMEDIATE"


class QuickCursor:
    """A cursor that fetches all rows when it executes; only what SQLAlchemy's adapter needs."""

    arraysize = 1

    def __init__(self, connection: "QuickConnection") -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Iterable[Any] = ()) -> Self:
        """Executes and fetches."""
        await self._connection.run(lambda database: self._take(database.execute(statement, cast(Any, parameters))))
        self._connection.is_writing |= statement == BEGIN_WRITING
        return self

    async def executemany(self, statement: str, parameters: Iterable[Iterable[Any]]) -> Self:
        """Executes for each set of parameters."""
        await self._connection.run(lambda database: self._take(database.executemany(statement, cast(Any, parameters))))
        return self

    async def fetchall(self) -> Sequence[Any]:
        """All rows."""
        return self._rows

    async def close(self) -> None:
        """Does nothing: there is nothing to close."""

    def _take(self, cursor: sqlite3.Cursor) -> None:
        self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
        self._rows = cursor.fetchall() if cursor.description else ()
        cursor.close()


class QuickConnection(aiosqlite.Connection):
    """A connection whose cursors need one round trip to its thread; none while it holds the file's lock."""

    is_writing = False

    async def _connect(self) -> Self:
        try:
            return cast(Self, await super()._connect())
        except BaseException:
            self._thread.join(1)  # aiosqlite only tells it to end: it would come back to a loop that is closed by then
            raise

    def begin_reading(self) -> None:
        """Begins a transaction that reads, which waits for nothing."""
        self._conn.execute("BEGIN")

    def cursor(self) -> Any:
        """A cursor, at once."""
        return QuickCursor(self)

    async def commit(self) -> None:
        """Ends a transaction."""
        await super().commit()
        self.is_writing = False

    async def rollback(self) -> None:
        """Undoes a transaction; the end of one that read waits for nothing."""
        if self.is_writing:
            await super().rollback()
            self.is_writing = False
        else:
            self._conn.rollback()

    async def run(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Runs a function: at once in a transaction that writes, else in the connection's thread."""
        if self.is_writing:
            work(self._conn)
        else:
            await self._execute(work, self._conn)  # type: ignore[no-untyped-call]  # aiosqlite's


def connect(file: str, **options: Any) -> QuickConnection:
    """An opened connection, when awaited; the thread never keeps a process alive."""
    connection = QuickConnection(lambda: sqlite3.connect(file, **options), iter_chunk_size=64)
    connection._thread.daemon = True
    return connection
