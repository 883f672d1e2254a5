"""Queries and changes of documents, inside the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from documents.schemas import DocumentKind, Value
from documents.tables import StoredDocument

IS_THEIRS = StoredDocument.sent_by.is_(None)  # the customer's own
IS_PAPER = and_(IS_THEIRS, StoredDocument.media_type.not_like("audio/%"))


async def find(session: AsyncSession, conversation_id: str, message_id: str) -> StoredDocument | None:
    """The document that a message brought."""
    is_it = StoredDocument.conversation_id == conversation_id, StoredDocument.message_id == message_id
    return (await session.scalars(select(StoredDocument).where(*is_it))).one_or_none()


async def count_since(session: AsyncSession, conversation_id: str, since: datetime) -> int:
    """How many its customer has brought since a moment."""
    is_recent = StoredDocument.conversation_id == conversation_id, IS_THEIRS, StoredDocument.created_at > since
    return await session.scalar(select(func.count()).select_from(StoredDocument).where(*is_recent)) or 0


async def list_of_conversations(session: AsyncSession, conversation_ids: Collection[str]) -> Sequence[StoredDocument]:
    """The papers that some conversations' customers brought, oldest first, without contents."""
    query = select(StoredDocument).where(StoredDocument.conversation_id.in_(conversation_ids), IS_PAPER)
    return (await session.scalars(query.order_by(StoredDocument.created_at, StoredDocument.id))).all()


async def list_of_messages(session: AsyncSession, conversation_id: str) -> Sequence[StoredDocument]:
    """All documents of a conversation, voice messages and those that staff sent included, without contents."""
    query = select(StoredDocument).where(StoredDocument.conversation_id == conversation_id)
    return (await session.scalars(query.order_by(StoredDocument.created_at, StoredDocument.id))).all()


async def list_of_application(session: AsyncSession, application_id: str) -> Sequence[StoredDocument]:
    """Those of an application, oldest first, without their contents."""
    query = select(StoredDocument).where(StoredDocument.application_id == application_id)
    return (await session.scalars(query.order_by(StoredDocument.created_at, StoredDocument.id))).all()


async def count_of_application(session: AsyncSession, application_id: str, *, since: datetime) -> int:
    """How many have come for an application since a moment."""
    is_recent = StoredDocument.application_id == application_id, StoredDocument.created_at >= since
    return await session.scalar(select(func.count()).select_from(StoredDocument).where(*is_recent)) or 0


async def list_around(
    session: AsyncSession, application_id: str | None, conversation_ids: Collection[str]
) -> Sequence[StoredDocument]:
    """Those of an application; without one, what some conversations have brought for one not handed in yet."""
    if application_id:
        return await list_of_application(session, application_id)
    sent = await list_of_conversations(session, conversation_ids)
    return [document for document in sent if document.application_id is None]


async def find_applications_with(
    session: AsyncSession, document_ids: Collection[str], conversation_ids: Collection[str]
) -> Sequence[str]:
    """The applications of other conversations that have one of the same pictures, by the keyed hash of its bytes."""
    same = aliased(StoredDocument)
    query = select(same.application_id).join(StoredDocument, StoredDocument.content_key == same.content_key)
    is_others = StoredDocument.id.in_(document_ids), same.conversation_id.not_in(conversation_ids)
    return [each for each in await session.scalars(query.where(*is_others).distinct()) if each]


async def attach(session: AsyncSession, conversation_ids: Collection[str], application_id: str, now: datetime) -> int:
    """Attaches a customer's documents that have no application to one; they no longer expire. Gives how many."""
    is_free = (
        StoredDocument.conversation_id.in_(conversation_ids),
        StoredDocument.application_id.is_(None),
        IS_PAPER,
        StoredDocument.expires_at > now,
    )
    change = update(StoredDocument).where(*is_free).values(application_id=application_id, expires_at=None)
    return len((await session.scalars(change.returning(StoredDocument.id))).all())


async def describe(session: AsyncSession, document_id: str, kind: DocumentKind, fields: Mapping[str, Value]) -> None:
    """Notes what a document shows and says."""
    change = update(StoredDocument).where(StoredDocument.id == document_id)
    await session.execute(change.values(kind=kind, fields={**fields}))


async def delete_unattached(session: AsyncSession, conversation_id: str) -> int:
    """Deletes what a conversation has brought and no application has; gives how many."""
    is_free = StoredDocument.conversation_id == conversation_id, StoredDocument.application_id.is_(None)
    return len((await session.scalars(delete(StoredDocument).where(*is_free).returning(StoredDocument.id))).all())


async def delete_of_applications(session: AsyncSession, application_ids: Collection[str]) -> int:
    """Deletes what applications have; gives how many."""
    doomed = delete(StoredDocument).where(StoredDocument.application_id.in_(application_ids))
    return len((await session.scalars(doomed.returning(StoredDocument.id))).all())
