"""How the lending goes, for supervisors."""

from applications.statistics import list_facts
from campaigns.results import name_campaigns
from conversations.asked_questions import list_asked
from desk.accounts import Accounts
from desk.audit import record
from desk.lending_metrics import LendingMetrics, compute_lending
from desk.metrics import find_period, list_days
from desk.roles import require
from desk.schemas import StaffView
from kit.clock import Clock, read_clock
from kit.database import Database
from products.catalogue import find_product

FORBIDDEN = "您的角色不能查看贷款看板"


class LendingReports:
    """Reads reports; RequestError 403 without the permission."""

    def __init__(self, database: Database, accounts: Accounts, clock: Clock = read_clock) -> None:
        self._database = database
        self._accounts = accounts
        self._clock = clock

    async def read(self, staff: StaffView, days: int) -> LendingMetrics:
        """The report of the last days in China, today among them."""
        require(staff.role, "dashboard", FORBIDDEN)
        now = self._clock()
        since, until = find_period(now, days)
        managers = {member.id: member.name for member in await self._accounts.list_staff()}
        async with self._database.reading() as session:
            applications = await list_facts(session, since, until)
            asked = await list_asked(session, "application_form", since, until)
            campaigns = await name_campaigns(session, since, until)
        return compute_lending(
            applications,
            asked,
            list_days(since, until),
            now,
            name_product=_name_product,
            managers=managers,
            campaigns=campaigns,
        )

    async def export(self, staff: StaffView, days: int) -> LendingMetrics:
        """The same, to be taken out of the house: it is audited."""
        report = await self.read(staff, days)
        first, last = report.days[0].day.isoformat(), report.days[-1].day.isoformat()
        details = {
            "from": first,
            "to": last,
            "rows": sum(each.submitted for each in (*report.products, *report.existing)),
        }
        async with self._database.transaction() as session:
            await record(session, self._clock(), staff.id, "exported", "lending", **details)
        return report


def _name_product(product_id: str) -> str:
    product = find_product(product_id)
    return product.name if product else product_id
