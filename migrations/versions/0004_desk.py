"""notifications: what staff notices are called, and whether they were read

Revision: 0004_desk, after 0004_forms
"""

import sqlalchemy as sa
from alembic import op

from kit.database import UtcDateTime

revision = "0004_desk"
down_revision = "0004_forms"
branch_labels = None
depends_on = None

INDEXES = {"staff_id": ["staff_id"], "state_due_at": ["state", "due_at"]}


def upgrade() -> None:
    rename("staff_notices", "notifications", "way", "channel")
    with op.batch_alter_table("notifications") as table:
        table.add_column(sa.Column("read_at", UtcDateTime(timezone=True)))
    op.execute("UPDATE notifications SET state = 'pending' WHERE state = 'waiting'")
    op.execute("UPDATE notifications SET read_at = created_at WHERE state = 'sent'")


def downgrade() -> None:
    op.execute("UPDATE notifications SET state = 'waiting' WHERE state = 'pending'")
    with op.batch_alter_table("notifications") as table:
        table.drop_column("read_at")
    rename("notifications", "staff_notices", "channel", "way")


def rename(old: str, new: str, old_column: str, new_column: str) -> None:
    """The table, its column, and the constraints and indexes that carry its name."""
    for name in INDEXES:
        op.drop_index(f"ix_{old}_{name}", old)
    op.rename_table(old, new)
    with op.batch_alter_table(new) as table:
        table.alter_column(old_column, new_column_name=new_column)
        table.drop_constraint(f"uq_{old}_key", "unique")
        table.create_unique_constraint(f"uq_{new}_key", ["key"])
    for name, columns in INDEXES.items():
        op.create_index(f"ix_{new}_{name}", new, columns)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER INDEX pk_{old} RENAME TO pk_{new}")
        op.execute(f"ALTER SEQUENCE {old}_id_seq RENAME TO {new}_id_seq")
