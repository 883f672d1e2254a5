"""where the bot's dialogue stands, in the conversation's record

Revision ID: 0006_dialogue
Revises: 0005_stable_token
"""

import sqlalchemy as sa
from alembic import op

revision = "0006_dialogue"
down_revision = "0006_withdrawals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("dialogue", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("conversations", "dialogue")
