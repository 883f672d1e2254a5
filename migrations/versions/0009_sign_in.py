"""Tries at passwords by address, where sessions come from, audit records in a chain

Revision ID: 0009_sign_in
Revises: 0008_english
"""

import sqlalchemy as sa
from alembic import op

from desk.audit import CHAINED
from kit.append_only import allow_changes, refuse_changes
from kit.database import UtcDateTime
from migrations.plain_chain import chain_plainly

revision = "0009_sign_in"
down_revision = "0008_english"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_tries",
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("login_hash", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("open_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("tried_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address", "login_hash", name="pk_sign_in_tries"),
    )
    op.create_index("ix_sign_in_tries_tried_at", "sign_in_tries", ["tried_at"])
    with op.batch_alter_table("staff") as staff:
        staff.drop_column("failed_tries")
        staff.drop_column("locked_until")
    op.add_column("staff_sessions", sa.Column("address", sa.String(45), nullable=False, server_default=""))
    op.add_column("staff_sessions", sa.Column("device", sa.String(120), nullable=False, server_default=""))
    op.add_column("audit_records", sa.Column("hash", sa.String(64), nullable=True))
    _chain_records()
    with op.batch_alter_table("audit_records") as records:
        records.alter_column("hash", existing_type=sa.String(64), nullable=False)
        records.create_unique_constraint(op.f("uq_audit_records_hash"), ["hash"])
    for statement in refuse_changes("audit_records")[op.get_bind().dialect.name]:
        op.execute(statement)


def _chain_records() -> None:
    """Chains the records there are, in their order."""
    fields = [sa.column("at", UtcDateTime()), *map(sa.column, ("staff_id", "action", "subject"))]
    records = sa.table("audit_records", sa.column("id"), *fields, sa.column("details", sa.JSON()), sa.column("hash"))
    bind, last = op.get_bind(), ""
    for row in bind.execute(sa.select(records).order_by(records.c.id)).mappings().all():
        last = chain_plainly(last, dict(row), CHAINED)
        bind.execute(records.update().where(records.c.id == row["id"]).values(hash=last))


def downgrade() -> None:
    for statement in allow_changes("audit_records")[op.get_bind().dialect.name]:
        op.execute(statement)
    with op.batch_alter_table("audit_records") as records:
        records.drop_constraint(op.f("uq_audit_records_hash"), type_="unique")
        records.drop_column("hash")
    with op.batch_alter_table("staff") as staff:
        staff.add_column(sa.Column("failed_tries", sa.Integer(), nullable=False, server_default="0"))
        staff.add_column(sa.Column("locked_until", UtcDateTime(timezone=True)))
    with op.batch_alter_table("staff_sessions") as sessions:
        sessions.drop_column("device")
        sessions.drop_column("address")
    op.drop_table("sign_in_tries")
