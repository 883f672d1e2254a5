"""a gateway that loses nothing: who works on a conversation, what is still to be delivered, what platforms allow

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

from kit.database import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("customers") as table:
        table.add_column(sa.Column("source", sa.String(64)))

    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("worker", sa.String(32)))
        table.add_column(sa.Column("worker_until", UtcDateTime(timezone=True)))
        table.add_column(sa.Column("window_until", UtcDateTime(timezone=True)))
        table.add_column(sa.Column("window_left", sa.Integer()))
    op.create_index("ix_conversations_worker_until", "conversations", ["worker_until"])

    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("parts_sent", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(200)),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_deliveries_conversation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_conversation_id_id", "deliveries", ["conversation_id", "id"])
    op.create_index("ix_deliveries_state_due_at", "deliveries", ["state", "due_at"])

    # Messages of before were taken in and answered within one request: none of them waits.
    with op.batch_alter_table("messages") as table:
        table.add_column(sa.Column("kind", sa.String(8), nullable=False, server_default="text"))
        table.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("delivery_id", sa.Integer()))
        table.create_foreign_key("fk_messages_delivery_id", "deliveries", ["delivery_id"], ["id"])
    op.execute("UPDATE messages SET answered_at = at WHERE direction = 'inbound' AND answered_at IS NULL")
    with op.batch_alter_table("messages") as table:
        table.alter_column("kind", server_default=None)
        table.alter_column("attempts", server_default=None)
    is_unanswered = sa.text("direction = 'inbound' AND answered_at IS NULL")
    op.create_index("ix_messages_delivery_id", "messages", ["delivery_id"])
    op.create_index(
        "ix_messages_unanswered",
        "messages",
        ["conversation_id", "id"],
        sqlite_where=is_unanswered,
        postgresql_where=is_unanswered,
    )

    with op.batch_alter_table("message_buttons") as table:
        table.add_column(sa.Column("number", sa.Integer()))

    op.create_table(
        "wechat_access_tokens",
        sa.Column("app_id", sa.String(64), nullable=False),
        sa.Column("token", sa.String(1024), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("refreshing_until", UtcDateTime(timezone=True)),
        sa.PrimaryKeyConstraint("app_id", name="pk_wechat_access_tokens"),
    )


def downgrade() -> None:
    op.drop_table("wechat_access_tokens")
    with op.batch_alter_table("message_buttons") as table:
        table.drop_column("number")
    op.drop_index("ix_messages_unanswered", "messages")
    op.drop_index("ix_messages_delivery_id", "messages")
    with op.batch_alter_table("messages") as table:
        table.drop_constraint("fk_messages_delivery_id", type_="foreignkey")
        for column in ("delivery_id", "attempts", "kind"):
            table.drop_column(column)
    op.drop_table("deliveries")
    op.drop_index("ix_conversations_worker_until", "conversations")
    with op.batch_alter_table("conversations") as table:
        for column in ("window_left", "window_until", "worker_until", "worker"):
            table.drop_column(column)
    with op.batch_alter_table("customers") as table:
        table.drop_column("source")
