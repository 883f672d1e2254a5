"""the progress of an application is its stage

Revision: 0004_forms, after 0003
"""

from alembic import op

revision = "0004_forms"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Renames the column and its index."""
    _rename("status", "stage")


def downgrade() -> None:
    """As it was."""
    _rename("stage", "status")


def _rename(before: str, after: str) -> None:
    op.drop_index(f"ix_applications_{before}", "applications")
    with op.batch_alter_table("applications") as table:
        table.alter_column(before, new_column_name=after)
    op.create_index(f"ix_applications_{after}", "applications", [after])
