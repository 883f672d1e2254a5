"""What customers do with their applications: hand in, each once, look up, complete, withdraw."""

import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from applications.checklist import PAPER, list_wanted
from applications.drafts import drop_drafts
from applications.moves import move
from applications.numbering import make_number
from applications.repository import change_content, list_keys
from applications.schemas import (
    ApplicationIn,
    ApplicationView,
    CompletionIn,
    ManagedApplication,
    Move,
    StoredApplication,
)
from applications.stages import ENDED_STAGES, OPEN_STAGES, Actor, deadline
from applications.tables import Application, ApplicationStep
from documents import repository as documents
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.security import hash_token
from kit.working_time import OfficeHours
from verification.repository import list_same_customer, lock_same_customer

RequireConsents = Callable[[AsyncSession, str], Awaitable[None]]
_CUSTOMER: tuple[Actor, ...] = ("customer",)

Announce = Callable[[AsyncSession, ManagedApplication], Awaitable[None]]
ReadHours = Callable[[], Awaitable[OfficeHours]]
NameStaff = Callable[[AsyncSession, Collection[str]], Awaitable[Mapping[str, str]]]


class Applications:
    """The pre-applications in the database."""

    def __init__(
        self,
        database: Database,
        clock: Clock = read_clock,
        *,
        read_hours: ReadHours,
        announce_withdrawal: Announce,
        name_staff: NameStaff,
        require_consents: RequireConsents,
    ) -> None:
        """`read_hours`: the office hours that deadlines are counted in. `name_staff` names staff by id.

        `announce_withdrawal` is called in the transaction of each withdrawal, `require_consents` in that of each
        submission, with the conversation: it raises RequestError 403 for a consent that is missing.
        """
        self._database = database
        self._clock = clock
        self._read_hours = read_hours
        self._announce_withdrawal = announce_withdrawal
        self._name_staff = name_staff
        self._require_consents = require_consents

    async def submit(self, application: ApplicationIn, idempotency_key: str) -> ApplicationView:
        """Stores it, with the documents that the customer sent before. The same key again returns the stored one.

        Once that one is over, the key counts anew: who withdrew may apply for the same again. RequestError 409
        `idempotency_conflict` if the content differs, `already_applied` while another application for the same product
        is in progress.
        """
        stored = await self._find(idempotency_key)
        if stored is None or stored.stage in ENDED_STAGES:
            try:
                return await self._store(application, idempotency_key)
            except IntegrityError:  # the same key was submitted twice at the same moment
                stored = await self._find(idempotency_key)
                if stored is None:
                    raise
        if stored.request_hash != _hash_request(application):
            raise RequestError(409, "idempotency_conflict", "this key was used for another application")
        async with self._database.reading() as session:
            return await self._show(session, stored)

    async def list_applications(self, conversation_id: str) -> list[ApplicationView]:
        """The applications of the conversation's customer, on whatever channel, newest first."""
        async with self._database.reading() as session:
            theirs = await list_same_customer(session, conversation_id)
            query = select(Application).where(Application.conversation_id.in_(theirs))
            rows = (await session.scalars(query.order_by(Application.created_at.desc()).limit(20))).all()
            names = await self._name_staff(session, {row.responsible_id for row in rows if row.responsible_id})
        return [_view(row, names) for row in rows]

    async def withdraw(self, conversation_id: str, number: str, idempotency_key: str) -> ApplicationView:
        """Withdraws it unless staff have acted on it. Withdrawing it again returns the same and changes nothing.

        RequestError 404 unless it is this customer's, 409 `already_in_progress` when staff have acted on it, 409
        `idempotency_conflict` when the key has withdrawn another one.
        """
        hours = await self._read_hours()
        async with self._database.transaction() as session:
            row = await _lock(session, conversation_id, number)
            if row.stage != "withdrawn":
                if not row.is_withdrawable:
                    reason = "已经办结" if row.stage in ENDED_STAGES else "客户经理已经在办"
                    raise RequestError(409, "already_in_progress", f"这笔申请{reason}，不能直接撤回")
                change = Move(expected=row.stage, stage="withdrawn", reason_class="customer_request")
                key = f"withdraw:{idempotency_key}"
                await move(session, row.id, change, _CUSTOMER, now=self._clock(), hours=hours, key=key)
                await self._announce_withdrawal(session, ManagedApplication.model_validate(row))
            return await self._show(session, row)

    async def complete(self, completion: CompletionIn, number: str, idempotency_key: str) -> ApplicationView:
        """Takes exactly the items that were asked for, and gives the application back to be checked.

        RequestError 404 unless it is this conversation's, 409 `not_incomplete` if nothing is asked for (any more), 422
        `not_requested`, `still_missing`, `invalid_answer` or `papers_missing`, each with the items. Completing it again
        with the same key returns the same.
        """
        hours, now = await self._read_hours(), self._clock()
        key = f"complete:{idempotency_key}"
        async with self._database.transaction() as session:
            row = await _lock(session, completion.conversation_id, number)
            is_known = ApplicationStep.idempotency_key == key, ApplicationStep.application_id == row.id
            if await session.scalar(select(ApplicationStep.id).where(*is_known)) is None:
                if row.stage != "incomplete":
                    raise RequestError(409, "not_incomplete", "这笔申请现在不缺材料")
                _fill_in(row, completion.answers)
                await _require_papers(session, row)
                change = Move(expected="incomplete", stage="checking")
                await move(session, row.id, change, _CUSTOMER, now=now, hours=hours, key=key)
            return await self._show(session, row)

    async def _show(self, session: AsyncSession, row: Application) -> ApplicationView:
        ids = [row.responsible_id] if row.responsible_id else []
        return _view(row, await self._name_staff(session, ids))

    async def _find(self, idempotency_key: str) -> Application | None:
        query = select(Application).where(Application.idempotency_key == idempotency_key)
        async with self._database.reading() as session:
            return (await session.scalars(query)).one_or_none()

    async def _store(self, application: ApplicationIn, idempotency_key: str) -> ApplicationView:
        hours, now = await self._read_hours(), self._clock()
        due_at = deadline("submitted", now, hours)
        row = Application(
            **application.model_dump(),
            search_keys=list_keys(application),
            id=str(uuid.uuid4()),
            kind="new",
            number=make_number(now),
            idempotency_key=idempotency_key,
            request_hash=_hash_request(application),
            stage="submitted",
            reason="",
            items=[],
            due_at=due_at,
            check_at=due_at,
            changed_at=now,
            created_at=now,
        )
        step = ApplicationStep(application_id=row.id, stage="submitted", actor="customer", due_at=due_at, at=now)
        async with self._database.transaction() as session:
            await self._require_consents(session, application.conversation_id)
            theirs = await lock_same_customer(session, application.conversation_id)
            if number := await _find_open(session, theirs, row):
                raise RequestError(409, "already_applied", f"这种贷款已有一笔在办，编号{number}")
            is_over = Application.idempotency_key == idempotency_key, Application.stage.in_(ENDED_STAGES)
            freed = Application.idempotency_key + ":" + Application.number
            await session.execute(update(Application).where(*is_over).values(idempotency_key=freed))
            session.add(row)
            await drop_drafts(session, application.conversation_id)
            await session.flush()
            session.add(step)
            await documents.attach(session, theirs, row.id, now)
        return _view(row, {})


async def _find_open(session: AsyncSession, conversation_ids: Collection[str], new: Application) -> str | None:
    """The number of the customer's other application for the same product that is still in progress."""
    is_theirs = Application.conversation_id.in_(conversation_ids), Application.stage.in_(OPEN_STAGES)
    is_same = (
        Application.product == new.product,
        Application.kind == new.kind,
        Application.idempotency_key != new.idempotency_key,
    )
    return await session.scalar(select(Application.number).where(*is_theirs, *is_same).limit(1))


async def _lock(session: AsyncSession, conversation_id: str, number: str) -> Application:
    """The customer's application, locked; RequestError 404."""
    theirs = await list_same_customer(session, conversation_id)
    is_theirs = Application.number == number, Application.conversation_id.in_(theirs)
    row = (await session.scalars(select(Application).where(*is_theirs).with_for_update())).one_or_none()
    if row is None:
        raise RequestError(404, "no_such_application", "没有这笔申请")
    return row


def _fill_in(row: Application, answers: Mapping[str, Any]) -> None:
    """Writes the answers that were asked for, and only those; RequestError 422."""
    if stray := answers.keys() - set(row.items):
        raise RequestError(422, "not_requested", f"这几项没有要您改：{'、'.join(sorted(stray))}")
    if missing := [item for item in row.items if item not in answers and not item.startswith(PAPER)]:
        raise RequestError(422, "still_missing", f"还缺：{'、'.join(missing)}")
    told = {item: answers[item] for item in answers if item in StoredApplication.model_fields}
    details = {**row.details, **{item: answers[item] for item in answers if item not in told}}
    try:
        completed = change_content(row, {**told, "details": details})
        if told.keys() & {"amount", "term"}:
            ApplicationIn.model_validate(completed.model_dump())
    except ValidationError as error:
        wrong = sorted({str(each["loc"][0]) for each in error.errors() if each["loc"]} & answers.keys())
        raise RequestError(422, "invalid_answer", f"这几项不像是对的：{'、'.join(wrong or answers)}") from None
    for name in told:
        setattr(row, name, getattr(completed, name))
    row.details = completed.details
    row.search_keys = list_keys(completed)


async def _require_papers(session: AsyncSession, row: Application) -> None:
    """At least one picture for each paper must have come since it was asked for; RequestError 422."""
    wanted = list_wanted(row.items)
    if wanted and await documents.count_of_application(session, row.id, since=row.changed_at) < len(wanted):
        raise RequestError(422, "papers_missing", f"还没有收到照片：{'、'.join(wanted)}")


def _view(row: Application, names: Mapping[str, str]) -> ApplicationView:
    view = ApplicationView.model_validate(row)
    return view.model_copy(update={"responsible": names.get(row.responsible_id or "", "")})


def _hash_request(application: ApplicationIn) -> str:
    return hash_token(application.model_dump_json())
