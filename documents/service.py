"""Takes customers' documents, each once, and gives them back."""

import asyncio
import hashlib
import uuid
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from documents import repository
from documents.content import MEDIA_TYPE, clean_picture, require_size
from documents.files import check_file, clean_name
from documents.scanning import NoScanner, Scanner
from documents.schemas import Document, DocumentKind, DocumentView, Medium, Value
from documents.settings import DocumentsSettings
from documents.tables import StoredDocument
from documents.voice import MEDIA_TYPE as MP3
from documents.voice import clean_voice
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.pubsub import Signal, publish
from privacy.retention import load_retention
from verification.repository import list_same_customer

DAY = timedelta(days=1)
NO_FIELDS: Mapping[str, Value] = {}
DECODED_AT_ONCE = 2  # a picture may take 150 MB
TOO_MANY = "今天收到的照片和文件已经很多了，请明天再发"
RETRY_AFTER_SECONDS = 3600
GONE = "这份材料已经删除了"


class Documents:
    """The documents in the database. Each is scanned, checked or encoded anew, and encrypted before it is kept."""

    def __init__(
        self,
        database: Database,
        settings: DocumentsSettings | None = None,
        scanner: Scanner | None = None,
        clock: Clock = read_clock,
    ) -> None:
        self.bytes_max = (settings or DocumentsSettings()).bytes_max
        self._per_day = (settings or DocumentsSettings()).per_day
        self._database = database
        self._scanner = scanner or NoScanner()
        self._clock = clock
        self._decoding = asyncio.Semaphore(DECODED_AT_ONCE)

    async def store(
        self,
        conversation_id: str,
        message_id: str,
        content: bytes,
        *,
        medium: Medium = "image",
        name: str = "",
        paper: str | None = None,
        application_id: str | None = None,
        sent_by: str | None = None,
    ) -> DocumentView:
        """Stores what a message brought; the same message again changes nothing and gives the same.

        `name` is a file's. What a helper brought is a `paper` of an application; `sent_by`: which of the staff sent it
        to the customer.

        RequestError with a reason for the customer: 413, 422 for what is not taken, 429 for too many in a day, 503
        while the virus scanner is away.
        """
        if stored := await self.find(conversation_id, message_id):
            return stored
        require_size(len(content), self.bytes_max)
        if sent_by is None:
            async with self._database.reading() as session:
                await self._require_room(session, conversation_id)
        await self._scanner.scan(content)
        async with self._decoding:
            kept, media_type = await _clean(content, medium)
        now = self._clock()
        row = StoredDocument(
            id=str(uuid.uuid4()),
            conversation_id=conversation_id,
            application_id=application_id,
            message_id=message_id,
            paper=paper,
            sent_by=sent_by,
            fields={},
            media_type=media_type,
            file_name=clean_name(name, media_type) if medium == "file" else "",
            size=len(kept),
            content=kept,
            content_key=hashlib.sha256(kept).hexdigest(),
            created_at=now,
            expires_at=None if application_id else now + load_retention().find_time("document"),
        )
        try:
            async with self._database.transaction() as session:
                if sent_by is None:
                    await self._require_room(session, conversation_id)
                    await publish(session, Signal(conversation_id, "message"))
                session.add(row)
        except IntegrityError:  # the same message came twice at the same moment
            stored = await self.find(conversation_id, message_id)
            if stored is None:
                raise
            return stored
        return DocumentView.model_validate(row)

    async def find(self, conversation_id: str, message_id: str) -> DocumentView | None:
        """The document that a message brought."""
        async with self._database.reading() as session:
            row = await repository.find(session, conversation_id, message_id)
            return DocumentView.model_validate(row) if row else None

    async def read(self, document_id: str) -> Document:
        """A document with its content; RequestError 404. Who may read it is for the caller to check."""
        async with self._database.reading() as session:
            row = await session.get(StoredDocument, document_id, options=[undefer(StoredDocument.content)])
            if row is None:
                raise RequestError(404, "no_such_document", GONE)
            return Document(view=DocumentView.model_validate(row), content=row.content)

    async def describe(self, document_id: str, kind: DocumentKind, fields: Mapping[str, Value] = NO_FIELDS) -> None:
        """Notes what a document shows and says."""
        async with self._database.transaction() as session:
            await repository.describe(session, document_id, kind, fields)

    async def attach(self, conversation_id: str, application_id: str) -> int:
        """Attaches what the customer sent, on whatever channel, and no application has yet; gives how many."""
        async with self._database.transaction() as session:
            theirs = await list_same_customer(session, conversation_id)
            return await repository.attach(session, theirs, application_id, self._clock())

    async def list_of_conversations(self, conversation_ids: Collection[str]) -> list[DocumentView]:
        """Those of some conversations, oldest first."""
        async with self._database.reading() as session:
            rows = await repository.list_of_conversations(session, conversation_ids)
            return [DocumentView.model_validate(row) for row in rows]

    async def list_of_messages(self, conversation_id: str) -> dict[str, DocumentView]:
        """Documents by the message that brought each, those that staff sent included."""
        async with self._database.reading() as session:
            rows = await repository.list_of_messages(session, conversation_id)
            return {row.message_id: DocumentView.model_validate(row) for row in rows}

    async def list_of_application(self, application_id: str) -> list[DocumentView]:
        """Those of an application, oldest first."""
        async with self._database.reading() as session:
            rows = await repository.list_of_application(session, application_id)
            return [DocumentView.model_validate(row) for row in rows]

    async def _require_room(self, session: AsyncSession, conversation_id: str) -> None:
        since: datetime = self._clock() - DAY
        if await repository.count_since(session, conversation_id, since) >= self._per_day:
            raise RequestError(429, "too_many_documents", TOO_MANY, retry_after=RETRY_AFTER_SECONDS)


async def _clean(content: bytes, medium: Medium) -> tuple[bytes, str]:
    """The content as it is kept, and its media type. RequestError 422."""
    match medium:
        case "voice":
            return await clean_voice(content), MP3
        case "file":
            return content, await asyncio.to_thread(check_file, content)
        case _:
            return (await asyncio.to_thread(clean_picture, content)).content, MEDIA_TYPE
