"""Last week's answers in five lines, for those who write and approve them, when the office first opens in a week."""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from analytics.days import find_day, find_end
from analytics.report import DAY, KnowledgeReport, read_report
from conversations.office_calendar import OfficeCalendar
from desk.notifications import notifier
from desk.notifications.channel import NotificationChannel
from desk.tables import Staff
from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database

log = logging.getLogger(__name__)

WEEK = timedelta(days=7)
ROT_DAYS = 30  # in a week too few ask for one entry
ROLES = ("editor", "approver")
PATH = "/knowledge-report"
TITLE_MAX = 20


class WeeklyDigest:
    """Queues last week's digest once for each member whom a notification channel reaches.

    Every desk process may run one. A week that begins with holidays gets it on its first working day.
    """

    def __init__(
        self,
        database: Database,
        channels: Sequence[NotificationChannel],
        calendar: OfficeCalendar,
        clock: Clock = read_clock,
        *,
        poll_seconds: float = 60.0,
    ) -> None:
        self._database = database
        self._channels = channels
        self._calendar = calendar
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._queued: date | None = None  # the Monday of the last week that needs no more looking at

    async def run(self) -> None:
        """Runs until cancelled."""
        await repeat(self.look, seconds=self._poll_seconds)

    async def look(self) -> None:
        """Queues the digest of last week if it is due; what the record does not know yet is waited for."""
        now = self._clock()
        monday = find_day(now) - find_day(now).weekday() * DAY
        if not self._channels or self._queued == monday or not (await self._calendar.read_hours()).is_open(now):
            return
        async with self._database.reading() as session:
            receivers = await self._list_receivers(session)
            is_wanted = receivers and not await notifier.has_queued(session, _key(monday))
            text = await _read_digest(session, monday, now) if is_wanted else ""
        if text is None:
            return
        if text:
            async with self._database.transaction() as session:
                for staff in receivers:
                    await notifier.add(session, staff.id, f"{_key(monday)}{staff.id}", text, PATH, now=now)
            log.info("the digest of the week before %s goes to %d", monday, len(receivers))
        self._queued = monday

    async def _list_receivers(self, session: AsyncSession) -> list[Staff]:
        members = await session.scalars(select(Staff).where(Staff.is_active, Staff.role.in_(ROLES)).order_by(Staff.id))
        return [staff for staff in members if any(channel.can_reach(staff) for channel in self._channels)]


async def _read_digest(session: AsyncSession, monday: date, now: datetime) -> str | None:
    """That of the week before a Monday; empty if nobody asked, None while its last day is not counted."""
    report = await read_report(session, monday - WEEK, monday - DAY, now)
    if report.counted_at is None or report.counted_at < find_end(report.last):
        return None
    if not report.total.asked:
        return ""
    return write_digest(report, await read_report(session, find_day(now) - ROT_DAYS * DAY, find_day(now), now))


def write_digest(report: KnowledgeReport, rot: KnowledgeReport) -> str:
    """A headline and five lines: questions, answers, right ones, unanswered ones, entries to look at."""
    total, before, new = report.total, report.before, report.unanswered.new
    largest = report.unanswered.largest
    most = f"，最多的是“{_shorten(largest.title)}”，问了{largest.asked}次" if largest else ""
    expiring = sum("expires" in entry.rot for entry in rot.rotting)
    worse = sum(entry.rot != ("expires",) for entry in rot.rotting)
    return "\n".join(
        (
            f"知识周报：{_name_day(report.first)}到{_name_day(report.last)}",
            f"客户问了{total.asked}个问题，{describe_trend(total.asked, before.asked)}。",
            f"答上了{_write_share(total.answer_rate)}，{_compare(before.answer_rate)}。",
            f"一次答对{_write_share(total.right_rate)}，{_compare(before.right_rate)}。",
            f"新增没答上的问题{new}组{most}。" if new else "没有新增没答上的问题。",
            f"知识有{expiring}条30天内到期，{worse}条该复查。" if expiring or worse else "没有快到期或该复查的知识。",
        )
    )


def describe_trend(count: int, before: int) -> str:
    """A count beside the week before: 比前一周多12%."""
    if not before:
        return "前一周没有提问"
    change = round(100 * (count - before) / before)
    return f"比前一周{'多' if change > 0 else '少'}{abs(change)}%" if change else "和前一周差不多"


def _compare(share: float | None) -> str:
    return f"前一周{_write_share(share)}" if share is not None else "前一周没有提问"


def _write_share(share: float | None) -> str:
    return "0%" if share is None else f"{share:.0%}"


def _name_day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _shorten(title: str) -> str:
    return title if len(title) <= TITLE_MAX else f"{title[: TITLE_MAX - 1]}…"


def _key(monday: date) -> str:
    return f"knowledge-digest:{monday}:"
