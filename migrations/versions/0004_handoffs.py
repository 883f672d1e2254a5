"""handoffs: booked and wished callbacks, what clocks have done already; days off

Revision: 0004_handoffs, after 0004_desk
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from kit.database import UtcDateTime

revision = "0004_handoffs"
down_revision = "0004_desk"
branch_labels = None
depends_on = None

COLUMNS: dict[str, Any] = {
    "callback_wish": sa.String(20),
    "callback_booked_at": UtcDateTime(timezone=True),
    "reminded_at": UtcDateTime(timezone=True),
}
BOOKED = """
UPDATE handoffs SET callback_booked_at = (
    SELECT max(at) FROM handoff_events WHERE handoff_id = handoffs.id AND event = 'book_callback'
)
"""


def upgrade() -> None:
    op.create_table(
        "days_off",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_days_off"),
    )
    # What is over needs no account manager any more.
    with op.batch_alter_table("handoffs") as table:
        for name, kind in COLUMNS.items():
            table.add_column(sa.Column(name, kind))
        table.add_column(sa.Column("is_routed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(BOOKED)
    op.execute("UPDATE handoffs SET is_routed = (state IN ('closed', 'returned'))")
    with op.batch_alter_table("handoffs") as table:
        table.alter_column("is_routed", server_default=None)
    is_unrouted, is_unreminded = sa.text("NOT is_routed"), sa.text("state = 'callback' AND reminded_at IS NULL")
    op.create_index(
        "ix_handoffs_unrouted", "handoffs", ["requested_at"], sqlite_where=is_unrouted, postgresql_where=is_unrouted
    )
    op.create_index(
        "ix_handoffs_unreminded", "handoffs", ["due_at"], sqlite_where=is_unreminded, postgresql_where=is_unreminded
    )


def downgrade() -> None:
    op.drop_index("ix_handoffs_unreminded", "handoffs")
    op.drop_index("ix_handoffs_unrouted", "handoffs")
    with op.batch_alter_table("handoffs") as table:
        for name in (*COLUMNS, "is_routed"):
            table.drop_column(name)
    op.drop_table("days_off")
