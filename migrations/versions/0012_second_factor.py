"""Second factors with their recovery codes, sign-ins under way, how a session was signed in

Revision ID: 0012_second_factor
Revises: 0011_phone_verifications
"""

import sqlalchemy as sa
from alembic import op

from kit.database import UtcDateTime

revision = "0012_second_factor"
down_revision = "0011_phone_verifications"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("staff_id", sa.String(36), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(timezone=True)),
        sa.PrimaryKeyConstraint("staff_id", name="pk_second_factors"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("staff_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("code_hash", name="pk_recovery_codes"),
    )
    op.create_index("ix_recovery_codes_staff_id", "recovery_codes", ["staff_id"])
    op.create_table(
        "sign_in_challenges",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("staff_id", sa.String(36)),
        sa.Column("next", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sign_in_challenges"),
    )
    op.create_index("ix_sign_in_challenges_staff_id", "sign_in_challenges", ["staff_id"])
    op.create_index("ix_sign_in_challenges_created_at", "sign_in_challenges", ["created_at"])
    op.add_column("staff_sessions", sa.Column("method", sa.String(8), nullable=False, server_default="password"))


def downgrade() -> None:
    with op.batch_alter_table("staff_sessions") as sessions:
        sessions.drop_column("method")
    op.drop_table("sign_in_challenges")
    op.drop_table("recovery_codes")
    op.drop_table("second_factors")
