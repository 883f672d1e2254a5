"""Tunings of the encoder as the page shows them: begun by an editor, run by a process of their own."""

import asyncio
import shlex
import sys
from collections.abc import Awaitable, Callable, Sequence

from desk.encoder_drafts import DRAFT_WAITS, EncoderDrafts
from desk.schemas import StaffView
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.settings import ROOT
from knowledge.tuning import runs
from revisions import rules

SHOWN = 10
Start = Callable[[str], Awaitable[None]]


async def start_process(login: str) -> None:
    """Runs `python -m knowledge tune` beside this process, which may end meanwhile; it writes to var/tuning.log."""
    command = shlex.join([sys.executable, "-m", "knowledge", "tune", "--by", login])
    command = f"mkdir -p var && exec {command} >>var/tuning.log 2>&1"
    await asyncio.create_subprocess_shell(command, cwd=ROOT, start_new_session=True)


class Tunings:
    """`start` runs one in the name of a login; it notes itself how it goes."""

    def __init__(
        self, drafts: EncoderDrafts, database: Database, clock: Clock = read_clock, start: Start = start_process
    ) -> None:
        self._drafts = drafts
        self._database = database
        self._clock = clock
        self._start = start

    async def list_all(self, staff: StaffView) -> Sequence[runs.TuningView]:
        """The last ones, the newest first."""
        self._drafts.require(staff, "view")
        async with self._database.reading() as session:
            return await runs.list_runs(session, SHOWN)

    async def begin(self, staff: StaffView) -> None:
        """Starts one; RequestError as `require_free`."""
        await self.require_free(staff)
        await self._start(staff.login)

    async def require_free(self, staff: StaffView) -> None:
        """RequestError 403, or 409 while another one runs, or a draft waits whose place the next one would take."""
        self._drafts.require(staff, "draft")
        async with self._database.reading() as session:
            await runs.require_idle(session, self._clock())
        if rules.find_draft(await self._drafts.list_versions(staff)):
            raise RequestError(409, "draft_open", DRAFT_WAITS)
