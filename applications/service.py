"""Stores pre-applications, each once, and withdraws them for their customers."""

import secrets
import uuid
from collections.abc import Awaitable, Callable

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from applications.schemas import ApplicationIn, ApplicationView, ManagedApplication
from applications.tables import Application
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.search_keys import list_search_keys
from kit.security import hash_token

# Read aloud on the phone: no 0/O, 1/I.
_NUMBER_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

Announce = Callable[[AsyncSession, ManagedApplication], Awaitable[None]]


class Applications:
    """The pre-applications in the database."""

    def __init__(
        self, database: Database, clock: Clock = read_clock, *, announce_withdrawal: Announce | None = None
    ) -> None:
        """`announce_withdrawal` is called in the transaction of each withdrawal."""
        self._database = database
        self._clock = clock
        self._announce_withdrawal = announce_withdrawal

    async def submit(self, application: ApplicationIn, idempotency_key: str) -> ApplicationView:
        """Stores it. The same key again returns the stored one; RequestError 409 if the content differs."""
        stored = await self._find(idempotency_key)
        if stored is None:
            try:
                return await self._store(application, idempotency_key)
            except IntegrityError:  # the same key was submitted twice at the same moment
                stored = await self._find(idempotency_key)
                if stored is None:
                    raise
        if stored.request_hash != _hash_request(application):
            raise RequestError(409, "idempotency_conflict", "this key was used for another application")
        return ApplicationView.model_validate(stored)

    async def list_applications(self, conversation_id: str) -> list[ApplicationView]:
        """The conversation's applications, newest first."""
        query = (
            select(Application)
            .where(Application.conversation_id == conversation_id)
            .order_by(Application.created_at.desc())
            .limit(20)
        )
        async with self._database.reading() as session:
            return [ApplicationView.model_validate(row) for row in await session.scalars(query)]

    async def withdraw(self, conversation_id: str, number: str, idempotency_key: str) -> ApplicationView:
        """Withdraws it unless staff have acted on it. Withdrawing it again returns the same and changes nothing.

        RequestError 404 unless it is this conversation's, 409 `already_in_progress` when staff have acted on it, 409
        `idempotency_conflict` when the key has withdrawn another one.
        """
        is_theirs = Application.number == number, Application.conversation_id == conversation_id
        query = select(Application).where(*is_theirs).with_for_update()
        async with self._database.transaction() as session:
            row = (await session.scalars(query)).one_or_none()
            if row is None:
                raise RequestError(404, "no_such_application", "没有这笔申请")
            if row.stage != "withdrawn":
                await self._withdraw(session, row, idempotency_key)
        return ApplicationView.model_validate(row)

    async def _withdraw(self, session: AsyncSession, row: Application, idempotency_key: str) -> None:
        if not row.is_withdrawable:
            reason = "已经办结" if row.stage == "closed" else "客户经理已经在办"
            raise RequestError(409, "already_in_progress", f"这笔申请{reason}，不能直接撤回")
        row.stage, row.changed_at, row.withdrawal_key = "withdrawn", self._clock(), idempotency_key
        try:
            await session.flush()
        except IntegrityError:
            raise RequestError(409, "idempotency_conflict", "this key has withdrawn another application") from None
        if self._announce_withdrawal:
            await self._announce_withdrawal(session, ManagedApplication.model_validate(row))

    async def _find(self, idempotency_key: str) -> Application | None:
        query = select(Application).where(Application.idempotency_key == idempotency_key)
        async with self._database.reading() as session:
            return (await session.scalars(query)).one_or_none()

    async def _store(self, application: ApplicationIn, idempotency_key: str) -> ApplicationView:
        now = self._clock()
        suffix = "".join(secrets.choice(_NUMBER_LETTERS) for _ in range(5))
        row = Application(
            **application.model_dump(),
            search_keys=list_search_keys(application.name, application.phone),
            id=str(uuid.uuid4()),
            number=f"QH{now.astimezone(CHINA):%y%m%d}-{suffix}",
            idempotency_key=idempotency_key,
            request_hash=_hash_request(application),
            stage="submitted",
            changed_at=now,
            created_at=now,
        )
        async with self._database.transaction() as session:
            session.add(row)
        return ApplicationView.model_validate(row)


def _hash_request(application: ApplicationIn) -> str:
    return hash_token(application.model_dump_json())
