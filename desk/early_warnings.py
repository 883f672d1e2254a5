"""Early warnings for account managers, each of their own, and for supervisors, with what comes of each rule."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from desk.accounts import Accounts
from desk.audit import record
from desk.roles import may, require
from desk.schemas import StaffView
from early_warning import repository, service
from early_warning.rule_book import Mode, load_rules
from early_warning.schemas import Outcome, RuleMetrics, Standing, WarningView
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database

FORBIDDEN = "您的角色不能查看预警"
PERIOD = timedelta(days=365)  # as long as warnings are kept


class RuleReport(NamedTuple):
    """What came of one rule's warnings in the last year, and how it runs now."""

    name: str
    mode: Mode
    metrics: RuleMetrics


class EarlyWarnings:
    """RequestError 403 for who neither manages customers nor oversees, 404, 409 after a colleague's act, 422."""

    def __init__(self, database: Database, accounts: Accounts, clock: Clock = read_clock) -> None:
        self._database = database
        self._accounts = accounts
        self._clock = clock

    async def list_all(self, staff: StaffView, standing: Standing, limit: int) -> tuple[list[WarningView], int]:
        """The first warnings, the gravest first, and how many there are."""
        async with self._database.reading() as session:
            return await repository.list_warnings(session, standing, _find_limit(staff), limit)

    async def decide(self, staff: StaffView, warning: WarningView, outcome: Outcome, note: str) -> None:
        """Keeps what came of a warning, as it was seen."""
        only_of, now = _find_limit(staff), self._clock()
        async with self._database.transaction() as session:
            row = await service.decide(
                session, warning.id, outcome, note, seen=warning.outcome, by=staff.id, only_of=only_of, now=now
            )
            about = {"application": row.number, "rule": row.rule, "outcome": outcome}
            await record(session, now, staff.id, "warning_decided", row.id, **about)

    async def list_rules(self, staff: StaffView) -> tuple[list[RuleReport], datetime | None]:
        """All rules in the order of the file, those on trial among them, and when the last run ended."""
        require(staff.role, "oversee", "只有主管可以查看各条规则的结果")
        now = self._clock()
        async with self._database.reading() as session:
            counts = await repository.count_by_rule(session, now - PERIOD)
            last_run = await repository.find_last_run(session)
        today = now.astimezone(CHINA).date()
        return [
            RuleReport(rule.name, rule.find_mode(today), counts.get(code, RuleMetrics(code)))
            for code, rule in load_rules().items()
        ], last_run

    async def name_staff(self) -> Mapping[str, str]:
        """The names of all colleagues by id."""
        return {member.id: member.name for member in await self._accounts.list_staff()}


def _find_limit(staff: StaffView) -> str | None:
    """Whose warnings somebody sees: their own, or as a supervisor everybody's."""
    require(staff.role, "customers", FORBIDDEN)
    return None if may(staff.role, "oversee") else staff.id
