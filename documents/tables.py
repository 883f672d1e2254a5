"""The table of customers' documents, and of what staff sent them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from documents.schemas import DocumentKind, Value
from kit.database import Base, UtcDateTime
from kit.encrypted import Digests, EncryptedBytes, EncryptedJson, EncryptedText


class StoredDocument(Base):
    """A picture, a voice message or a file of a customer's, or sent to them, once for each message that brought one.

    `message_id` is the platform's, as in `messages.channel_message_id`. `content_key` is a hash by the vault's key: the
    same bytes have the same one, whoever sent them. `fields` is all that was read of it, as in pictures/schemas.py.
    `expires_at` is empty once it belongs to an application. `paper`: which paper of the product it is, as the helper
    said who brought it; None: the customer sent it. `sent_by` is who of the staff sent it: then it is no paper of
    theirs.
    """

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("conversation_id", "message_id"),
        Index("ix_documents_conversation_id_created_at", "conversation_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    application_id: Mapped[str | None] = mapped_column(ForeignKey("applications.id"), index=True)
    message_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[DocumentKind | None] = mapped_column(String(24))
    paper: Mapped[str | None] = mapped_column(String(200))
    sent_by: Mapped[str | None] = mapped_column(String(36))
    fields: Mapped[dict[str, Value]] = mapped_column(EncryptedJson("documents.fields"))
    media_type: Mapped[str] = mapped_column(String(80))
    file_name: Mapped[str] = mapped_column(EncryptedText("documents.file_name"), default="")
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(EncryptedBytes("documents.content"), deferred=True)
    content_key: Mapped[str] = mapped_column(Digests, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
