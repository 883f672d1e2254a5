"""Notifications on the site: each member's own, and those that reached nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from desk.tables import Notification, Staff
from kit.clock import Clock, read_clock
from kit.database import Database

KEEPING_TIME = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class NotificationView:
    """A notification of a staff member; `path` is a page of the desk."""

    id: int
    text: str
    path: str
    created_at: datetime
    is_read: bool


@dataclass(frozen=True, slots=True)
class UndeliveredNotification:
    """A notification that did not reach its receiver (yet): who, what, when and why."""

    staff_name: str
    text: str
    created_at: datetime
    state: str
    problem: str


class Notifications:
    """The notifications of the last seven days."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def list_recent(self, staff_id: str, limit: int = 50, *, unread_only: bool = False) -> list[NotificationView]:
        """A member's own, the newest first."""
        query = (
            select(Notification)
            .where(Notification.staff_id == staff_id, Notification.created_at > self._clock() - KEEPING_TIME)
            .order_by(Notification.id.desc())
            .limit(limit)
        )
        if unread_only:
            query = query.where(Notification.read_at.is_(None))
        async with self._database.reading() as session:
            return [
                NotificationView(row.id, row.text, row.path, row.created_at, row.read_at is not None)
                for row in await session.scalars(query)
            ]

    async def mark_read(self, staff_id: str, ids: Sequence[int]) -> None:
        """Marks a member's own as read."""
        is_unread = Notification.staff_id == staff_id, Notification.id.in_(ids), Notification.read_at.is_(None)
        async with self._database.transaction() as session:
            await session.execute(update(Notification).where(*is_unread).values(read_at=self._clock()))

    async def list_undelivered(self, limit: int = 100) -> list[UndeliveredNotification]:
        """Those that no channel delivered and the receiver has not read on the site, the newest first."""
        query = (
            select(Notification, Staff.name)
            .outerjoin(Staff, Staff.id == Notification.staff_id)
            .where(
                Notification.state != "sent",
                Notification.problem.is_not(None),
                Notification.read_at.is_(None),
                Notification.created_at > self._clock() - KEEPING_TIME,
            )
            .order_by(Notification.id.desc())
            .limit(limit)
        )
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
        return [
            UndeliveredNotification(name or "已删除的账号", row.text, row.created_at, row.state, row.problem or "")
            for row, name in rows
        ]
