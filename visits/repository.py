"""Reads and writes visits; every function works inside the caller's transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from applications.promises import await_visit
from applications.stages import OPEN_STAGES
from applications.tables import Application
from conversations.tables import Conversation, Customer, Handoff
from kit.errors import RequestError
from visits.slots import Busy
from visits.tables import Visit

LISTED_MAX = 200
_LOCK = text("LOCK TABLE visits IN SHARE ROW EXCLUSIVE MODE")


async def lock_times(session: AsyncSession) -> None:
    """Until the transaction ends nobody else books or moves a visit, so that no time is given twice.

    Comes before anything else of the transaction. On SQLite every transaction that writes is alone already.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(_LOCK)


async def list_busy(session: AsyncSession, since: datetime, *, besides: str = "") -> list[Busy]:
    """The booked visits that begin after a moment, whoever makes them, besides those of one conversation."""
    is_booked = Visit.state == "booked", Visit.starts_at > since, Visit.conversation_id != besides
    rows = await session.scalars(select(Visit).where(*is_booked))
    return [Busy(row.manager_id, row.starts_at, row.starts_at + timedelta(minutes=row.minutes)) for row in rows]


async def find_booked(session: AsyncSession, conversation_id: str, now: datetime) -> Visit | None:
    """The visit that a conversation has booked and that is still to come."""
    is_theirs = Visit.conversation_id == conversation_id, Visit.state == "booked", Visit.starts_at > now
    return (await session.scalars(select(Visit).where(*is_theirs))).one_or_none()


async def await_booked(session: AsyncSession, application_id: str, now: datetime) -> None:
    """The promise of an application waits for the visit that its customer has booked, if there is one to come."""
    is_theirs = Visit.application_id == application_id, Visit.state == "booked", Visit.starts_at > now
    starts_at = await session.scalar(select(func.max(Visit.starts_at)).where(*is_theirs))
    if starts_at is not None:
        await await_visit(session, application_id, starts_at)


async def find_by_key(session: AsyncSession, idempotency_key: str) -> Visit | None:
    """The visit that was booked with a key."""
    return (await session.scalars(select(Visit).where(Visit.idempotency_key == idempotency_key))).one_or_none()


async def lock_visit(session: AsyncSession, visit_id: str) -> Visit:
    """A visit, locked until the transaction ends; RequestError 404."""
    visit = await session.get(Visit, visit_id, with_for_update=True, populate_existing=True)
    if visit is None:
        raise RequestError(404, "no_such_visit", "没有这次上门")
    return visit


async def list_between(
    session: AsyncSession, manager_id: str | None, since: datetime, until: datetime
) -> Sequence[Visit]:
    """One manager's visits, or everybody's, that begin in a span, in order; cancelled ones are left out."""
    query = select(Visit).where(Visit.starts_at >= since, Visit.starts_at < until, Visit.state != "cancelled")
    if manager_id is not None:
        query = query.where(Visit.manager_id == manager_id)
    return (await session.scalars(query.order_by(Visit.starts_at, Visit.id).limit(LISTED_MAX))).all()


async def list_of_conversations(session: AsyncSession, conversation_ids: Collection[str]) -> Sequence[Visit]:
    """All visits of some customers, the last first."""
    query = select(Visit).where(Visit.conversation_id.in_(conversation_ids))
    return (await session.scalars(query.order_by(Visit.starts_at.desc(), Visit.id).limit(LISTED_MAX))).all()


async def list_unreported(session: AsyncSession, manager_id: str | None, before: datetime) -> Sequence[Visit]:
    """One manager's visits, or everybody's, that began before a moment and of which nobody said what came of them."""
    query = select(Visit).where(Visit.starts_at < before, Visit.state == "booked")
    if manager_id is not None:
        query = query.where(Visit.manager_id == manager_id)
    return (await session.scalars(query.order_by(Visit.starts_at, Visit.id).limit(LISTED_MAX))).all()


async def find_manager(session: AsyncSession, conversation_id: str) -> str | None:
    """The account manager of a conversation's customer."""
    query = select(Customer.manager_id).join(Conversation, Conversation.customer_id == Customer.id)
    return await session.scalar(query.where(Conversation.id == conversation_id))


async def find_request(session: AsyncSession, conversation_id: str) -> Handoff | None:
    """The last time that a conversation asked for its account manager."""
    asked = Handoff.conversation_id == conversation_id, Handoff.reason == "account_manager"
    query = select(Handoff).where(*asked).order_by(Handoff.requested_at.desc()).limit(1)
    return (await session.scalars(query)).one_or_none()


async def follow_managers(session: AsyncSession, now: datetime) -> Sequence[Visit]:
    """Gives the visits to come to the account manager that their customer has now; those that changed hands.

    What came of an earlier one is known to who was to make it.
    """
    now_theirs = (
        select(Customer.manager_id)
        .join(Conversation, Conversation.customer_id == Customer.id)
        .where(Conversation.id == Visit.conversation_id)
        .scalar_subquery()
    )
    is_to_come = Visit.state == "booked", Visit.starts_at > now
    has_changed = *is_to_come, Visit.manager_id.is_distinct_from(now_theirs)
    if not await session.scalar(select(exists().where(*has_changed))):
        return []
    moved = update(Visit).where(*has_changed).values(manager_id=now_theirs, manager_reminded_at=None)
    ids = list(await session.scalars(moved.returning(Visit.id), execution_options={"synchronize_session": False}))
    return (await session.scalars(select(Visit).where(Visit.id.in_(ids)))).all()


async def list_pointless(session: AsyncSession, now: datetime) -> Sequence[Visit]:
    """Visits to come for applications that are over or gone."""
    is_open = exists().where(Application.id == Visit.application_id, Application.stage.in_(OPEN_STAGES))
    is_to_come = Visit.state == "booked", Visit.starts_at > now
    query = select(Visit).where(*is_to_come, Visit.application_id.is_not(None), ~is_open)
    return (await session.scalars(query.limit(LISTED_MAX))).all()


async def list_unreminded_customers(
    session: AsyncSession, now: datetime, until: datetime, limit: int
) -> Sequence[Visit]:
    """Visits to come before a moment of which the customer was not reminded yet, the next first."""
    return await _list_next(session, now, until, limit, Visit.customer_reminded_at.is_(None))


async def list_unreminded_managers(
    session: AsyncSession, now: datetime, until: datetime, limit: int
) -> Sequence[Visit]:
    """Visits to come before a moment of which their manager was not reminded yet, the next first."""
    is_theirs = Visit.manager_id.is_not(None)
    return await _list_next(session, now, until, limit, is_theirs, Visit.manager_reminded_at.is_(None))


async def _list_next(
    session: AsyncSession, now: datetime, until: datetime, limit: int, *conditions: ColumnElement[bool]
) -> Sequence[Visit]:
    is_near = Visit.state == "booked", Visit.starts_at > now, Visit.starts_at < until
    query = select(Visit).where(*is_near, *conditions).order_by(Visit.starts_at, Visit.id).limit(limit)
    return (await session.scalars(query)).all()
