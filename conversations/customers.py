"""Customers and their account managers; every function works inside the caller's transaction."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.schemas import Value
from conversations.tables import Conversation, Customer
from kit.errors import RequestError


class CustomerView(Value):
    """A customer, the QR code they came by, and their account manager."""

    id: str
    channel: str
    source: str | None
    manager_id: str | None


async def get_customer(session: AsyncSession, customer_id: str, *, is_changed: bool = False) -> CustomerView:
    """A customer, locked if it is about to be changed; RequestError 404."""
    customer = await session.get(Customer, customer_id, with_for_update=is_changed, populate_existing=True)
    if customer is None:
        raise RequestError(404, "no_such_customer", "没有这位客户")
    return CustomerView.model_validate(customer)


async def set_manager(session: AsyncSession, customer_id: str, manager_id: str) -> None:
    """Assigns a customer to an account manager."""
    await session.execute(update(Customer).where(Customer.id == customer_id).values(manager_id=manager_id))


async def set_contact(session: AsyncSession, customer_ids: Collection[str], day: date | None) -> None:
    """The day on which staff mean to be in touch next; None: none."""
    await session.execute(update(Customer).where(Customer.id.in_(customer_ids)).values(contact_on=day))


async def list_to_contact(session: AsyncSession, manager_id: str, until: date, limit: int = 100) -> list[str]:
    """The ids of a manager's customers whom staff meant to be in touch with by a day."""
    is_due = Customer.manager_id == manager_id, Customer.contact_on <= until
    return list(await session.scalars(select(Customer.id).where(*is_due).order_by(Customer.contact_on).limit(limit)))


async def count_of_manager(session: AsyncSession, manager_id: str) -> int:
    """How many customers an account manager has."""
    return await session.scalar(select(func.count()).where(Customer.manager_id == manager_id)) or 0


async def hand_over(session: AsyncSession, manager_id: str, to: str | None) -> list[str]:
    """Gives all customers of an account manager to another, or to nobody; their ids."""
    moved = update(Customer).where(Customer.manager_id == manager_id).values(manager_id=to)
    return list(await session.scalars(moved.returning(Customer.id)))


async def find_customer_id(session: AsyncSession, conversation_id: str) -> str | None:
    """The id of the conversation's customer; None for an unknown conversation."""
    query = select(Conversation.customer_id).where(Conversation.id == conversation_id)
    return await session.scalar(query)


async def list_conversation_ids(session: AsyncSession, customer_id: str) -> list[str]:
    """A customer's conversations."""
    return list(await session.scalars(select(Conversation.id).where(Conversation.customer_id == customer_id)))


async def map_conversations(session: AsyncSession, customer_ids: Collection[str]) -> dict[str, str]:
    """The customer of each conversation that one of these customers has."""
    query = select(Conversation.id, Conversation.customer_id).where(Conversation.customer_id.in_(customer_ids))
    return {row.id: row.customer_id for row in await session.execute(query)}


async def list_unowned(session: AsyncSession, limit: int) -> list[CustomerView]:
    """The newest customers without an account manager who came by a code that names a manager or a village."""
    by_code = or_(*(Customer.source.startswith(kind) for kind in ("manager:", "village:")))
    query = select(Customer).where(Customer.manager_id.is_(None), by_code).order_by(Customer.created_at.desc())
    return [CustomerView.model_validate(row) for row in await session.scalars(query.limit(limit))]
