"""Tables of the visits service."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Base, UtcDateTime
from kit.encrypted import EncryptedText
from visits.schemas import VisitState


class Visit(Base):
    """A visit to a customer; `manager_id` is the account manager who comes, None until the customer has one.

    `customer_reminded_at` and `manager_reminded_at`: when each was reminded of the time that stands now.
    """

    __tablename__ = "visits"
    __table_args__ = (
        Index("ix_visits_state_starts_at", "state", "starts_at"),
        Index("ix_visits_manager_id_starts_at", "manager_id", "starts_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    application_id: Mapped[str | None] = mapped_column(String(36), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    manager_id: Mapped[str | None] = mapped_column(String(36))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    minutes: Mapped[int]
    place: Mapped[str] = mapped_column(EncryptedText("visits.place"))
    state: Mapped[VisitState] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(EncryptedText("visits.note"), default="")
    idempotency_key: Mapped[str] = mapped_column(String(100), unique=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    customer_reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    manager_reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
