"""Stores pre-applications, each once."""

import secrets
import uuid

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from applications.schemas import ApplicationIn, ApplicationView
from applications.tables import Application
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.security import hash_token

# Read aloud on the phone: no 0/O, 1/I.
_NUMBER_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class Applications:
    """The pre-applications in the database."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

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

    async def _find(self, idempotency_key: str) -> Application | None:
        query = select(Application).where(Application.idempotency_key == idempotency_key)
        async with self._database.reading() as session:
            return (await session.scalars(query)).one_or_none()

    async def _store(self, application: ApplicationIn, idempotency_key: str) -> ApplicationView:
        now = self._clock()
        suffix = "".join(secrets.choice(_NUMBER_LETTERS) for _ in range(5))
        row = Application(
            **application.model_dump(),
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
