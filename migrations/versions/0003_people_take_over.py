"""people take over: staff, handoffs with a life of their own, news between processes

Revision: 0003, after 0002
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from kit.database import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STAFF_TABLES = (
    "handoff_events",
    "internal_notes",
    "staff_sessions",
    "staff_notices",
    "staff",
    "news",
    "canned_answers",
    "audit_records",
)
HANDOFF_COLUMNS: dict[str, tuple[Any, dict[str, Any]]] = {
    "topic": (sa.String(32), {}),
    "name": (sa.String(20), {}),
    "product": (sa.String(32), {}),
    "region": (sa.String(100), {}),
    "agent_id": (sa.String(36), {}),
    "assigned_at": (UtcDateTime(timezone=True), {}),
    "accepted_at": (UtcDateTime(timezone=True), {}),
    "answered_at": (UtcDateTime(timezone=True), {}),
    "ended_at": (UtcDateTime(timezone=True), {}),
    "due_at": (UtcDateTime(timezone=True), {}),
    "told_to_wait_at": (UtcDateTime(timezone=True), {}),
    "is_asked_phone": (sa.Boolean(), {"nullable": False, "server_default": sa.false()}),
    "callback_phone": (sa.String(11), {}),
    "disposition": (sa.String(32), {}),
    "summary": (sa.Text(), {}),
    "rating": (sa.Integer(), {}),
}
HANDOFF_INDEXES = {
    "ix_handoffs_agent_id": ["agent_id"],
    "ix_handoffs_requested_at": ["requested_at"],
    "ix_handoffs_state_requested_at": ["state", "requested_at"],
}


def upgrade() -> None:
    make_tables()

    with op.batch_alter_table("applications") as table:
        table.add_column(sa.Column("manager_id", sa.String(36)))
        table.add_column(sa.Column("changed_at", UtcDateTime(timezone=True)))
    op.execute("UPDATE applications SET changed_at = created_at")
    with op.batch_alter_table("applications") as table:
        table.alter_column("changed_at", nullable=False)
    op.create_index("ix_applications_manager_id", "applications", ["manager_id"])

    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("conversations") as table:
        table.alter_column("failures", server_default=None)

    with op.batch_alter_table("customers") as table:
        table.add_column(sa.Column("manager_id", sa.String(36)))
    op.create_index("ix_customers_manager_id", "customers", ["manager_id"])

    op.drop_index("ix_handoffs_status", "handoffs")
    with op.batch_alter_table("handoffs") as table:
        table.alter_column("status", new_column_name="state")
        table.drop_column("transcript")
        for name, (kind, options) in HANDOFF_COLUMNS.items():
            table.add_column(sa.Column(name, kind, **options))
    with op.batch_alter_table("handoffs") as table:
        table.alter_column("is_asked_phone", server_default=None)
    for name, columns in HANDOFF_INDEXES.items():
        op.create_index(name, "handoffs", columns)

    with op.batch_alter_table("messages") as table:
        table.add_column(sa.Column("staff_id", sa.String(36)))
        table.add_column(sa.Column("is_understood", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("messages") as table:
        table.alter_column("is_understood", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("messages") as table:
        table.drop_column("is_understood")
        table.drop_column("staff_id")
    for name in HANDOFF_INDEXES:
        op.drop_index(name, "handoffs")
    with op.batch_alter_table("handoffs") as table:
        for name in HANDOFF_COLUMNS:
            table.drop_column(name)
        table.alter_column("state", new_column_name="status")
        table.add_column(sa.Column("transcript", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("handoffs") as table:
        table.alter_column("transcript", server_default=None)
    op.create_index("ix_handoffs_status", "handoffs", ["status"])
    op.drop_index("ix_customers_manager_id", "customers")
    with op.batch_alter_table("customers") as table:
        table.drop_column("manager_id")
    with op.batch_alter_table("conversations") as table:
        table.drop_column("failures")
    op.drop_index("ix_applications_manager_id", "applications")
    with op.batch_alter_table("applications") as table:
        table.drop_column("changed_at")
        table.drop_column("manager_id")
    for name in STAFF_TABLES:
        op.drop_table(name)


def make_tables() -> None:
    op.create_table(
        "audit_records",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.String(length=36), nullable=True),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_records")),
    )
    with op.batch_alter_table("audit_records") as table:
        table.create_index(table.f("ix_audit_records_at"), ["at"], unique=False)

    op.create_table(
        "canned_answers",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_answers")),
    )
    op.create_table(
        "news",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("news") as table:
        table.create_index(table.f("ix_news_at"), ["at"], unique=False)

    op.create_table(
        "staff",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("login", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.String(length=128), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("failed_tries", sa.Integer(), nullable=False),
        sa.Column("locked_until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("branch", sa.String(length=32), nullable=False),
        sa.Column("villages", sa.JSON(), nullable=False),
        sa.Column("products", sa.JSON(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("seen_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=128), nullable=False),
        sa.Column("wecom_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
    )
    op.create_table(
        "staff_notices",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("staff_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("path", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_notices")),
        sa.UniqueConstraint("key", name=op.f("uq_staff_notices_key")),
    )
    with op.batch_alter_table("staff_notices") as table:
        table.create_index(table.f("ix_staff_notices_staff_id"), ["staff_id"], unique=False)
        table.create_index("ix_staff_notices_state_due_at", ["state", "due_at"], unique=False)

    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_sessions")),
    )
    with op.batch_alter_table("staff_sessions") as table:
        table.create_index(table.f("ix_staff_sessions_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "internal_notes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=False),
        sa.Column("staff_id", sa.String(length=36), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_internal_notes_conversation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_internal_notes")),
    )
    with op.batch_alter_table("internal_notes") as table:
        table.create_index(table.f("ix_internal_notes_conversation_id"), ["conversation_id"], unique=False)

    op.create_table(
        "handoff_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("handoff_id", sa.String(length=36), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("staff_id", sa.String(length=36), nullable=True),
        sa.Column("agent_id", sa.String(length=36), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoffs.id"], name=op.f("fk_handoff_events_handoff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff_events")),
    )
    with op.batch_alter_table("handoff_events") as table:
        table.create_index(table.f("ix_handoff_events_handoff_id"), ["handoff_id"], unique=False)
