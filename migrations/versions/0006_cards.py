"""messages: what a page shows as a card and as progress; buttons that stay usable

Revision: 0006_cards, after 0005_stable_token
"""

import sqlalchemy as sa
from alembic import op

revision = "0006_cards"
down_revision = "0006_dialogue"
branch_labels = None
depends_on = None

COLUMNS = ("card", "progress")
LASTING = (
    "check_quota",
    "apply_for_loan",
    "request_human",
    "ask_question",
    "check_application_status",
    "calculate_repayment",
)


def upgrade() -> None:
    """Buttons shown before are judged by their payloads like new ones."""
    for name in COLUMNS:
        op.add_column("messages", sa.Column(name, sa.JSON()))
    with op.batch_alter_table("message_buttons") as table:
        table.add_column(sa.Column("lasting", sa.Boolean(), nullable=False, server_default=sa.false()))
    payload = sa.column("payload", sa.Text())
    is_lasting = sa.or_(*(payload.in_([f"/{name}"]) | payload.startswith(f"/{name}{{") for name in LASTING))
    buttons = sa.table("message_buttons", payload, sa.column("lasting", sa.Boolean()))
    op.execute(buttons.update().where(is_lasting).values(lasting=sa.true()))
    with op.batch_alter_table("message_buttons") as table:
        table.alter_column("lasting", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("message_buttons") as table:
        table.drop_column("lasting")
    with op.batch_alter_table("messages") as table:
        for name in COLUMNS:
            table.drop_column(name)
