"""Tables of the knowledge service."""

from datetime import date, datetime

from sqlalchemy import JSON, Float, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Base, UtcDateTime


class TextVector(Base):
    """A text's vector by one encoder, named by its fingerprint: only changed texts are encoded again."""

    __tablename__ = "text_vectors"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    encoder: Mapped[str] = mapped_column(String(200), index=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class AnswerPicture(Base):
    """A picture that answers show; its name is made of its content, and says that it is a JPEG."""

    __tablename__ = "answer_pictures"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


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


class TuningRun(Base):
    """A tuning of the encoder: who began it, the stage it is in and the `share` of it that is done, 0 to 1.

    `outcome` is None while it runs: `drafted`, `not_better`, or `failed` for the `problem`. `before` and `after` are
    figures (knowledge/tuning/measuring.py).
    """

    __tablename__ = "tuning_runs"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    started_by: Mapped[str] = mapped_column(String(36))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stage: Mapped[str] = mapped_column(String(16))
    share: Mapped[float] = mapped_column(Float(53))
    questions: Mapped[int]
    outcome: Mapped[str | None] = mapped_column(String(16))
    problem: Mapped[str] = mapped_column(String(500))
    before: Mapped[dict[str, float] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, float] | None] = mapped_column(JSON(none_as_null=True))


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
