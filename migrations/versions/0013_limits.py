"""Limits that gateways share, and sessions of the web chat that end

Revision ID: 0013_limits
Revises: 0012_second_factor
"""

import sqlalchemy as sa
from alembic import op

from kit.clock import read_clock
from kit.database import UtcDateTime
from kit.shared_limits import DROP_TAKE_LIMITS, KEEP_UNLOGGED, TAKE_LIMITS

revision = "0013_limits"
down_revision = "0012_second_factor"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "limits",
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("full_at", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_limits")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(KEEP_UNLOGGED)
        op.execute(TAKE_LIMITS)
    sessions = op.create_table(
        "web_sessions",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UtcDateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_web_sessions_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_web_sessions")),
    )
    op.create_index(op.f("ix_web_sessions_conversation_id"), "web_sessions", ["conversation_id"])
    op.create_index(op.f("ix_web_sessions_seen_at"), "web_sessions", ["seen_at"])
    _keep_open(sessions)


def _keep_open(sessions: sa.Table) -> None:
    """Customers of the web chat were known by the hash of their token: those pages stay open."""
    customers = sa.table("customers", *map(sa.column, ("id", "channel", "channel_user_id")))
    conversations = sa.table(
        "conversations", *map(sa.column, ("id", "customer_id")), sa.column("created_at", UtcDateTime())
    )
    open_ones = (
        sa.select(
            customers.c.channel_user_id,
            conversations.c.id,
            sa.false(),
            conversations.c.created_at,
            sa.literal(read_clock(), UtcDateTime()),
        )
        .join(conversations, conversations.c.customer_id == customers.c.id)
        .where(customers.c.channel == "web", sa.func.length(customers.c.channel_user_id) == 64)
    )
    names = ["token_hash", "conversation_id", "is_shared", "created_at", "seen_at"]
    op.execute(sessions.insert().from_select(names, open_ones))


def downgrade() -> None:
    op.drop_table("web_sessions")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(DROP_TAKE_LIMITS)
    op.drop_table("limits")
