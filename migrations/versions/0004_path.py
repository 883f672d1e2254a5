"""leases that are renewed, deliveries by the usual names, messages that were given up

Revision: 0004_path, after 0004_handoffs
"""

import sqlalchemy as sa
from alembic import op

revision = "0004_path"
down_revision = "0004_handoffs"
branch_labels = None
depends_on = None

STATES = {"offered": "passive", "waiting": "pending", "held": "deferred"}


def upgrade() -> None:
    op.drop_index("ix_conversations_worker_until", "conversations")
    with op.batch_alter_table("conversations") as table:
        table.alter_column("worker", new_column_name="lease_owner")
        table.alter_column("worker_until", new_column_name="lease_until")
    op.create_index("ix_conversations_lease_until", "conversations", ["lease_until"])
    with op.batch_alter_table("messages") as table:
        table.alter_column("sender", new_column_name="author")
        table.add_column(sa.Column("is_given_up", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("messages") as table:
        table.alter_column("is_given_up", server_default=None)
    for before, after in STATES.items():
        op.execute(f"UPDATE deliveries SET state = '{after}' WHERE state = '{before}'")  # noqa: S608 (our own words)
    op.execute("UPDATE deliveries SET due_at = expires_at WHERE state = 'deferred'")


def downgrade() -> None:
    for before, after in STATES.items():
        op.execute(f"UPDATE deliveries SET state = '{before}' WHERE state = '{after}'")  # noqa: S608 (our own words)
    with op.batch_alter_table("messages") as table:
        table.drop_column("is_given_up")
        table.alter_column("author", new_column_name="sender")
    op.drop_index("ix_conversations_lease_until", "conversations")
    with op.batch_alter_table("conversations") as table:
        table.alter_column("lease_until", new_column_name="worker_until")
        table.alter_column("lease_owner", new_column_name="worker")
    op.create_index("ix_conversations_worker_until", "conversations", ["worker_until"])
