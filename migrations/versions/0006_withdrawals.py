"""withdrawn applications, and cancelled callbacks of which staff are told

Revision: 0006_withdrawals, after 0005_stable_token
"""

import sqlalchemy as sa
from alembic import op

from kit.database import UtcDateTime

revision = "0006_withdrawals"
down_revision = "0005_stable_token"
branch_labels = None
depends_on = None

IS_UNREMINDED = sa.text("state = 'callback' AND reminded_at IS NULL")
IS_CANCELLED = sa.text("state = 'returned' AND callback_booked_at IS NOT NULL AND reminded_at IS NULL")
# Every change of stage so far was made by staff; of their calls there is no telling.
ACTED = "UPDATE applications SET acted_at = changed_at WHERE stage != 'submitted' OR changed_at != created_at"


def upgrade() -> None:
    with op.batch_alter_table("applications") as table:
        table.add_column(sa.Column("acted_at", UtcDateTime(timezone=True)))
        table.add_column(sa.Column("withdrawal_key", sa.String(100)))
        table.create_unique_constraint("uq_applications_withdrawal_key", ["withdrawal_key"])
    op.execute(ACTED)
    # Both begin with the state: one query uses both, and SQLite would else read all calls that were ever promised.
    op.drop_index("ix_handoffs_unreminded", "handoffs")
    _create_index("ix_handoffs_unreminded", ["state", "due_at"], IS_UNREMINDED)
    _create_index("ix_handoffs_cancelled", ["state"], IS_CANCELLED)


def downgrade() -> None:
    op.drop_index("ix_handoffs_cancelled", "handoffs")
    op.drop_index("ix_handoffs_unreminded", "handoffs")
    _create_index("ix_handoffs_unreminded", ["due_at"], IS_UNREMINDED)
    # Earlier versions know neither the stage nor the event.
    op.execute("UPDATE applications SET stage = 'closed' WHERE stage = 'withdrawn'")
    with op.batch_alter_table("applications") as table:
        table.drop_constraint("uq_applications_withdrawal_key", type_="unique")
        table.drop_column("withdrawal_key")
        table.drop_column("acted_at")


def _create_index(name: str, columns: list[str], condition: sa.TextClause) -> None:
    op.create_index(name, "handoffs", columns, sqlite_where=condition, postgresql_where=condition)
