"""Tells staff what waits for them in `staff_notices`: each notice once, by the first way that works, in time."""

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from desk.notices.way import NotTold, Way
from desk.tables import Staff, StaffNotice
from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.security import mask_personal_data

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
SENDING_AT_ONCE = 8
SEND_SECONDS = 20.0  # by one way
# A process that says nothing for so long is gone, and the notice is told by another; longer than all ways may take.
SENDER_PATIENCE = timedelta(seconds=60)
ATTEMPTS_MAX = 5
EXPIRY = timedelta(hours=24)
PROBLEM_TIME = timedelta(days=7)
PAUSE_SECONDS = 10.0  # after the first try; three times as long after each further one
# A way that works again so soon is waited for; else the next one tells it.
WAIT_SECONDS_MAX = 120.0
PROBLEM_LENGTH_MAX = 200
NOTICES_MAX = 5  # more at once would only be closed
NO_WAY = "没有可用的通知方式"
NOT_ACTIVE = "账号已停用"
TOO_LATE = "超过24小时未能通知"
BROKEN = "系统故障"


@dataclass(frozen=True, slots=True)
class NoticeView:
    """Something a member of staff is told of; `path` is a page of the desk."""

    id: int
    text: str
    path: str


@dataclass(frozen=True, slots=True)
class NoticeProblem:
    """Somebody who was not told of something (yet): who, what, when and why."""

    staff_name: str
    text: str
    created_at: datetime
    state: str
    problem: str


async def add(
    session: AsyncSession, staff_id: str, key: str, text: str, path: str = "", *, now: datetime | None = None
) -> None:
    """Queues a notice in the caller's transaction; nothing happens when the key (at most 100 characters) is known.

    The text's first line is its headline; personal numbers in it are masked. `path` is a page of the desk (`/…`).
    """
    now = now or read_clock()
    notice = {
        "staff_id": staff_id,
        "key": key,
        "text": mask_personal_data(text),
        "path": path,
        "state": "waiting",
        "attempts": 0,
        "due_at": now,
        "created_at": now,
    }
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert(StaffNotice) if is_sqlite else postgresql.insert(StaffNotice)
    await session.execute(insert.values(notice).on_conflict_do_nothing(index_elements=["key"]))


class Notifier:
    """Every desk process may run one."""

    def __init__(
        self, database: Database, ways: Sequence[Way], desk_public_url: str, clock: Clock = read_clock
    ) -> None:
        """`ways` in the order in which they are tried; notices link to `desk_public_url`."""
        self._database = database
        self._ways = ways
        self._desk_url = desk_public_url.rstrip("/")
        self._clock = clock

    async def run(self) -> None:
        """Tells what is due until cancelled."""
        await repeat(self.tell_due, seconds=LOOK_SECONDS)

    async def tell_due(self) -> None:
        """Tells what is due now."""
        while claimed := await self._claim():
            await asyncio.gather(*(self._tell(notice, staff) for notice, staff in claimed))

    async def list_notices(self, staff_id: str, after_id: int | None) -> list[NoticeView]:
        """What somebody is told of after an id, the oldest first; without an id only the newest one there is."""
        query = select(StaffNotice).where(StaffNotice.staff_id == staff_id)
        if after_id is None:
            query = query.order_by(StaffNotice.id.desc()).limit(1)
        else:
            query = query.where(StaffNotice.id > after_id).order_by(StaffNotice.id).limit(NOTICES_MAX)
        async with self._database.reading() as session:
            return [NoticeView(row.id, row.text, row.path) for row in await session.scalars(query)]

    async def list_problems(self, limit: int = 50) -> list[NoticeProblem]:
        """Who was not told in the last week, newest first; nobody when no way is set up: the site itself tells then."""
        if not self._ways:
            return []
        query = (
            select(StaffNotice, Staff.name)
            .join(Staff, Staff.id == StaffNotice.staff_id)
            .where(
                StaffNotice.state != "sent",
                StaffNotice.problem.is_not(None),
                StaffNotice.created_at > self._clock() - PROBLEM_TIME,
            )
            .order_by(StaffNotice.id.desc())
            .limit(limit)
        )
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
        return [
            NoticeProblem(name, notice.text, notice.created_at, notice.state, notice.problem or "")
            for notice, name in rows
        ]

    async def _claim(self) -> list[tuple[StaffNotice, Staff]]:
        """Notices that are due, with whom to tell; nobody else gets them for a while."""
        now = self._clock()
        async with self._database.reading() as session:
            if not await session.scalar(select(exists().where(*_is_due(now)))):
                return []
        async with self._database.transaction() as session:
            query = (
                select(StaffNotice, Staff)
                .outerjoin(Staff, Staff.id == StaffNotice.staff_id)
                .where(*_is_due(now))
                .order_by(StaffNotice.due_at)
                .limit(SENDING_AT_ONCE)
                .with_for_update(of=StaffNotice, skip_locked=True)
            )
            claimed = []
            for notice, staff in (await session.execute(query)).all():
                if notice.created_at + EXPIRY <= now:
                    notice.state, notice.problem = "failed", TOO_LATE
                elif notice.attempts >= ATTEMPTS_MAX:  # its last sender never said what became of it
                    notice.state, notice.problem = "failed", notice.problem or BROKEN
                elif staff is None or not staff.is_active:
                    notice.state, notice.problem = "failed", NOT_ACTIVE
                else:
                    notice.attempts += 1
                    notice.due_at = now + SENDER_PATIENCE
                    claimed.append((notice, staff))
            return claimed

    async def _tell(self, notice: StaffNotice, staff: Staff) -> None:
        errors: list[NotTold] = []
        for way in self._ways:
            if not way.can_reach(staff):
                continue
            try:
                await self._send(way, notice, staff)
            except NotTold as error:
                log.warning("notice %d by %s, try %d: %s", notice.id, way.name, notice.attempts, error)
                errors.append(error)
                if error.retry and error.retry_after <= WAIT_SECONDS_MAX and notice.attempts < ATTEMPTS_MAX:
                    break
            else:
                await self._change(notice, state="sent", way=way.name, problem=None)
                return
        problem = "；".join(error.reason for error in errors)[:PROBLEM_LENGTH_MAX] or NO_WAY
        waits = [error.retry_after for error in errors if error.retry]
        if not waits or notice.attempts >= ATTEMPTS_MAX:
            await self._change(notice, state="failed", problem=problem)
            return
        pause = PAUSE_SECONDS * 3 ** (notice.attempts - 1) * random.uniform(0.5, 1.0)  # noqa: S311 (spread only)
        due = self._clock() + timedelta(seconds=max(pause, min(waits)))
        await self._change(notice, due_at=due, problem=problem)

    async def _send(self, way: Way, notice: StaffNotice, staff: Staff) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await way.send(staff, notice.text, self._desk_url + notice.path, notice.key)
        except TimeoutError:
            raise NotTold(True, "发送没有得到确认") from None
        except NotTold:
            raise
        except Exception:
            log.exception("notice %d broke", notice.id)
            raise NotTold(True, BROKEN) from None

    async def _change(self, notice: StaffNotice, **values: object) -> None:
        """Records what became of it, unless we were taken for gone and another has claimed it since."""
        is_ours = StaffNotice.id == notice.id, StaffNotice.attempts == notice.attempts, StaffNotice.state == "waiting"
        async with self._database.transaction() as session:
            await session.execute(update(StaffNotice).where(*is_ours).values(**values))


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return StaffNotice.state == "waiting", StaffNotice.due_at <= now
