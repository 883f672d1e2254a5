"""How well the knowledge answers, for the knowledge team."""

from datetime import timedelta

from analytics.days import find_day
from analytics.report import KnowledgeReport, list_dead, read_report
from desk.audit import record
from desk.roles import require
from desk.schemas import StaffView
from kit.clock import Clock, read_clock
from kit.database import Database

FORBIDDEN = "您的角色不能查看知识分析"


class KnowledgeReports:
    """Reads reports; RequestError 403 without the permission."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def read(self, staff: StaffView, days: int) -> KnowledgeReport:
        """The report of the last days, today among them."""
        require(staff.role, "entries", FORBIDDEN)
        now = self._clock()
        today = find_day(now)
        async with self._database.reading() as session:
            return await read_report(session, today - timedelta(days=days - 1), today, now)

    async def list_dead(self, staff: StaffView) -> set[str]:
        """The ids of the entries that have answered nobody for 90 days, as the report has them."""
        require(staff.role, "entries", FORBIDDEN)
        async with self._database.reading() as session:
            return await list_dead(session, self._clock())

    async def export(self, staff: StaffView, days: int) -> KnowledgeReport:
        """The same, to be taken out of the house: it is audited."""
        report = await self.read(staff, days)
        async with self._database.transaction() as session:
            details = {"from": report.first.isoformat(), "to": report.last.isoformat(), "rows": len(report.entries)}
            await record(session, self._clock(), staff.id, "exported", "entries", **details)
        return report
