"""Legal holds: what keeps a customer's data from being erased for now, put on and lifted by the data officer."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.tables import Customer
from kit.errors import RequestError
from privacy import ledger
from privacy.tables import LegalHold

REASON_LENGTH_MAX = 200


async def add_hold(session: AsyncSession, customer_id: str, reason: str, now: datetime) -> None:
    """Forbids erasing a customer's data. RequestError 404 for an unknown customer, 422 without a reason."""
    customer = await session.get(Customer, customer_id)
    if customer is None:
        raise RequestError(404, "no_such_customer", "没有这位客户")
    if not reason.strip() or len(reason) > REASON_LENGTH_MAX:
        raise RequestError(422, "no_reason", f"请写明依据，最多{REASON_LENGTH_MAX}个字")
    session.add(LegalHold(customer_id=customer_id, reason=reason.strip(), added_at=now))
    await ledger.record(session, now, "held", customer_id, channel=customer.channel, details={"reason": reason})


async def lift_holds(session: AsyncSession, customer_id: str, now: datetime) -> int:
    """Lifts all holds of a customer; gives how many."""
    query = select(LegalHold).where(LegalHold.customer_id == customer_id, LegalHold.lifted_at.is_(None))
    standing = (await session.scalars(query)).all()
    for hold in standing:
        hold.lifted_at = now
    if standing:
        await ledger.record(session, now, "released", customer_id)
    return len(standing)


async def list_holds(session: AsyncSession) -> Sequence[LegalHold]:
    """The holds that stand, the oldest first."""
    return (await session.scalars(select(LegalHold).where(LegalHold.lifted_at.is_(None)).order_by(LegalHold.id))).all()
