"""staff: when they last typed to a customer

Revision: 0004_fixdesk, after 0004_words
"""

import sqlalchemy as sa
from alembic import op

from kit.database import UtcDateTime

revision = "0004_fixdesk"
down_revision = "0004_words"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("typed_at", UtcDateTime(timezone=True)))


def downgrade() -> None:
    with op.batch_alter_table("staff") as table:
        table.drop_column("typed_at")
