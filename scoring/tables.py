"""Stored decisions: one row per decision, never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Base, UtcDateTime
from kit.encrypted import EncryptedJson


class StoredDecision(Base):
    """The request, the decision, and the policy and the product's revision it was made by; one per idempotency key.

    `shadow`: what a shadow policy would have said (scoring/shadow.py); None without one.
    """

    __tablename__ = "decisions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(100), unique=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    product: Mapped[str] = mapped_column(String(20))
    request: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("decisions.request"))
    decision: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("decisions.decision"))
    shadow: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson("decisions.shadow"))
    policy_version: Mapped[str] = mapped_column(String(40))
    product_revision: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
