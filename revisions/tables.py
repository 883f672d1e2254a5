"""The tables of revisions and of the notes about them."""

from datetime import date, datetime

from sqlalchemy import JSON, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Base, UtcDateTime
from revisions.schemas import Content


class Revision(Base):
    """A revision of the thing with the `key`; `topic` says of which kind the thing is. A key has one draft at most.

    Revisions of one `change` are decided, and rolled back, together.
    """

    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("topic", "key", "number"),
        Index(
            "uq_revisions_draft",
            "topic",
            "key",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    topic: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    content: Mapped[Content] = mapped_column(JSON)
    effective_from: Mapped[date]
    version: Mapped[int]
    rolls_back: Mapped[int | None]
    writers: Mapped[list[str]] = mapped_column(JSON)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(36))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(200))
    change: Mapped[str | None] = mapped_column(String(36))


class RevisionNote(Base):
    """What a staff member wrote to colleagues about a revision."""

    __tablename__ = "revision_notes"
    __table_args__ = (Index("ix_revision_notes_topic_key", "topic", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    topic: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    staff_id: Mapped[str] = mapped_column(String(36))
    text: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
