"""Applications about loans that customers have: stored once, then asked for at the bank's core until it answers."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from applications.numbering import make_number
from applications.repository import list_keys
from applications.schemas import ManagedApplication, StoredApplication
from applications.stages import ENDED_STAGES, OPEN_STAGES, ApplicationKind, Stage, deadline
from applications.tables import Application, ApplicationStep, CoreState
from documents import repository as documents
from kit.errors import RequestError
from kit.security import hash_content
from kit.working_time import OfficeHours
from verification.repository import lock_same_customer


class LoanWish(NamedTuple):
    """What a customer wants of a loan they have, and what the core said of it (`loan`, with its `loan_id`)."""

    kind: ApplicationKind
    content: StoredApplication
    loan: Mapping[str, Any]
    goes_to_core: bool


async def find(session: AsyncSession, key: str) -> ManagedApplication | None:
    """The application that was stored under a key: the customer confirmed it before."""
    row = await session.scalar(select(Application).where(Application.idempotency_key == key))
    return ManagedApplication.model_validate(row) if row else None


async def find_open(
    session: AsyncSession, conversation_ids: Collection[str], kind: ApplicationKind, loan_id: str
) -> str | None:
    """The number of an application of a kind for a loan that is in progress."""
    is_open = Application.kind == kind, Application.stage.in_(OPEN_STAGES)
    query = select(Application).where(*is_open, Application.conversation_id.in_(conversation_ids))
    found = (row for row in await session.scalars(query) if row.loan and row.loan["loan_id"] == loan_id)
    return next((row.number for row in found), None)


async def store(
    session: AsyncSession, wish: LoanWish, key: str, *, now: datetime, hours: OfficeHours
) -> ManagedApplication:
    """Stores it once for each key, in the caller's transaction, with the documents that the customer sent before.

    RequestError 409 `already_applied` while the customer's other one of the same kind for the same loan is in progress.
    """
    theirs = await lock_same_customer(session, wish.content.conversation_id)
    if stored := await find(session, key):
        return stored
    if number := await find_open(session, theirs, wish.kind, wish.loan["loan_id"]):
        raise RequestError(409, "already_applied", f"这笔贷款已有一笔在办，编号{number}")
    due_at = deadline("submitted", now, hours)
    row = Application(
        **wish.content.model_dump(),
        kind=wish.kind,
        loan=dict(wish.loan),
        core_state="to_send" if wish.goes_to_core else None,
        search_keys=list_keys(wish.content),
        id=str(uuid.uuid4()),
        number=make_number(now),
        idempotency_key=key,
        request_hash=hash_content([wish.kind, wish.loan["loan_id"], wish.content.amount, wish.content.term]),
        stage="submitted",
        reason="",
        items=[],
        # The core may act on it at any moment: the customer cannot take it back alone.
        acted_at=now if wish.goes_to_core else None,
        due_at=due_at,
        check_at=due_at,
        changed_at=now,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    session.add(ApplicationStep(application_id=row.id, stage="submitted", actor="customer", due_at=due_at, at=now))
    if wish.kind != "drawdown":
        await documents.attach(session, theirs, row.id, now)
    await session.flush()
    return ManagedApplication.model_validate(row)


async def list_to_send(session: AsyncSession, limit: int) -> list[ManagedApplication]:
    """Those for which the core is still to be asked, the oldest first."""
    is_due = Application.core_state == "to_send", Application.stage.not_in(ENDED_STAGES)
    rows = await session.scalars(select(Application).where(*is_due).order_by(Application.created_at).limit(limit))
    return [ManagedApplication.model_validate(row) for row in rows]


async def read_state(session: AsyncSession, application_id: str) -> tuple[CoreState | None, Stage | None]:
    """Whether the core has been asked, and where the application stands."""
    query = select(Application.core_state, Application.stage).where(Application.id == application_id)
    found = (await session.execute(query)).one_or_none()
    return (found.core_state, found.stage) if found else (None, None)


async def note_answer(
    session: AsyncSession, application_id: str, state: CoreState, **said: str
) -> ManagedApplication | None:
    """Notes what the core answered, once; the application as it is now, None if an answer was known."""
    is_open = Application.id == application_id, Application.core_state == "to_send"
    taken = update(Application).where(*is_open).values(core_state=state).returning(Application.id)
    if await session.scalar(taken) is None:
        return None
    row = await session.get_one(Application, application_id, populate_existing=True)
    row.loan = {**(row.loan or {}), **said}
    await session.flush()
    return ManagedApplication.model_validate(row)
