"""Tables of the applications service."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from applications.stages import Actor, ApplicationKind, Stage, is_withdrawable, load_process
from kit.database import Base, UtcDateTime
from kit.encrypted import Digests, EncryptedJson, EncryptedText

# The core is still to be asked, has taken the request, or refused it: then it is the account manager's.
CoreState = Literal["to_send", "sent", "refused"]


class ApplicationDraft(Base):
    """What a conversation filled in of an application; `reminded_at` when its customer was reminded of it."""

    __tablename__ = "application_drafts"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(64), unique=True)
    answers: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("application_drafts.answers"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Application(Base):
    """A pre-application; the idempotency key keeps a repeated submission from being stored twice.

    `manager_id` is the account manager who works on it, `reviewer_id` the supervisor who reviews it for the credit
    department, and again should it come back; `changed_at` when its stage last changed; `acted_at` when staff first
    called the applicant or changed the stage. `due_at` is until when whoever is responsible has to act,
    `check_at` when the clock looks at it next, and `alerts` how often it has alerted since the stage changed.
    `reason_class`, `reason` and the `items` asked for are those of its last step. From `credit_withdrawn_at` on nobody
    may ask the credit bureau: the customer took that consent back. `kind` says whether it is about a loan that they
    have; `loan` is then what the core said of it, `core_state` whether the core has been asked for it.
    """

    __tablename__ = "applications"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    idempotency_key: Mapped[str] = mapped_column(String(100), unique=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[ApplicationKind] = mapped_column(String(10), default="new")
    product: Mapped[str] = mapped_column(String(32))
    amount: Mapped[int]
    term: Mapped[int]
    purpose: Mapped[str] = mapped_column(EncryptedText("applications.purpose"))
    region: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(EncryptedText("applications.name"))
    phone: Mapped[str] = mapped_column(EncryptedText("applications.phone"))
    details: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("applications.details"))
    loan: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson("applications.loan"))
    core_state: Mapped[CoreState | None] = mapped_column(String(8), index=True)
    search_keys: Mapped[str] = mapped_column(Digests)
    consent_version: Mapped[str] = mapped_column(String(32))
    stage: Mapped[Stage] = mapped_column(String(16), index=True)
    reason_class: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(EncryptedText("applications.reason"), default="")
    items: Mapped[list[str]] = mapped_column(JSON, default=list)
    manager_id: Mapped[str | None] = mapped_column(String(36), index=True)
    reviewer_id: Mapped[str | None] = mapped_column(String(36), index=True)
    acted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    check_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    alerts: Mapped[int] = mapped_column(default=0)
    credit_withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def is_withdrawable(self) -> bool:
        """Whether the customer may withdraw it."""
        return is_withdrawable(self.stage, is_acted_on=self.acted_at is not None)

    @property
    def responsible_id(self) -> str | None:
        """The staff member who has to act now; None where it is not staff's turn, or nobody is assigned yet."""
        who = load_process().stages[self.stage].who
        staff = {"account_manager": self.manager_id, "credit_department": self.reviewer_id}
        return staff.get(who) if who else None


class ApplicationStep(Base):
    """One step of an application, never changed; gone with the application. `before` is None where it was submitted.

    `actor` is an Actor of applications/stages.py, `actor_id` the staff member. `request_hash` tells whether a repeated
    `idempotency_key` came with the same content; `due_at` is the deadline that the step set.
    """

    __tablename__ = "application_steps"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id", ondelete="CASCADE"), index=True)
    before: Mapped[Stage | None] = mapped_column(String(16))
    stage: Mapped[Stage] = mapped_column(String(16))
    actor: Mapped[Actor] = mapped_column(String(20))
    actor_id: Mapped[str | None] = mapped_column(String(36))
    reason_class: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(EncryptedText("application_steps.reason"), default="")
    items: Mapped[list[str]] = mapped_column(JSON, default=list)
    idempotency_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    request_hash: Mapped[str | None] = mapped_column(String(64))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ApplicationNotice(Base):
    """What the customer is told about a step, once: that it was taken, that it is late, or that it is theirs to act.

    `state`: `pending` (to be sent when due), `said` in their conversation, sent by `sms` or `template`, a `task` of the
    account manager, who is to call, `called`, or `over` before it was sent. Its words are made when it is sent.
    """

    __tablename__ = "application_notices"
    __table_args__ = (
        UniqueConstraint("step_id", "kind"),
        Index("ix_application_notices_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    step_id: Mapped[int] = mapped_column(ForeignKey("application_steps.id", ondelete="CASCADE"))
    kind: Mapped[Literal["step", "late", "remind"]] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(8))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    problem: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BlockedPerson(Base):
    """A phone or an identity number from which applications are looked at with care, until `expires_at`.

    `key` is its hash by the vault's key, `shown` what staff know it by (138****5678), `kind` phone or identity. In
    force once a second person confirmed it (`confirmed_by`), until another than `lift_proposed_by` lifts it. A key
    stands once.
    """

    __tablename__ = "blocked_people"
    __table_args__ = (Index("uq_blocked_people_kind_key", "kind", "key", unique=True),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    key: Mapped[str] = mapped_column(Digests)
    shown: Mapped[str] = mapped_column(EncryptedText("blocked_people.shown"))
    reason: Mapped[str] = mapped_column(String(16))
    proposed_by: Mapped[str] = mapped_column(String(36))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(String(36))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lift_proposed_by: Mapped[str | None] = mapped_column(String(36))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CheckedFinding(Base):
    """A note by staff on one check of an application. A check whose reason changes needs a new note.

    `finding` is a hash of the check's code and reason.
    """

    __tablename__ = "checked_findings"
    __table_args__ = (Index("uq_checked_findings_application_id_finding", "application_id", "finding", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    application_id: Mapped[str] = mapped_column(String(36))
    finding: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(EncryptedText("checked_findings.note"))
    staff_id: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
