"""Tables of what was counted; they hold numbers only, so that they outlive the record."""

from datetime import date, datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Base, UtcDateTime


class CountedDay(Base):
    """A day in China: what was asked on it (analytics/schemas.py), as it was known at `counted_at`.

    The process that counts it began at `started_at`.
    """

    __tablename__ = "counted_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    counted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asked: Mapped[int] = mapped_column(default=0)
    answered: Mapped[int] = mapped_column(default=0)
    right: Mapped[int] = mapped_column(default=0)
    offered: Mapped[int] = mapped_column(default=0)
    taken: Mapped[int] = mapped_column(default=0)
    up: Mapped[int] = mapped_column(default=0)
    down: Mapped[int] = mapped_column(default=0)
    talks: Mapped[int] = mapped_column(default=0)
    contained: Mapped[int] = mapped_column(default=0)


class EntryDay(Base):
    """What an entry answered on a day; without a row it answered nothing."""

    __tablename__ = "entry_days"

    entry_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True, index=True)
    answers: Mapped[int] = mapped_column(default=0)
    right: Mapped[int] = mapped_column(default=0)
    up: Mapped[int] = mapped_column(default=0)
    down: Mapped[int] = mapped_column(default=0)
    talks: Mapped[int] = mapped_column(default=0)
    contained: Mapped[int] = mapped_column(default=0)
