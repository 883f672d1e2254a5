"""The table of quota checks."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Base, UtcDateTime
from kit.encrypted import EncryptedJson


class QuotaCheck(Base):
    """A decision that a customer was told: a snapshot of facts and decision, never changed.

    The scoring service, ours or a bank's own, knows no customers: who was told what stands here. `quota_until` is the
    last day of the quota, to be counted by; None if it gave none.
    """

    __tablename__ = "quota_checks"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(100), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    product: Mapped[str] = mapped_column(String(20))
    product_revision: Mapped[str] = mapped_column(String(40))
    facts: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("quota_checks.facts"))
    decision: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("quota_checks.decision"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    quota_until: Mapped[date | None]
