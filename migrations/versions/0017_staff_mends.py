"""Notifications are encrypted; audit records and the ledger are chained by the vault's key, and refuse TRUNCATE

Revision ID: 0017_staff_mends
Revises: 0016_privacy_mends
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa
from alembic import op

from kit.append_only import allow_changes, chain, refuse_changes
from kit.database import UtcDateTime
from kit.encrypted import encrypt_anew, read_vault
from migrations.plain_chain import chain_plainly

revision = "0017_staff_mends"
down_revision = "0016_privacy_mends"
branch_labels = None
depends_on = None

CHAINED = {
    "audit_records": ("at", "staff_id", "action", "subject", "details"),
    "ledger_records": (
        *("at", "kind", "customer_id", "channel", "purpose", "wording_version", "wording_hash"),
        *("withdraws_id", "staff_id", "details", "key"),
    ),
}
ROWS_AT_ONCE = 1_000
TEXT = "notifications.text"
Chain = Callable[[str, Mapping[str, Any], tuple[str, ...]], str]


def upgrade() -> None:
    bind = op.get_bind()
    vault = read_vault(bind.dialect)
    while encrypt_anew(bind, vault, _texts(), "text", TEXT):
        pass
    for table in CHAINED:
        _chain_anew(table, chain_plainly, partial(chain, vault))


def downgrade() -> None:
    bind = op.get_bind()
    vault = read_vault(bind.dialect)
    for table in CHAINED:
        _chain_anew(table, partial(chain, vault), chain_plainly)
    rows = _texts()
    for key, stored in bind.execute(sa.select(rows.c.id, rows.c.text)).all():
        bind.execute(rows.update().where(rows.c.id == key).values(text=vault.decrypt(stored, TEXT)))


def _texts() -> sa.TableClause:
    return sa.table("notifications", sa.column("id"), sa.column("text"))


def _chain_anew(table: str, known: Chain, wanted: Chain) -> None:
    """Chains all rows anew; one that was not as it had been written keeps its hash, so that it is still found."""
    bind, fields = op.get_bind(), CHAINED[table]
    for statement in allow_changes(table)[bind.dialect.name]:
        op.execute(statement)
    special: dict[str, Any] = {"at": UtcDateTime(), "details": sa.JSON()}
    rows = sa.table(table, *(sa.column(name, special.get(name)) for name in ("id", "hash", *fields)))
    last = last_anew = ""
    for batch in _read_batches(rows):
        changes = []
        for row in batch:
            anew = wanted(last_anew, row, fields) if row["hash"] == known(last, row, fields) else row["hash"]
            changes.append({"row_id": row["id"], "anew": anew})
            last, last_anew = row["hash"], anew
        change = rows.update().where(rows.c.id == sa.bindparam("row_id")).values(hash=sa.bindparam("anew"))
        bind.execute(change, changes)
    for statement in refuse_changes(table)[bind.dialect.name]:
        op.execute(statement)


def _read_batches(rows: sa.TableClause) -> Iterator[list[Mapping[str, Any]]]:
    after = 0
    while True:
        query = sa.select(rows).where(rows.c.id > after).order_by(rows.c.id).limit(ROWS_AT_ONCE)
        found: list[Mapping[str, Any]] = [dict(row) for row in op.get_bind().execute(query).mappings()]
        if not found:
            return
        yield found
        after = found[-1]["id"]
