"""A process that does a day's run over two cases at a time, and dies amid the second transaction as in a power cut."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from datetime import datetime
from unittest.mock import patch

from sqlalchemy.ext.asyncio import AsyncSession

from early_warning import repository, worker
from early_warning.repository import FoundWarning
from kit.database import Database
from tests.vaults import VAULT

AT_ONCE = 2
KEPT_MAX = 1  # transactions


async def run(database_url: str, now: datetime) -> None:
    """Never returns: the process is killed before."""
    keep, kept = repository.keep_warnings, 0

    async def keep_and_die(session: AsyncSession, found: Sequence[FoundWarning], seen_at: datetime) -> None:
        nonlocal kept
        await keep(session, found, seen_at)
        if kept == KEPT_MAX:
            os.kill(os.getpid(), signal.SIGKILL)
        kept += 1

    database = Database(database_url, VAULT)
    with patch.object(worker, "CASES_AT_ONCE", AT_ONCE), patch.object(repository, "keep_warnings", keep_and_die):
        await worker.EarlyWarningWorker(database, lambda: now).look()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], datetime.fromisoformat(sys.argv[2])))
