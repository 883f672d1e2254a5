"""Tables of the knowledge service."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Base, UtcDateTime


class TextVector(Base):
    """A text's vector by one encoder, stored so that only changed texts are encoded again."""

    __tablename__ = "text_vectors"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class GoldenQuestion(Base):
    """A question whose answer must not go wrong when entries are published; without an entry it must have none.

    `added_by` is None for the seed's.
    """

    __tablename__ = "golden_questions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    text: Mapped[str] = mapped_column(String(500), unique=True)
    entry_id: Mapped[str | None] = mapped_column(String(64))
    added_by: Mapped[str | None] = mapped_column(String(36))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
