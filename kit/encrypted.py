"""Columns that are encrypted at rest, and hashes by a key to search for what they hold."""

import json
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    bindparam,
    column,
    func,
    select,
    table,
    update,
)
from sqlalchemy.sql.operators import OperatorType, is_, is_not
from sqlalchemy.types import TypeEngine

from kit.database import Database
from kit.vault import Vault, VaultError

ROWS_AT_ONCE = 500
PICTURES_AT_ONCE = 8  # of some megabytes each
DIGEST_LENGTH = 16


class _Incomparable(TypeDecorator.Comparator[Any]):
    """Refuses what the database could not do: it sees only what is encrypted, and that differs each time."""

    def operate(self, op: OperatorType, *other: Any, **more: Any) -> ColumnElement[Any]:
        """Whether there is a value can be asked; SQLAlchemy compares columns with one another."""
        if op not in (is_, is_not) and not any(isinstance(each, ColumnElement) for each in other):
            raise TypeError(f"{self.expr} is encrypted: look for it by search keys, or compare what was read")
        return super().operate(op, *other, **more)

    def reverse_operate(self, op: OperatorType, other: Any, **more: Any) -> ColumnElement[Any]:
        """As operate."""
        return self.operate(op, other, **more)


class _Encrypted(TypeDecorator[Any]):
    """What is encrypted for its column: a value copied to another column cannot be read there."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Text
    comparator_factory = _Incomparable

    def __init__(self, column: str) -> None:
        """`column` is `table.column`, as the value is bound to it."""
        super().__init__()
        self.column = column

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | bytes | None:
        return None if value is None else read_vault(dialect).encrypt(self.write(value), self.column)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else self.read(read_vault(dialect).decrypt(value, self.column))

    def write(self, value: Any) -> str:
        """The value as text."""
        raise NotImplementedError

    def read(self, text: str) -> Any:
        """The value of the text."""
        raise NotImplementedError


class EncryptedText(_Encrypted):
    """A text."""

    cache_ok = True  # is not inherited

    def write(self, value: str) -> str:
        """As it is."""
        return value

    def read(self, text: str) -> str:
        """As it is."""
        return text


class EncryptedJson(_Encrypted):
    """A JSON value; None is NULL."""

    cache_ok = True

    def write(self, value: Any) -> str:
        """As JSON."""
        return json.dumps(value, ensure_ascii=False)

    def read(self, text: str) -> Any:
        """From JSON."""
        return json.loads(text)


class EncryptedBytes(_Encrypted):
    """What is no text: a picture."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else read_vault(dialect).encrypt_bytes(value, self.column)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else read_vault(dialect).decrypt_bytes(value, self.column)


class Digests(TypeDecorator[str]):
    """The hashes of lines by the vault's key. `column.contains(line)` finds the rows that hold a line."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        vault = read_vault(dialect)
        return None if value is None else " ".join(vault.digest(line)[:DIGEST_LENGTH] for line in value.splitlines())


def read_vault(dialect: Dialect) -> Vault:
    """The vault of the database whose dialect this is; VaultError if it was opened without one."""
    vault = getattr(dialect, "vault", None)
    if not isinstance(vault, Vault):
        raise VaultError("the database was opened without a vault")
    return vault


async def rotate_key(database: Database, metadata: MetaData) -> AsyncIterator[tuple[str, int]]:
    """Encrypts by the current key whatever an earlier one encrypted, while everything runs on.

    Yields each encrypted column, as `table.column`, and how many of its values were encrypted anew.
    """
    vault = read_vault(database.engine.dialect)
    for stored in (each for of in metadata.sorted_tables for each in of.columns):
        if isinstance(stored.type, _Encrypted):
            total = 0
            while True:
                async with database.engine.begin() as connection:
                    count = await connection.run_sync(_encrypt_anew, vault, stored.table.name, stored.name, stored.type)
                total += count
                if not count:
                    break
            yield stored.type.column, total


def _encrypt_anew(connection: Connection, vault: Vault, of: str, name: str, kind: _Encrypted) -> int:
    is_bytes = isinstance(kind, EncryptedBytes)
    rows = table(of, column("id"), column(name, kind.impl_instance))
    key, stored = rows.c.id, rows.c[name]
    prefix: Any = vault.prefix.encode() if is_bytes else vault.prefix
    is_old = stored.is_not(None) & (func.substr(stored, 1, len(prefix), type_=kind.impl_instance) != prefix)
    at_once = PICTURES_AT_ONCE if is_bytes else ROWS_AT_ONCE
    found = connection.execute(select(key, stored).where(is_old).limit(at_once).with_for_update()).all()
    if found:
        decrypt: Any = vault.decrypt_bytes if is_bytes else vault.decrypt
        encrypt: Any = vault.encrypt_bytes if is_bytes else vault.encrypt
        change = update(rows).where(key == bindparam("row_id")).values({name: bindparam("anew")})
        anew = [
            {"row_id": row_id, "anew": encrypt(decrypt(value, kind.column), kind.column)} for row_id, value in found
        ]
        connection.execute(change, anew)
    return len(found)
