"""Tables of the applications service."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Base, UtcDateTime
from kit.encrypted import Digests, EncryptedText


class Application(Base):
    """A pre-application; the idempotency key keeps a repeated submission from being stored twice.

    `manager_id` is the account manager who works on it; `changed_at` when its stage last changed; `acted_at` when
    staff first called the applicant or changed the stage. `withdrawal_key` is the idempotency key of its withdrawal.
    """

    __tablename__ = "applications"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    idempotency_key: Mapped[str] = mapped_column(String(100), unique=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    product: Mapped[str] = mapped_column(String(32))
    amount: Mapped[int]
    term: Mapped[int]
    purpose: Mapped[str] = mapped_column(EncryptedText("applications.purpose"))
    region: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(EncryptedText("applications.name"))
    phone: Mapped[str] = mapped_column(EncryptedText("applications.phone"))
    search_keys: Mapped[str] = mapped_column(Digests)
    consent_version: Mapped[str] = mapped_column(String(32))
    stage: Mapped[str] = mapped_column(String(16), index=True)
    manager_id: Mapped[str | None] = mapped_column(String(36), index=True)
    acted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawal_key: Mapped[str | None] = mapped_column(String(100), unique=True)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def is_withdrawable(self) -> bool:
        """Whether the customer may withdraw it."""
        return self.stage == "submitted" and self.acted_at is None
