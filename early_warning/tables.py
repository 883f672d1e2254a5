"""Tables of early warnings, and of the daily runs that raise them."""

from datetime import date, datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from early_warning.case import CaseKind
from early_warning.schemas import Outcome
from kit.database import Base, UtcDateTime
from kit.encrypted import EncryptedText


class EarlyWarning(Base):
    """A rule that held for an open application or loan (`subject_kind`, `subject_id`), by these facts.

    `facts` is a hash by the vault's key: with other facts it is another warning, so that one which staff closed does
    not come back. `is_shadow`: of a rule on trial, for nobody to work on. It held from `raised_at` until
    `last_seen_at`; `gone_at` is when a run first found that it holds no more. `staff_id` is the account manager at the
    last run.
    """

    __tablename__ = "early_warnings"
    __table_args__ = (
        Index("uq_early_warnings_subject_rule_facts", "subject_kind", "subject_id", "rule", "facts", unique=True),
        Index("ix_early_warnings_gone_at_last_seen_at", "gone_at", "last_seen_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    subject_kind: Mapped[CaseKind] = mapped_column(String(12))
    subject_id: Mapped[str] = mapped_column(String(36), index=True)
    number: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    rule: Mapped[str] = mapped_column(String(40))
    facts: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(EncryptedText("early_warnings.reason"))
    is_shadow: Mapped[bool]
    staff_id: Mapped[str | None] = mapped_column(String(36), index=True)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[Outcome | None] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(EncryptedText("early_warnings.note"), default="")
    decided_by: Mapped[str | None] = mapped_column(String(36))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WarningRun(Base):
    """The run of a day in China, by the process that began it at `started_at` and holds it until `lease_until`.

    `cases`: how many it looked at, `findings`: how many rules held, shadow ones included.
    """

    __tablename__ = "warning_runs"

    day: Mapped[date] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cases: Mapped[int] = mapped_column(default=0)
    findings: Mapped[int] = mapped_column(default=0)
