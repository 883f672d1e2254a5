"""How many customers have a quota that runs, on both kinds of database."""

from datetime import date, timedelta

from kit.database import Database
from quota_checks.repository import count_running
from quota_checks.service import QuotaChecks
from tests.fakes import FixedClock
from tests.quota_checks.test_api import DECISION, clock, known, make

__all__ = ["clock", "known"]

TODAY = date(2026, 8, 1)


async def test_a_customer_counts_once_by_what_they_were_told_last(known: Database, clock: FixedClock) -> None:
    checks = QuotaChecks(known, clock)

    async def tell(conversation_id: str, until: str, quota: int = 180_000, product: str = "trader_loan") -> None:
        clock.now += timedelta(minutes=1)
        decision = {**DECISION, "quota": quota, "valid_until": until}
        await checks.keep(make(conversation_id, decision=decision, product=product), f"key-{clock.now}")

    async def count() -> tuple[int, date | None]:
        async with known.reading() as session:
            return await count_running(session, "trader_loan", TODAY)

    assert await count() == (0, None)
    await tell("web", "2026-08-31")
    await tell("wechat", "2026-08-31")
    await tell("wechat", "2026-08-01")
    await tell("telegram", "2026-07-31")
    await tell("telegram", "2026-12-31", product="farmer_loan")
    assert await count() == (2, date(2026, 8, 31))
    await tell("web", "2026-09-30", quota=0)
    assert await count() == (1, date(2026, 8, 1))
