"""Tables of consents and customers' rights."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kit.append_only import keep_append_only
from kit.database import Base, UtcDateTime
from kit.encrypted import EncryptedText


class Wording(Base):
    """A text that a customer was shown before they agreed to something, or were told of it, exactly as it stood."""

    __tablename__ = "wordings"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(32))
    version: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    first_shown_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LedgerRecord(Base):
    """What a customer was told, agreed to, withdrew or had done with their data. Never changed (kit/append_only.py).

    `customer_id` is random: once the customer's row is gone it leads to nobody. `withdraws_id` is the record that is
    withdrawn, `key`, a hash, makes the same act one record, `staff_id` who did it for the customer.
    """

    __tablename__ = "ledger_records"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(24))
    customer_id: Mapped[str] = mapped_column(String(36), index=True)
    channel: Mapped[str] = mapped_column(String(16), default="")
    purpose: Mapped[str] = mapped_column(String(32), default="")
    wording_version: Mapped[str] = mapped_column(String(32), default="")
    wording_hash: Mapped[str | None] = mapped_column(String(64))
    withdraws_id: Mapped[int | None]
    staff_id: Mapped[str | None] = mapped_column(String(36))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    key: Mapped[str | None] = mapped_column(String(100), unique=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)


keep_append_only(LedgerRecord.__table__)


class LegalHold(Base):
    """Why a customer's data must not be erased for now: a dispute, an order of a court. It stands until lifted."""

    __tablename__ = "legal_holds"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    customer_id: Mapped[str] = mapped_column(String(36), index=True)
    reason: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DataRequest(Base):
    """Something about their data that a customer asked for and a human has to do by `due_at`.

    `conversation_id` is empty once it is decided and its customer erased: nothing leads to where they go on. `kind`:
    access, correction, withdrawal or erasure; `claim` is what the customer wrote. `state`: open, done or refused;
    `identity` is how staff made sure who asks, `answer` what the customer was told in the end. The same `key`, a hash,
    is the same request.
    """

    __tablename__ = "data_requests"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(String(36), index=True)
    customer_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(16))
    claim: Mapped[str] = mapped_column(EncryptedText("data_requests.claim"), default="")
    state: Mapped[str] = mapped_column(String(8), index=True, default="open")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    staff_id: Mapped[str | None] = mapped_column(String(36))
    identity: Mapped[str | None] = mapped_column(String(8))
    answer: Mapped[str] = mapped_column(EncryptedText("data_requests.answer"), default="")
    key: Mapped[str] = mapped_column(String(100), unique=True)


class DataCopy(Base):
    """A copy of their data that a customer may fetch once, in the conversation that asked for it, by `expires_at`."""

    __tablename__ = "data_copies"

    conversation_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class RetentionRun(Base):
    """What was deleted on a day because its time was over; the row is also the lease of the process that does it."""

    __tablename__ = "retention_runs"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
