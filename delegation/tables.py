"""Tables of delegations."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Base, UtcDateTime
from kit.encrypted import EncryptedText


class Delegation(Base):
    """A code with which somebody sees which papers an application needs, and says which are ready.

    Of the code there is only a hash by the vault's key. `ready` are the names of the papers that were got ready,
    with 、 between them.
    """

    __tablename__ = "delegations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    application_id: Mapped[str] = mapped_column(String(36), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    ready: Mapped[str] = mapped_column(EncryptedText("delegations.ready"), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
