"""The ledger of consents and rights instead of consents; holds, requests, copies and runs of the retention

Revision ID: 0014_privacy
Revises: 0013_limits
"""

import sqlalchemy as sa
from alembic import op

from kit.append_only import refuse_changes
from kit.database import UtcDateTime
from migrations.plain_chain import chain_plainly
from privacy.ledger import CHAINED

revision = "0014_privacy"
down_revision = "0013_limits"
branch_labels = None
depends_on = None

MOMENT = UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "wordings",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first_shown_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_wordings"),
    )
    op.create_table(
        "ledger_records",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("customer_id", sa.String(36), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("wording_version", sa.String(32), nullable=False),
        sa.Column("wording_hash", sa.String(64)),
        sa.Column("withdraws_id", sa.Integer()),
        sa.Column("staff_id", sa.String(36)),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(100)),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_records"),
        sa.UniqueConstraint("key", name="uq_ledger_records_key"),
        sa.UniqueConstraint("hash", name="uq_ledger_records_hash"),
    )
    op.create_index("ix_ledger_records_customer_id", "ledger_records", ["customer_id"])
    _move_consents()
    for statement in refuse_changes("ledger_records")[op.get_bind().dialect.name]:
        op.execute(statement)
    op.drop_table("consents")
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("customer_id", sa.String(36), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("lifted_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_legal_holds"),
    )
    op.create_index("ix_legal_holds_customer_id", "legal_holds", ["customer_id"])
    op.create_table(
        "data_requests",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("customer_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("staff_id", sa.String(36)),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_data_requests"),
        sa.UniqueConstraint("key", name="uq_data_requests_key"),
    )
    op.create_index("ix_data_requests_conversation_id", "data_requests", ["conversation_id"])
    op.create_index("ix_data_requests_state", "data_requests", ["state"])
    op.create_table(
        "data_copies",
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_data_copies"),
    )
    op.create_index("ix_data_copies_expires_at", "data_copies", ["expires_at"])
    op.create_table(
        "retention_runs",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_retention_runs"),
    )
    op.add_column("customers", sa.Column("notice_version", sa.String(16)))


def _move_consents() -> None:
    """Consents become records of the ledger; their wording was not kept."""
    names = "id", "customer_id", "purpose", "wording_version"
    consents = sa.table("consents", *map(sa.column, names), sa.column("given_at", MOMENT))
    customers = sa.table("customers", sa.column("id"), sa.column("channel"))
    columns = [
        sa.column(name, MOMENT if name == "at" else sa.JSON() if name == "details" else None) for name in CHAINED
    ]
    records = sa.table("ledger_records", *columns, sa.column("hash"))
    query = sa.select(consents, customers.c.channel).join(customers, customers.c.id == consents.c.customer_id)
    bind, last = op.get_bind(), ""
    for given in bind.execute(query.order_by(consents.c.given_at, consents.c.id)).mappings().all():
        values = {
            "at": given["given_at"],
            "kind": "consent_given",
            **{name: given[name] for name in ("customer_id", "channel", "purpose", "wording_version")},
            "wording_hash": None,
            "withdraws_id": None,
            "staff_id": None,
            "details": {},
            "key": given["id"],
        }
        last = chain_plainly(last, values, CHAINED)
        bind.execute(records.insert().values(**values, hash=last))


def downgrade() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("customer_id", sa.String(36), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("wording_version", sa.String(32), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_consents_customer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_customer_id", "consents", ["customer_id"])
    with op.batch_alter_table("customers") as customers:
        customers.drop_column("notice_version")
    for table in ("retention_runs", "data_copies", "data_requests", "legal_holds", "ledger_records", "wordings"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change_of_ledger_records()")
