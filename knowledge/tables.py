"""Tables of the knowledge service."""

from datetime import date, datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Base, UtcDateTime


class TextVector(Base):
    """A text's vector by one encoder, named by its fingerprint: only changed texts are encoded again."""

    __tablename__ = "text_vectors"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    encoder: Mapped[str] = mapped_column(String(200), index=True)
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


class NextQuestion(Base):
    """An entry that often answered what customers asked next after another one; `customers` is how many of them."""

    __tablename__ = "next_questions"

    entry_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    next_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    customers: Mapped[int]


class IndexBuild(Base):
    """The newest index of a knowledge process, built or being built, and the edition of the entries that it is of."""

    __tablename__ = "index_builds"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int]
    day: Mapped[date]
    is_built: Mapped[bool]
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class IndexCutover(Base):
    """The moment from which on all processes answer from an edition of the entries."""

    __tablename__ = "index_cutovers"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
