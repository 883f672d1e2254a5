"""Sends due notifications: each once, by the first channel that works."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.notifications.channel import NotificationChannel
from desk.tables import Notification, Staff
from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.masking import mask_personal_data
from kit.outbox import LeasedRows, SendError, compute_pause
from kit.upserts import insert_into

log = logging.getLogger(__name__)

LEASED = LeasedRows(Notification.metadata.tables[Notification.__tablename__])
SENDING_AT_ONCE = 8
SEND_SECONDS = 20.0  # by one channel
# A lease without a result for that long is stalled and another process sends; longer than all channels may take.
LEASE_TIME = timedelta(seconds=60)
ATTEMPTS_MAX = 5
EXPIRY = timedelta(hours=24)
PAUSE_SECONDS = 10.0  # after the first try; tripled after each further one
# Wait for a channel that works again this soon; else use the next one.
WAIT_SECONDS_MAX = 120.0
NO_CHANNEL = "没有可用的通知方式"
NOT_ACTIVE = "账号已停用"
TOO_LATE = "超过24小时未能通知"
BROKEN = "系统故障"


async def add(
    session: AsyncSession, staff_id: str, key: str, text: str, path: str = "", *, now: datetime | None = None
) -> None:
    """Queues a notification in the caller's transaction, unless the key (at most 100 characters) is known.

    The text's first line is its headline; personal numbers in it are masked. `path` is a page of the desk (`/…`).
    """
    now = now or read_clock()
    notification = {
        "staff_id": staff_id,
        "key": key,
        "text": mask_personal_data(text),
        "path": path,
        "state": "pending",
        "attempts": 0,
        "due_at": now,
        "created_at": now,
    }
    added = insert_into(session, Notification).values(notification)
    await session.execute(added.on_conflict_do_nothing(index_elements=["key"]))


async def has_queued(session: AsyncSession, beginning: str) -> bool:
    """Whether there is a notification whose key begins so, sent or not."""
    is_known = exists().where(Notification.key.startswith(beginning, autoescape=True))
    return bool(await session.scalar(select(is_known)))


class Notifier:
    """Sends notifications; every desk process may run one."""

    def __init__(
        self,
        database: Database,
        channels: Sequence[NotificationChannel],
        desk_public_url: str,
        clock: Clock = read_clock,
        *,
        poll_seconds: float = 2.0,
    ) -> None:
        """`channels` in the order in which they are tried; notifications link to `desk_public_url`."""
        self._database = database
        self._channels = channels
        self._desk_url = desk_public_url.rstrip("/")
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Sends what is due until cancelled."""
        await repeat(self.send_due, seconds=self._poll_seconds)

    async def send_due(self) -> None:
        """Sends what is due now."""
        while claimed := await self._claim():
            await asyncio.gather(*(self._send(notification, staff) for notification, staff in claimed))

    async def _claim(self) -> list[tuple[Notification, Staff]]:
        """Leases due notifications, with their receivers."""
        now = self._clock()
        async with self._database.reading() as session:
            if not await session.scalar(select(exists().where(*_is_due(now)))):
                return []
        async with self._database.transaction() as session:
            query = (
                select(Notification, Staff)
                .outerjoin(Staff, Staff.id == Notification.staff_id)
                .where(*_is_due(now))
                .order_by(Notification.due_at)
                .limit(SENDING_AT_ONCE)
                .with_for_update(of=Notification, skip_locked=True)
            )
            claimed = []
            for notification, staff in (await session.execute(query)).all():
                if notification.created_at + EXPIRY <= now:
                    notification.state, notification.problem = "failed", TOO_LATE
                elif notification.attempts >= ATTEMPTS_MAX:  # the last attempt stalled
                    notification.state, notification.problem = "failed", notification.problem or BROKEN
                elif staff is None or not staff.is_active:
                    notification.state, notification.problem = "failed", NOT_ACTIVE
                else:
                    notification.attempts += 1
                    notification.due_at = now + LEASE_TIME
                    claimed.append((notification, staff))
            return claimed

    async def _send(self, notification: Notification, staff: Staff) -> None:
        errors: list[SendError] = []
        for channel in self._channels:
            if not channel.can_reach(staff):
                continue
            try:
                await self._send_by(channel, notification, staff)
            except SendError as error:
                log.warning(
                    "notification %d by %s, attempt %d: %s", notification.id, channel.name, notification.attempts, error
                )
                errors.append(error)
                may_wait = error.kind == "retry" and error.retry_after_seconds <= WAIT_SECONDS_MAX
                if may_wait and notification.attempts < ATTEMPTS_MAX:
                    break
            else:
                await self._change(notification, state="sent", channel=channel.name, problem=None)
                return
        problem = "；".join(error.reason for error in errors) or NO_CHANNEL
        waits = [error.retry_after_seconds for error in errors if error.kind == "retry"]
        if not waits or notification.attempts >= ATTEMPTS_MAX:
            await self._change(notification, state="failed", problem=problem)
            return
        pause = compute_pause(
            notification.attempts, first_seconds=PAUSE_SECONDS, factor=3, seconds_max=EXPIRY.total_seconds()
        )
        due = self._clock() + timedelta(seconds=max(pause, min(waits)))
        await self._change(notification, due_at=due, problem=problem)

    async def _send_by(self, channel: NotificationChannel, notification: Notification, staff: Staff) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await channel.send(staff, notification.text, self._desk_url + notification.path, notification.key)
        except TimeoutError:
            raise SendError("retry", "发送没有得到确认") from None
        except SendError:
            raise
        except Exception:
            log.exception("notification %d failed unexpectedly", notification.id)
            raise SendError("retry", BROKEN) from None

    async def _change(self, notification: Notification, **values: object) -> None:
        async with self._database.transaction() as session:
            await LEASED.change(session, notification.id, notification.attempts, **values)


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Notification.state == "pending", Notification.due_at <= now
