"""the category of a knowledge entry: a topic is only ever a sensitive one

Revision: 0004_words, after 0004_tencent
"""

from alembic import op

revision = "0004_words"
down_revision = "0004_tencent"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Renames the column and its index."""
    _rename("topic", "category")


def downgrade() -> None:
    """As it was."""
    _rename("category", "topic")


def _rename(before: str, after: str) -> None:
    op.drop_index(f"ix_knowledge_entries_{before}", "knowledge_entries")
    with op.batch_alter_table("knowledge_entries") as table:
        table.alter_column(before, new_column_name=after)
    op.create_index(f"ix_knowledge_entries_{after}", "knowledge_entries", [after])
