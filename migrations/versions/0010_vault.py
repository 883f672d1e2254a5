"""What customers say is encrypted; names and numbers are searched for by their hashes

Revision ID: 0010_vault
Revises: 0009_sign_in
"""

from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op

from kit.encrypted import encrypt_anew, hash_lines, read_vault
from kit.search_keys import list_search_keys

revision = "0010_vault"
down_revision = "0009_sign_in"
branch_labels = None
depends_on = None


class Encrypted(NamedTuple):
    """A column that is encrypted from now on, and what it was."""

    table: str
    column: str
    kind: sa.types.TypeEngine[Any]
    nullable: bool = False


COLUMNS = [
    Encrypted("messages", "text", sa.Text()),
    Encrypted("messages", "card", sa.JSON(), nullable=True),
    Encrypted("messages", "choice", sa.JSON(), nullable=True),
    Encrypted("conversations", "dialogue", sa.JSON()),
    Encrypted("handoffs", "slots", sa.JSON()),
    Encrypted("handoffs", "name", sa.String(20), nullable=True),
    Encrypted("handoffs", "callback_phone", sa.String(11), nullable=True),
    Encrypted("handoffs", "summary", sa.Text(), nullable=True),
    Encrypted("handoff_events", "note", sa.String(200)),
    Encrypted("internal_notes", "text", sa.Text()),
    Encrypted("applications", "name", sa.String(20)),
    Encrypted("applications", "phone", sa.String(11)),
    Encrypted("applications", "purpose", sa.String(100)),
    Encrypted("decisions", "request", sa.JSON()),
    Encrypted("decisions", "decision", sa.JSON()),
]
PHONES = {"applications": "phone", "handoffs": "callback_phone"}


def upgrade() -> None:
    bind = op.get_bind()
    vault = read_vault(bind.dialect)
    for table, phone in PHONES.items():
        op.add_column(table, sa.Column("search_keys", sa.Text(), nullable=False, server_default=""))
        rows = sa.table(table, *map(sa.column, ("id", "name", phone, "search_keys")))
        for key, name, number in bind.execute(sa.select(rows.c.id, rows.c.name, rows.c[phone])).all():
            keys = hash_lines(vault, list_search_keys(name, number))
            bind.execute(rows.update().where(rows.c.id == key).values(search_keys=keys))
    for table, column, kind, nullable in COLUMNS:
        with op.batch_alter_table(table) as batch:
            batch.alter_column(
                column,
                existing_type=kind,
                type_=sa.Text(),
                existing_nullable=nullable,
                postgresql_using=f'"{column}"::text',
            )
        rows = sa.table(table, sa.column("id"), sa.column(column))
        while encrypt_anew(bind, vault, rows, column, f"{table}.{column}"):
            pass


def downgrade() -> None:
    """Everything can be read again without the key."""
    bind = op.get_bind()
    vault = read_vault(bind.dialect)
    for table, column, kind, nullable in COLUMNS:
        rows = sa.table(table, sa.column("id"), sa.column(column))
        for key, value in bind.execute(sa.select(rows.c.id, rows.c[column]).where(rows.c[column].is_not(None))).all():
            text = vault.decrypt(value, f"{table}.{column}")
            bind.execute(rows.update().where(rows.c.id == key).values({column: text}))
        with op.batch_alter_table(table) as batch:
            using = "json" if isinstance(kind, sa.JSON) else "text"
            batch.alter_column(
                column,
                existing_type=sa.Text(),
                type_=kind,
                existing_nullable=nullable,
                postgresql_using=f'"{column}"::{using}',
            )
    for table in PHONES:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("search_keys")
