"""messages: what was chosen to be done about a customer's message

Revision: 0007_choice, after 0006_cards
"""

import sqlalchemy as sa
from alembic import op

revision = "0007_choice"
down_revision = "0006_cards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("choice", sa.JSON()))


def downgrade() -> None:
    with op.batch_alter_table("messages") as table:
        table.drop_column("choice")
