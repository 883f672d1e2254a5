"""Tables of the knowledge service."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.database import Base, UtcDateTime


class KnowledgeEntry(Base):
    """A question customers ask, and the bank's answer."""

    __tablename__ = "knowledge_entries"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    category: Mapped[str] = mapped_column(String(64), index=True)
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    similar_questions: Mapped[list["SimilarQuestion"]] = relationship(
        cascade="all, delete-orphan", order_by="SimilarQuestion.position", lazy="selectin"
    )


class SimilarQuestion(Base):
    """A paraphrase of an entry's question."""

    __tablename__ = "similar_questions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    entry_id: Mapped[str] = mapped_column(ForeignKey("knowledge_entries.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)


class TextVector(Base):
    """A text's vector by one encoder, stored so that only changed texts are encoded again."""

    __tablename__ = "text_vectors"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)
