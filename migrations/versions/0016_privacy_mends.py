"""Keys of acts are hashes, requests of erased customers lead to no conversation, forgotten numbers find nothing

Revision ID: 0016_privacy_mends
Revises: 0015_two_persons
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

from kit.database import UtcDateTime
from kit.encrypted import hash_lines, read_vault
from kit.phones import read_phone
from kit.search_keys import list_search_keys
from kit.vault import Vault

revision = "0016_privacy_mends"
down_revision = "0015_two_persons"
branch_labels = None
depends_on = None

AT_ONCE = 500
CHAINED = (
    *("at", "kind", "customer_id", "channel", "purpose", "wording_version", "wording_hash"),
    *("withdraws_id", "staff_id", "details", "key"),
)
KINDS: dict[str, Any] = {"at": UtcDateTime(timezone=True), "details": sa.JSON()}
RECORDS = sa.table(
    "ledger_records", sa.column("id"), sa.column("hash"), *(sa.column(name, KINDS.get(name)) for name in CHAINED)
)
REQUESTS = sa.table("data_requests", *map(sa.column, ("id", "key", "conversation_id", "customer_id", "state")))
HANDOFFS = sa.table("handoffs", *map(sa.column, ("id", "name", "slots", "callback_phone", "search_keys")))
CONVERSATIONS = sa.table("conversations", *map(sa.column, ("id", "customer_id")))


def upgrade() -> None:
    bind = op.get_bind()
    vault = read_vault(bind.dialect)
    with _changes_allowed(bind):
        _hash_records(bind, vault)
    for row_id, key in bind.execute(sa.select(REQUESTS.c.id, REQUESTS.c.key)).all():
        bind.execute(REQUESTS.update().where(REQUESTS.c.id == row_id).values(key=_hash_key(vault, key)))
    goes_on = sa.exists().where(
        CONVERSATIONS.c.id == REQUESTS.c.conversation_id, CONVERSATIONS.c.customer_id == REQUESTS.c.customer_id
    )
    is_over = REQUESTS.c.state != "open", ~goes_on
    bind.execute(REQUESTS.update().where(*is_over).values(conversation_id=""))
    _forget_numbers(bind, vault)


def downgrade() -> None:
    """The hashes stay: what they were made of is known no more, and they are keys as well as any other."""


@contextmanager
def _changes_allowed(bind: sa.Connection) -> Iterator[None]:
    """The ledger takes changes within the block."""
    if bind.dialect.name == "postgresql":
        op.execute("ALTER TABLE ledger_records DISABLE TRIGGER USER")
        yield
        op.execute("ALTER TABLE ledger_records ENABLE TRIGGER USER")
        return
    named = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger_records'"
    triggers = bind.exec_driver_sql(named).all()
    for name, _ in triggers:
        bind.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, statement in triggers:
        bind.exec_driver_sql(statement)


def _hash_records(bind: sa.Connection, vault: Vault) -> None:
    """Each record with its key hashed, nothing else in it that leads to who goes on, and the chain made anew."""
    last_id, before, after = 0, "", ""
    while True:
        query = sa.select(RECORDS).where(RECORDS.c.id > last_id).order_by(RECORDS.c.id).limit(AT_ONCE)
        rows = [dict(row) for row in bind.execute(query).mappings()]
        for row in rows:
            if row["hash"] != _chain(before, row):
                raise RuntimeError(f"the ledger was changed at record {row['id']}: `python -m privacy ledger verify`")
            values = {
                **{name: row[name] for name in CHAINED},
                "key": _hash_key(vault, row["key"]) if row["key"] else None,
                "details": _write_details(row["details"]),
            }
            after = _chain(after, values)
            bind.execute(RECORDS.update().where(RECORDS.c.id == row["id"]).values(**values, hash=after))
            last_id, before = row["id"], row["hash"]
        if len(rows) < AT_ONCE:
            return


def _forget_numbers(bind: sa.Connection, vault: Vault) -> None:
    """Handoffs without a number to call are found by the name and the number told, as when they were asked for."""
    has_keys = HANDOFFS.c.callback_phone.is_(None), HANDOFFS.c.search_keys != ""
    query = sa.select(HANDOFFS.c.id, HANDOFFS.c.name, HANDOFFS.c.slots).where(*has_keys)
    for row_id, name, slots in bind.execute(query).all():
        told = json.loads(vault.decrypt(slots, "handoffs.slots")) if slots else {}
        phone = read_phone(str(told.get("phone", ""))) if isinstance(told, dict) else None
        keys = list_search_keys(vault.decrypt(name, "handoffs.name") if name else None, phone)
        bind.execute(HANDOFFS.update().where(HANDOFFS.c.id == row_id).values(search_keys=hash_lines(vault, keys)))


def _write_details(details: dict[str, Any]) -> dict[str, Any]:
    """How many applications were kept, not which; and the day of a consent that goes on, not its moment."""
    kept, given_at = details.get("kept"), details.get("given_at")
    if isinstance(kept, list):
        return {**details, "kept": len(kept)}
    return {"given_on": given_at[:10]} if given_at else details


def _hash_key(vault: Vault, key: str) -> str:
    is_hashed = len(key) == sha256().digest_size * 2 and "/" not in key  # by an upgrade that was taken back
    return key if is_hashed else vault.digest(f"act:{key}")


def _chain(last: str, values: Mapping[str, Any]) -> str:
    """As kit/append_only.py did then."""
    written = [values[name] for name in CHAINED]
    written[0] = values["at"].astimezone(UTC).isoformat()
    return sha256(json.dumps([last, *written], ensure_ascii=False, sort_keys=True).encode()).hexdigest()
