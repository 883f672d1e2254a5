"""The table of the service accounts whose messages are fetched."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Base, UtcDateTime


class ServiceAccount(Base):
    """A service account (客服账号), and how far its messages were fetched: up to the `cursor`.

    It is fetched when a call came or `due_at` is over, by the process whose `lease` it is; a `lease_until` in the
    past means that this process ended. `token` came with the last call, at `called_at`. What was sent before
    `since` is left alone. `synced_at` is when nothing was left to fetch.
    """

    __tablename__ = "service_accounts"

    open_kfid: Mapped[str] = mapped_column(String(64), primary_key=True)
    cursor: Mapped[str] = mapped_column(String(128), default="")
    token: Mapped[str] = mapped_column(String(128))
    called_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    synced_at: Mapped[datetime] = mapped_column(UtcDateTime)
