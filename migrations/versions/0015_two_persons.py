"""Changes of rights that wait for a second admin

Revision ID: 0015_two_persons
Revises: 0014_privacy
"""

import sqlalchemy as sa
from alembic import op

from kit.database import UtcDateTime

revision = "0015_two_persons"
down_revision = "0014_privacy"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "role_proposals",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("login", sa.String(32), nullable=False),
        sa.Column("staff_id", sa.String(36)),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("work_to", sa.JSON(), nullable=False),
        sa.Column("proposed_by", sa.String(36), nullable=False),
        sa.Column("proposed_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_role_proposals"),
        sa.UniqueConstraint("login", name="uq_role_proposals_login"),
    )


def downgrade() -> None:
    op.drop_table("role_proposals")
