"""Tables of the staff site: staff, sign-in and sessions, audit records, canned answers, notifications, checks."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kit.append_only import keep_append_only
from kit.database import Base, UtcDateTime, index_where
from kit.encrypted import EncryptedText


class Staff(Base):
    """A staff member.

    `villages` and `products` are what an account manager looks after and an agent knows best; `capacity` is how many
    talks at once. `status` is one of `Status`, as the person set it, `status_at` since when;
    `seen_at` when a page of theirs was last open.
    """

    __tablename__ = "staff"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    login: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(32))
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str] = mapped_column(String(128))
    previous_hash: Mapped[str | None] = mapped_column(String(128))  # of the password before, which is not taken again
    must_change_password: Mapped[bool] = mapped_column(default=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    branch: Mapped[str] = mapped_column(String(32), default="")
    villages: Mapped[list[str]] = mapped_column(JSON, default=list)
    products: Mapped[list[str]] = mapped_column(JSON, default=list)
    capacity: Mapped[int] = mapped_column(default=5)
    status: Mapped[str] = mapped_column(String(8), default="offline")
    status_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    phone: Mapped[str] = mapped_column(String(20), default="")
    email: Mapped[str] = mapped_column(String(128), default="")
    wecom_id: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RoleProposal(Base):
    """A change of somebody's rights that one admin proposed and another has yet to confirm; deleted when decided.

    `before` and `after` are the fields it changes, of a new account (`staff_id` None) all of them. `work_to`: who takes
    the work they may do no more.
    """

    __tablename__ = "role_proposals"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    login: Mapped[str] = mapped_column(String(32), unique=True)
    staff_id: Mapped[str | None] = mapped_column(String(36))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    work_to: Mapped[dict[str, str]] = mapped_column(JSON)
    proposed_by: Mapped[str] = mapped_column(String(36))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StaffSession(Base):
    """A browser that signed in; the cookie holds the token, we its hash. `seen_at`: when its user last did anything.

    `method`: how they proved who they are, a SignInMethod.
    """

    __tablename__ = "staff_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str] = mapped_column(String(36), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(45), default="")
    device: Mapped[str] = mapped_column(String(120), default="")
    method: Mapped[str] = mapped_column(String(8), default="password")


class SignInChallenge(Base):
    """A sign-in under way, which opens nothing yet: the browser's cookie holds the token, we its hash.

    `kind`: `code` (the password was right, a code is still to come) or `oidc` (sent to the bank's provider, and nobody
    knows yet who it is). `next`: the page to go to.
    """

    __tablename__ = "sign_in_challenges"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    staff_id: Mapped[str | None] = mapped_column(String(36), index=True)
    next: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class SecondFactor(Base):
    """An authenticator app of a staff member. It counts once a code of it confirmed it.

    `secret` is sealed by the vault. `last_step`: the time step of the last code that was accepted; it and those before
    are used up.
    """

    __tablename__ = "second_factors"

    staff_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    secret: Mapped[str] = mapped_column(Text)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """A code that signs its owner in once, in place of the authenticator app; gone when used."""

    __tablename__ = "recovery_codes"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str] = mapped_column(String(36), index=True)


class SignInTry(Base):
    """How often a password or code was got wrong lately from an address: for one login, or for all in 15 minutes.

    Of IPv6 the address is the network. The codes of one login are also counted from all addresses together, as the
    address `anywhere`, and its passwords from those where its owner has not signed in lately, as `strange`. A row of
    the address `known …` says that the owner did.
    """

    __tablename__ = "sign_in_tries"

    address: Mapped[str] = mapped_column(String(45), primary_key=True)
    login_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    tries: Mapped[int]
    open_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tried_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class AuditRecord(Base):
    """Who did what to what, and when. Never changed: the database refuses it, and `hash` covers the record before."""

    __tablename__ = "audit_records"
    # The log's page looks for the newest of a person or an action, with the id as its place.
    __table_args__ = (
        Index("ix_audit_records_staff_id_id", "staff_id", "id"),
        Index("ix_audit_records_action_id", "action", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    staff_id: Mapped[str | None] = mapped_column(String(36))
    action: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    hash: Mapped[str] = mapped_column(String(64), unique=True)


keep_append_only(AuditRecord.__table__)


class CannedAnswer(Base):
    """A text an agent may send as it is."""

    __tablename__ = "canned_answers"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    title: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TalkLabel(Base):
    """A label that may be put on talks."""

    __tablename__ = "talk_labels"

    name: Mapped[str] = mapped_column(String(8), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Skill(Base):
    """A staff member who is asked first when a customer wants a human for this reason."""

    __tablename__ = "skills"

    reason: Mapped[str] = mapped_column(String(32), primary_key=True)
    staff_id: Mapped[str] = mapped_column(String(36), primary_key=True)


class ReasonName(Base):
    """What the bank's staff call a reason of a handoff, where it is not as it was at first."""

    __tablename__ = "reason_names"

    reason: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(16))


class Macro(Base):
    """Several acts on a talk in one: a label, a note, a reply, and its end; what is empty is not done."""

    __tablename__ = "macros"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    title: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(8))
    note: Mapped[str] = mapped_column(String(200))
    reply: Mapped[str] = mapped_column(Text)
    disposition: Mapped[str] = mapped_column(String(32))
    summary: Mapped[str] = mapped_column(String(500))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EntryEdit(Base):
    """What an editor has typed of a knowledge entry and not handed in; `base` is the revision it was written from."""

    __tablename__ = "entry_edits"

    staff_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    effective_from: Mapped[str] = mapped_column(String(10))
    base: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Notification(Base):
    """A notification to a staff member, by WeCom or e-mail and on the site.

    `text` names customers by their family name only, as it leaves the house. `state`: `pending`, `sent` or `failed`
    (`problem` says why). The same `key` is the same notification.
    """

    __tablename__ = "notifications"
    __table_args__ = (Index("ix_notifications_state_due_at", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    staff_id: Mapped[str] = mapped_column(String(36), index=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    text: Mapped[str] = mapped_column(EncryptedText("notifications.text"))
    path: Mapped[str] = mapped_column(String(100), default="")
    state: Mapped[str] = mapped_column(String(8))
    channel: Mapped[str | None] = mapped_column(String(8))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    problem: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class QualityCheck(Base):
    """A supervisor's check of a talk that ended; one at a time is `open` of a talk, with what is filled in so far.

    `sample_id`: the draw it came of. `sheet_day`: the sheet (desk/quality/sheets.yml) on which `marks` were made, from
    which `score` and `is_failed` followed. `feedback` is what the supervisor wrote, `objection` the agent's answer to
    it, `settlement` what a supervisor decided then: all three may quote the customer, and are NULL once that is erased.
    """

    __tablename__ = "quality_checks"
    __table_args__ = (
        index_where("state = 'open'", "uq_quality_checks_open", "handoff_id", is_unique=True),
        Index("ix_quality_checks_state_drawn_at", "state", "drawn_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    sample_id: Mapped[str] = mapped_column(String(36), index=True)
    handoff_id: Mapped[str] = mapped_column(String(36), index=True)
    conversation_id: Mapped[str] = mapped_column(String(36), index=True)
    agent_id: Mapped[str] = mapped_column(String(36), index=True)
    checker_id: Mapped[str] = mapped_column(String(36))
    state: Mapped[str] = mapped_column(String(12))
    sheet_day: Mapped[date]
    marks: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    score: Mapped[int | None]
    is_failed: Mapped[bool] = mapped_column(default=False)
    feedback: Mapped[str | None] = mapped_column(EncryptedText("quality_checks.feedback"))
    objection: Mapped[str | None] = mapped_column(EncryptedText("quality_checks.objection"))
    settlement: Mapped[str | None] = mapped_column(EncryptedText("quality_checks.settlement"))
    talked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
