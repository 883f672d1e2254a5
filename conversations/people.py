"""A person: the customers who verified the same phone, and those whom staff merged; inside the caller's transaction."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.customers import CustomerView, get_customer, map_conversations
from conversations.schemas import Value
from conversations.tables import Conversation, CustomerMerge
from kit.append_only import lock_chain
from kit.errors import RequestError
from verification.repository import list_same_customer

_MERGE_LOCK = 4_201_018


class MergeView(Value):
    """Two customers of whom staff say that they are one person, and why."""

    id: int
    first_id: str
    second_id: str
    reason: str
    merged_by: str
    merged_at: datetime


async def list_person(session: AsyncSession, customer_id: str) -> list[CustomerView]:
    """The customers who are one person with this one, itself first; RequestError 404."""
    first = await get_customer(session, customer_id)
    others = sorted(await _list_ids(session, customer_id) - {customer_id})
    return [first, *[await get_customer(session, each) for each in others]]


async def list_merges(session: AsyncSession, customer_ids: Collection[str]) -> list[MergeView]:
    """The merges of some customers, the last first."""
    query = select(CustomerMerge).where(_is_of(customer_ids)).order_by(CustomerMerge.id.desc())
    return [MergeView.model_validate(row) for row in await session.scalars(query)]


async def lock_merges(session: AsyncSession) -> None:
    """Until the transaction ends nobody else merges, so that no two customers are merged twice, on whatever way.

    Comes before anything else of the transaction.
    """
    await lock_chain(session, _MERGE_LOCK)


async def merge(session: AsyncSession, customer_id: str, other_id: str, *, reason: str, by: str, now: datetime) -> None:
    """Makes two customers one person. RequestError 409 if they are already."""
    if other_id in await _list_ids(session, customer_id):
        raise RequestError(409, "same_person", "这两位已经是同一个人了")
    pair = {"first_id": customer_id, "second_id": other_id}
    session.add(CustomerMerge(**pair, reason=reason, merged_by=by, merged_at=now))


async def get_merge(session: AsyncSession, merge_id: int) -> MergeView:
    """A merge, locked until the transaction ends; RequestError 409 if it was undone."""
    row = await session.get(CustomerMerge, merge_id, with_for_update=True)
    if row is None:
        raise RequestError(409, "merge_undone", "这次合并已经撤销了")
    return MergeView.model_validate(row)


async def undo_merge(session: AsyncSession, merge_id: int) -> None:
    """They are two people again, unless they verified the same phone."""
    await session.execute(delete(CustomerMerge).where(CustomerMerge.id == merge_id))


async def _list_ids(session: AsyncSession, customer_id: str) -> set[str]:
    """All who are connected with a customer, itself included, over however many others."""
    known, new = {customer_id}, {customer_id}
    while new:
        new = await _list_next(session, new) - known
        known |= new
    return known


async def _list_next(session: AsyncSession, ids: Collection[str]) -> set[str]:
    """Those who are connected with one of these directly."""
    same = await list_same_customer(session, *await map_conversations(session, ids))
    verified = await session.scalars(select(Conversation.customer_id).where(Conversation.id.in_(same)))
    merges = await session.execute(select(CustomerMerge.first_id, CustomerMerge.second_id).where(_is_of(ids)))
    return {*verified, *(each for pair in merges for each in pair)}


def _is_of(ids: Collection[str]) -> ColumnElement[bool]:
    return or_(CustomerMerge.first_id.in_(ids), CustomerMerge.second_id.in_(ids))
