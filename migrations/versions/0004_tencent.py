"""signals: the table of news under its new name; what is in it lives for a minute, so nothing is copied

Revision: 0004_tencent, after 0004_path
"""

import sqlalchemy as sa
from alembic import op

from kit.database import UtcDateTime

revision = "0004_tencent"
down_revision = "0004_path"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("news")
    _create("signals", "subject")


def downgrade() -> None:
    op.drop_table("signals")
    _create("news", "topic")


def _create(table: str, subject: str) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column(subject, sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sqlite_autoincrement=True,
    )
    op.create_index(f"ix_{table}_at", table, ["at"])
