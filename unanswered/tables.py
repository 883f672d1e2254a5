"""Tables of unanswered questions."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Base, UtcDateTime
from kit.encrypted import EncryptedText
from unanswered.reasons import Reason


class QuestionCluster(Base):
    """Unanswered questions that mean the same.

    `vector` is the sum of their vectors by the encoder of this `fingerprint`. `state`: `open`, `dismissed` or `drafted`
    (an entry was drafted for them, `entry_id`). Only what was asked after `decided_at` is still to be looked at.
    """

    __tablename__ = "question_clusters"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    fingerprint: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default="open")
    entry_id: Mapped[str | None] = mapped_column(String(64))
    decided_by: Mapped[str | None] = mapped_column(String(36))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class UnansweredQuestion(Base):
    """A customer's question without personal data, why it counts as unanswered, and what they missed."""

    __tablename__ = "unanswered_questions"

    turn_id: Mapped[int] = mapped_column("id", primary_key=True, autoincrement=False)
    conversation_id: Mapped[str] = mapped_column(String(36), index=True)
    cluster_id: Mapped[str] = mapped_column(ForeignKey("question_clusters.id"), index=True)
    text: Mapped[str] = mapped_column(EncryptedText("unanswered_questions.text"))
    missing: Mapped[str | None] = mapped_column(EncryptedText("unanswered_questions.missing"))
    reasons: Mapped[list[Reason]] = mapped_column(JSON)
    is_handed_over: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
