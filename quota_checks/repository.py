"""Reads and deletes quota checks, inside the caller's transaction."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.tables import Conversation
from privacy import ledger
from quota_checks.tables import QuotaCheck

PURPOSE = "quota"


async def find_by_key(session: AsyncSession, idempotency_key: str) -> QuotaCheck | None:
    """The check that was kept under a key."""
    query = select(QuotaCheck).where(QuotaCheck.idempotency_key == idempotency_key)
    return (await session.scalars(query)).one_or_none()


async def list_agreed(session: AsyncSession, conversation_ids: Collection[str]) -> list[str]:
    """The conversations whose customer agrees to quota checks now: what others were told is used no more."""
    rows = await session.scalars(select(Conversation).where(Conversation.id.in_(conversation_ids)))
    customers = {row.id: row.customer_id for row in rows}
    return [
        conversation_id
        for conversation_id, customer_id in customers.items()
        if any(consent.purpose == PURPOSE for consent in await ledger.list_consents(session, customer_id))
    ]


async def list_newest(session: AsyncSession, conversation_ids: Collection[str]) -> Sequence[QuotaCheck]:
    """The newest of each product in these conversations, the newest first."""
    query = select(QuotaCheck).where(QuotaCheck.conversation_id.in_(conversation_ids))
    found = await session.scalars(query.order_by(QuotaCheck.decided_at.desc(), QuotaCheck.id).limit(100))
    newest: dict[str, QuotaCheck] = {}
    for check in found:
        newest.setdefault(check.product, check)
    return list(newest.values())


async def count_running(session: AsyncSession, product: str, today: date) -> tuple[int, date | None]:
    """How many customers were given a quota of a product that has not run out, and the last day of the last one."""
    newest_first = QuotaCheck.decided_at.desc(), QuotaCheck.id
    place = func.row_number().over(partition_by=Conversation.customer_id, order_by=newest_first)
    of_product = (
        select(QuotaCheck.quota_until, place.label("place"))
        .join(Conversation, Conversation.id == QuotaCheck.conversation_id)
        .where(QuotaCheck.product == product)
        .subquery()
    )
    is_running = of_product.c.place == 1, of_product.c.quota_until >= today
    row = (await session.execute(select(func.count(), func.max(of_product.c.quota_until)).where(*is_running))).one()
    return row[0], row[1]


async def delete_checks(
    session: AsyncSession, conversation_ids: Collection[str], kept_products: Collection[str] = ()
) -> None:
    """Deletes the checks of these conversations, but those of products that are named."""
    doomed = QuotaCheck.conversation_id.in_(conversation_ids), QuotaCheck.product.not_in(kept_products)
    await session.execute(delete(QuotaCheck).where(*doomed))
