"""The password before, which is not taken again; the log is found by person and by action

Revision ID: 0018_staff_site
Revises: 0017_staff_mends
"""

import sqlalchemy as sa
from alembic import op

revision = "0018_staff_site"
down_revision = "0017_staff_mends"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("previous_hash", sa.String(128)))
    for column in ("staff_id", "action"):
        op.create_index(f"ix_audit_records_{column}_id", "audit_records", [column, "id"])


def downgrade() -> None:
    for column in ("staff_id", "action"):
        op.drop_index(f"ix_audit_records_{column}_id", "audit_records")
    op.drop_column("staff", "previous_hash")
