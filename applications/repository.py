"""Queries and changes of pre-applications for account managers and reviewers, inside the caller's transaction."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from applications.schemas import CORRECTABLE, ApplicationLimits, ManagedApplication, StepView, StoredApplication
from applications.stages import OPEN_STAGES, REVIEWED_STAGES, Stage
from applications.tables import Application, ApplicationStep
from kit.errors import RequestError
from kit.search_keys import list_search_keys, read_search
from verification.repository import list_same_customer

_IS_FREE = Application.manager_id.is_(None), Application.stage.in_(OPEN_STAGES)


async def list_of_manager(
    session: AsyncSession, manager_id: str | None, stages: Collection[Stage], *, search: str = "", limit: int
) -> list[ManagedApplication]:
    """One manager's applications, or everybody's, last changed first."""
    query = select(Application).where(Application.stage.in_(stages)).order_by(Application.changed_at.desc())
    if manager_id is not None:
        query = query.where(Application.manager_id == manager_id)
    if search:
        query = query.where(mentions(search))
    return [_view(row) for row in await session.scalars(query.limit(limit))]


async def list_of_conversations(session: AsyncSession, conversation_ids: Collection[str]) -> list[ManagedApplication]:
    """The applications of some conversations, newest first."""
    query = select(Application).where(Application.conversation_id.in_(conversation_ids))
    return [_view(row) for row in await session.scalars(query.order_by(Application.created_at.desc()))]


async def find_newest_open(session: AsyncSession, conversation_id: str) -> Application | None:
    """The newest open application of a conversation's customer, on whatever channel."""
    theirs = await list_same_customer(session, conversation_id)
    is_open = Application.conversation_id.in_(theirs), Application.stage.in_(OPEN_STAGES)
    return await session.scalar(select(Application).where(*is_open).order_by(Application.created_at.desc()).limit(1))


async def list_unassigned(session: AsyncSession, limit: int) -> list[ManagedApplication]:
    """Open applications without a manager, newest first, so that old ones never crowd out new ones."""
    query = select(Application).where(*_IS_FREE)
    return [_view(row) for row in await session.scalars(query.order_by(Application.created_at.desc()).limit(limit))]


async def list_late(session: AsyncSession, now: datetime, limit: int) -> list[ManagedApplication]:
    """Open applications that are overdue, the longest first."""
    query = select(Application).where(Application.stage.in_(OPEN_STAGES), Application.due_at < now)
    return [_view(row) for row in await session.scalars(query.order_by(Application.due_at).limit(limit))]


async def list_unreviewed(session: AsyncSession, reviewers: Collection[str], limit: int) -> list[ManagedApplication]:
    """Applications under review by none of these, those that have waited longest first."""
    is_unreviewed = or_(Application.reviewer_id.is_(None), Application.reviewer_id.not_in(reviewers))
    query = select(Application).where(Application.stage.in_(REVIEWED_STAGES), is_unreviewed)
    return [_view(row) for row in await session.scalars(query.order_by(Application.changed_at).limit(limit))]


async def list_open_of_product(session: AsyncSession, product: str) -> list[ApplicationLimits]:
    """What open applications for a product ask for, newest first; nothing of their applicants is read."""
    columns = select(Application.number, Application.manager_id, Application.amount, Application.term)
    is_open = Application.product == product, Application.stage.in_(OPEN_STAGES)
    rows = await session.execute(columns.where(*is_open).order_by(Application.created_at.desc()))
    return [ApplicationLimits(*row) for row in rows]


async def count_open_by_manager(session: AsyncSession, products: Collection[str]) -> dict[str, int]:
    """How many open applications for some products each account manager has, by their ids."""
    query = select(Application.manager_id, func.count()).group_by(Application.manager_id)
    is_open = Application.product.in_(products), Application.stage.in_(OPEN_STAGES)
    rows = await session.execute(query.where(*is_open, Application.manager_id.is_not(None)))
    return {str(manager_id): count for manager_id, count in rows}


async def list_without_credit_inquiry(session: AsyncSession) -> list[ManagedApplication]:
    """Open applications with a manager whose customers took that consent back."""
    is_marked = Application.credit_withdrawn_at.is_not(None), Application.manager_id.is_not(None)
    query = select(Application).where(*is_marked, Application.stage.in_(OPEN_STAGES))
    return [_view(row) for row in await session.scalars(query)]


async def get_application(
    session: AsyncSession, application_id: str, *, is_changed: bool = False
) -> ManagedApplication:
    """One application, locked if it is about to be changed; RequestError 404."""
    row = await session.get(Application, application_id, with_for_update=is_changed)
    if row is None:
        raise RequestError(404, "no_such_application", "没有这笔申请")
    return _view(row)


async def list_steps(session: AsyncSession, application_id: str) -> list[StepView]:
    """What happened to an application, the oldest step first."""
    query = select(ApplicationStep).where(ApplicationStep.application_id == application_id)
    return [StepView.model_validate(row) for row in await session.scalars(query.order_by(ApplicationStep.id))]


async def find_by_number(session: AsyncSession, number: str) -> ManagedApplication:
    """The application with this number; RequestError 404."""
    row = await session.scalar(select(Application).where(Application.number == number))
    if row is None:
        raise RequestError(404, "no_such_application", "没有这笔申请")
    return _view(row)


async def correct(session: AsyncSession, application_id: str, corrections: Mapping[str, str]) -> ManagedApplication:
    """Corrects what the customer says was recorded wrong. RequestError 404, 422 for a value or field not allowed."""
    row = await session.get(Application, application_id, with_for_update=True)
    if row is None:
        raise RequestError(404, "no_such_application", "没有这笔申请")
    if unknown := corrections.keys() - CORRECTABLE.keys():
        raise RequestError(422, "not_correctable", f"不能更正：{'、'.join(sorted(unknown))}")
    try:
        corrected = change_content(row, corrections)
    except ValidationError as error:
        wrong = "、".join(CORRECTABLE.get(str(each["loc"][0]), "") for each in error.errors() if each["loc"])
        raise RequestError(422, "invalid_correction", f"{wrong or '内容'}不像是对的，请检查") from None
    for name in corrections:
        setattr(row, name, getattr(corrected, name))
    row.search_keys = list_keys(corrected)
    await session.flush()
    return _view(row)


def change_content(row: Application, values: Mapping[str, Any]) -> StoredApplication:
    """What a stored application says with some of it changed; raises pydantic.ValidationError.

    The product may be no longer offered, and its limits others: those in force count when something is submitted.
    """
    stored = {name: getattr(row, name) for name in StoredApplication.model_fields}
    return StoredApplication.model_validate({**stored, **values})


def list_keys(application: StoredApplication) -> str:
    """What an application is found by: also the identity number, if it was asked for."""
    identity = application.details.get("id_number")
    return list_search_keys(application.name, application.phone, identity if isinstance(identity, str) else None)


async def mark_called(session: AsyncSession, application_ids: Collection[str], now: datetime) -> None:
    """Records that staff call the applicant, after which the customer cannot withdraw them alone."""
    is_new = Application.id.in_(application_ids), Application.stage == "submitted", Application.acted_at.is_(None)
    await session.execute(update(Application).where(*is_new).values(acted_at=now))


async def set_manager(session: AsyncSession, application_id: str, manager_id: str) -> bool:
    """Assigns an open application without a manager; returns whether it still was one."""
    is_free = Application.id == application_id, *_IS_FREE
    taken = update(Application).where(*is_free).values(manager_id=manager_id).returning(Application.id)
    return await session.scalar(taken) is not None


async def set_manager_of_conversation(session: AsyncSession, conversation_id: str, manager_id: str) -> None:
    """Assigns all applications of a conversation to a manager, whoever had them."""
    is_theirs = Application.conversation_id == conversation_id
    await session.execute(update(Application).where(is_theirs).values(manager_id=manager_id))


async def count_open_of_manager(session: AsyncSession, manager_id: str) -> int:
    """How many applications an account manager has to work on."""
    is_theirs = Application.manager_id == manager_id, Application.stage.in_(OPEN_STAGES)
    return await session.scalar(select(func.count()).where(*is_theirs)) or 0


async def hand_over(session: AsyncSession, manager_id: str, to: str | None) -> list[str]:
    """Gives all applications of an account manager to another, or to nobody; their ids."""
    moved = update(Application).where(Application.manager_id == manager_id).values(manager_id=to)
    return list(await session.scalars(moved.returning(Application.id)))


async def set_reviewer(session: AsyncSession, application_id: str, reviewer_id: str) -> None:
    """Assigns an application to a reviewer, whoever had it."""
    is_it = Application.id == application_id
    await session.execute(update(Application).where(is_it).values(reviewer_id=reviewer_id))


async def count_reviews(session: AsyncSession, reviewer_ids: Collection[str]) -> dict[str, tuple[int, datetime]]:
    """How many applications each reviewer has to work on, and when the last of theirs came; only those who had any."""
    open_one = case((Application.stage.in_(REVIEWED_STAGES), Application.id))
    query = (
        select(Application.reviewer_id, func.count(open_one.distinct()), func.max(ApplicationStep.at))
        .join(ApplicationStep, ApplicationStep.application_id == Application.id)
        .where(Application.reviewer_id.in_(reviewer_ids), ApplicationStep.stage.in_(REVIEWED_STAGES))
        .group_by(Application.reviewer_id)
    )
    return {str(reviewer): (count, last) for reviewer, count, last in (await session.execute(query)).all()}


async def hand_over_reviews(session: AsyncSession, reviewer_id: str, to: str | None) -> list[str]:
    """Gives all applications of a reviewer to another, or to nobody; their ids."""
    moved = update(Application).where(Application.reviewer_id == reviewer_id).values(reviewer_id=to)
    return list(await session.scalars(moved.returning(Application.id)))


def mentions(search: str) -> ColumnElement[bool]:
    """Whether it is a search key of the applicant (kit/search_keys.py), or words of the number or place."""
    words = (column.icontains(search, autoescape=True) for column in (Application.number, Application.region))
    return or_(Application.search_keys.contains(read_search(search)), *words)


def _view(row: Application) -> ManagedApplication:
    return ManagedApplication.model_validate(row)
