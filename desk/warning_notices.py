"""Tells account managers, and supervisors for those without one, that a day's run raised early warnings."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.notifications import notifier
from desk.tables import Staff
from early_warning.rule_book import load_rules
from early_warning.schemas import NewWarnings
from kit.clock import CHINA

PATH = "/early-warnings"


async def announce_warnings(session: AsyncSession, raised: Sequence[NewWarnings], now: datetime) -> None:
    """One notification a day for each of them, with how many there are of each rule, and nothing of customers."""
    if not raised:
        return
    is_told = Staff.is_active, Staff.role.in_(("account_manager", "supervisor"))
    roles = {staff.id: staff.role for staff in await session.scalars(select(Staff).where(*is_told))}
    supervisors = [staff_id for staff_id, role in roles.items() if role == "supervisor"]
    told: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for each in raised:
        for staff_id in [each.staff_id] if each.staff_id in roles else supervisors:
            told[str(staff_id)][each.rule] += each.total
    day = now.astimezone(CHINA).date()
    for staff_id, counts in told.items():
        text = describe_counts(counts)
        await notifier.add(session, staff_id, f"early_warnings:{day}:{staff_id}", text, PATH, now=now)


def describe_counts(counts: dict[str, int]) -> str:
    """新的预警3条, and in the next line what they are, in the order of the rules: 很久没联系2条，说有逾期1条."""
    each = "，".join(f"{rule.name}{counts[code]}条" for code, rule in load_rules().items() if counts.get(code))
    return f"新的预警{sum(counts.values())}条\n{each}，请核对"
