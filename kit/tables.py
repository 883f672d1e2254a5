"""The table of signals between processes that share a SQLite file (kit/pubsub.py)."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Base, UtcDateTime


class SignalRow(Base):
    """One signal; kept for a minute."""

    __tablename__ = "signals"
    # An id is never reused, even when all rows were swept.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    subject: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
