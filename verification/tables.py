"""The table of codes that were sent to phones."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Base, UtcDateTime
from kit.encrypted import Digests, EncryptedText


class PhoneVerification(Base):
    """A code sent to a phone for a conversation; with `verified_at` the phone is that customer's.

    `phone_key` and `code_hash` are hashes under the vault's key, the first to find a number; `tries` counts codes
    that were typed.
    """

    __tablename__ = "phone_verifications"
    __table_args__ = (Index("ix_phone_verifications_conversation_id_sent_at", "conversation_id", "sent_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    phone: Mapped[str] = mapped_column(EncryptedText("phone_verifications.phone"))
    phone_key: Mapped[str] = mapped_column(Digests, index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
