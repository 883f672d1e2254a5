"""The trend of quality checks, by agent and week of the feedback."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from statistics import fmean

from conversations.schemas import Value
from desk.audit import record
from desk.metrics import find_period, list_days
from desk.quality import repository
from desk.quality.schemas import CheckView
from desk.schemas import StaffView
from desk.staff_repository import list_names
from desk.tables import QualityCheck
from desk.talk_access import require_overseer
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database

CHECKS_MAX = 20_000


class MeanScore(Value):
    """The mean score of some checks, None without any; `failed` of them missed something fatal."""

    mean: float | None
    checks: int
    failed: int


class AgentTrend(Value):
    """One agent's averages by the weeks of the report, and of all of them."""

    name: str
    weeks: tuple[MeanScore, ...]
    total: MeanScore


class QualityReport(Value):
    """Weeks by their Monday; everybody together, and each agent, the lowest mean first."""

    first: date
    last: date
    weeks: tuple[date, ...]
    everybody: AgentTrend
    agents: tuple[AgentTrend, ...]
    checks: tuple[CheckView, ...]
    names: dict[str, str]


class QualityReports:
    """Reads reports; RequestError 403 but for supervisors."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def read(self, staff: StaffView, days: int) -> QualityReport:
        """The report of the last days in China, today among them."""
        require_overseer(staff)
        since, until = find_period(self._clock(), days)
        delivered = QualityCheck.delivered_at >= since, QualityCheck.delivered_at < until
        async with self._database.reading() as session:
            checks = await repository.list_checks(
                session, *delivered, limit=CHECKS_MAX, order=QualityCheck.delivered_at
            )
            ids = {staff_id for check in checks for staff_id in (check.agent_id, check.checker_id)}
            names = await list_names(session, ids)
        return compute_report(checks, list(list_days(since, until)), names)

    async def export(self, staff: StaffView, days: int) -> QualityReport:
        """The same, to be taken out of the house: it is audited."""
        report = await self.read(staff, days)
        period = {"from": report.first.isoformat(), "to": report.last.isoformat()}
        async with self._database.transaction() as session:
            await record(session, self._clock(), staff.id, "exported", "quality", **period, rows=len(report.checks))
        return report


def compute_report(checks: Sequence[CheckView], days: Sequence[date], names: Mapping[str, str]) -> QualityReport:
    """The report of delivered checks; `days` are those of the period, `names` the staff's by id."""
    weeks = tuple(dict.fromkeys(find_monday(day) for day in days))
    by_agent = defaultdict(list)
    for check in checks:
        by_agent[check.agent_id].append(check)
    agents = [_follow(names.get(agent_id, "未知"), own, weeks) for agent_id, own in by_agent.items()]
    return QualityReport(
        first=days[0],
        last=days[-1],
        weeks=weeks,
        everybody=_follow("全部", checks, weeks),
        agents=tuple(sorted(agents, key=lambda each: (each.total.mean or 0, each.name))),
        checks=tuple(checks),
        names=dict(names),
    )


def find_monday(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def _follow(name: str, checks: Iterable[CheckView], weeks: Iterable[date]) -> AgentTrend:
    by_week = defaultdict(list)
    for check in checks:
        if check.delivered_at:
            by_week[find_monday(check.delivered_at.astimezone(CHINA).date())].append(check)
    averages = tuple(_average(by_week[week]) for week in weeks)
    return AgentTrend(name=name, weeks=averages, total=_average([each for own in by_week.values() for each in own]))


def _average(checks: Sequence[CheckView]) -> MeanScore:
    scores = [check.score for check in checks if check.score is not None]
    failed = sum(check.is_failed for check in checks)
    return MeanScore(mean=fmean(scores) if scores else None, checks=len(scores), failed=failed)
