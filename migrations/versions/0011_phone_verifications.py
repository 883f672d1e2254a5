"""Codes sent to phones

Revision ID: 0011_phone_verifications
Revises: 0010_vault
"""

import sqlalchemy as sa
from alembic import op

from kit.database import UtcDateTime

revision = "0011_phone_verifications"
down_revision = "0010_vault"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phone_verifications",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("conversation_id", sa.String(36), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("phone_key", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("verified_at", UtcDateTime(timezone=True)),
    )
    op.create_index("ix_phone_verifications_phone_key", "phone_verifications", ["phone_key"])
    op.create_index(
        "ix_phone_verifications_conversation_id_sent_at", "phone_verifications", ["conversation_id", "sent_at"]
    )


def downgrade() -> None:
    op.drop_table("phone_verifications")
