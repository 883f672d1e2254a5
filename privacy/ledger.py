"""The ledger of consents and rights: written in the transaction of the act, and chained by hashes."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import exists, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kit.append_only import chain, lock_chain, read_rows, verify
from kit.database import Database
from kit.encrypted import read_vault
from kit.upserts import insert_into
from privacy.schemas import LedgerView, RecordKind
from privacy.tables import LedgerRecord, Wording

CHAINED = (
    *("at", "kind", "customer_id", "channel", "purpose", "wording_version", "wording_hash"),
    *("withdraws_id", "staff_id", "details", "key"),
)
_CHAIN_LOCK = 4_201_012


async def record(
    session: AsyncSession,
    now: datetime,
    kind: RecordKind,
    customer_id: str,
    *,
    channel: str = "",
    purpose: str = "",
    version: str = "",
    wording: str = "",
    withdraws: int | None = None,
    staff_id: str | None = None,
    key: str | None = None,
    details: dict[str, Any] | None = None,
) -> int:
    """Adds a record to the act's transaction and returns its id; a `key` that is known stands for what was recorded.

    `wording` is the exact text that the customer was shown; it is stored once, by its hash. A key names the
    conversation, so only its keyed hash is stored: once the customer is erased, no record leads to where they go on.
    """
    await lock_chain(session, _CHAIN_LOCK)
    key = hash_key(session, key) if key else None
    if key and (known := await session.scalar(select(LedgerRecord.id).where(LedgerRecord.key == key))):
        return known
    values = {
        "at": now,
        "kind": kind,
        "customer_id": customer_id,
        "channel": channel,
        "purpose": purpose,
        "wording_version": version,
        "wording_hash": await _store_wording(session, now, purpose, version, wording) if wording else None,
        "withdraws_id": withdraws,
        "staff_id": staff_id,
        "details": details or {},
        "key": key,
    }
    last = await session.scalar(select(LedgerRecord.hash).order_by(LedgerRecord.id.desc()).limit(1))
    hashed = chain(read_vault(session.get_bind().dialect), last or "", values, CHAINED)
    added = insert(LedgerRecord).values(**values, hash=hashed).returning(LedgerRecord.id)
    return (await session.execute(added)).scalar_one()


async def list_consents(session: AsyncSession, customer_id: str) -> Sequence[LedgerRecord]:
    """The customer's consents that were not withdrawn, oldest first."""
    withdrawal = aliased(LedgerRecord)
    query = (
        select(LedgerRecord)
        .where(
            LedgerRecord.customer_id == customer_id,
            LedgerRecord.kind == "consent_given",
            ~exists().where(withdrawal.withdraws_id == LedgerRecord.id),
        )
        .order_by(LedgerRecord.id)
    )
    return (await session.scalars(query)).all()


async def has_consent(session: AsyncSession, customer_id: str, purpose: str) -> bool:
    """Whether the customer's consent to a purpose stands."""
    return any(consent.purpose == purpose for consent in await list_consents(session, customer_id))


async def has_withdrawn(session: AsyncSession, customer_id: str, purpose: str) -> bool:
    """Whether the customer took a consent back and has not given it again."""
    is_taken_back = (
        LedgerRecord.customer_id == customer_id,
        LedgerRecord.kind == "consent_withdrawn",
        LedgerRecord.purpose == purpose,
    )
    found = await session.scalar(select(exists().where(*is_taken_back)))
    return bool(found) and not await has_consent(session, customer_id, purpose)


async def find_record(session: AsyncSession, key: str) -> LedgerRecord | None:
    """What was recorded under a key."""
    is_meant = LedgerRecord.key == hash_key(session, key)
    return (await session.scalars(select(LedgerRecord).where(is_meant))).one_or_none()


async def withdraw(session: AsyncSession, now: datetime, consent: LedgerRecord, *, channel: str, act: str) -> None:
    """Records that a consent is withdrawn by an act, once."""
    await record(
        session,
        now,
        "consent_withdrawn",
        consent.customer_id,
        channel=channel,
        purpose=consent.purpose,
        version=consent.wording_version,
        withdraws=consent.id,
        key=f"{act}/{consent.id}",
    )


async def list_withdrawn(session: AsyncSession, customer_id: str, act: str) -> list[str]:
    """The purposes of the consents that an act has withdrawn."""
    query = select(LedgerRecord).where(
        LedgerRecord.customer_id == customer_id, LedgerRecord.kind == "consent_withdrawn"
    )
    rows = await session.scalars(query.order_by(LedgerRecord.id))
    return [row.purpose for row in rows if row.key == hash_key(session, f"{act}/{row.withdraws_id}")]


def hash_key(session: AsyncSession, key: str) -> str:
    """What is stored of the key of an act: the same for the same act, and nothing can be read from it."""
    return read_vault(session.get_bind().dialect).digest(f"act:{key}")


async def list_records(session: AsyncSession, customer_id: str) -> list[LedgerView]:
    """All records of a customer, oldest first."""
    query = select(LedgerRecord).where(LedgerRecord.customer_id == customer_id).order_by(LedgerRecord.id)
    return [LedgerView.model_validate(row) for row in await session.scalars(query)]


async def read_wordings(session: AsyncSession, hashes: Sequence[str | None]) -> dict[str, str]:
    """The texts by their hashes."""
    query = select(Wording.hash, Wording.text).where(Wording.hash.in_([known for known in hashes if known]))
    return {row.hash: row.text for row in await session.execute(query)}


class Ledger:
    """Reads the ledger as a whole."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read_from(self, after_id: int = 0) -> AsyncIterator[LedgerView]:
        """All records with a greater id, the oldest first."""
        return read_rows(self._database, LedgerRecord, LedgerView, after_id)

    async def verify(self) -> tuple[int, str, int | None]:
        """See kit/append_only.py; a wording that was changed breaks the record that names it."""
        async with self._database.reading() as session:
            texts = await session.execute(select(Wording.hash, Wording.text))
            whole = {None, *(row.hash for row in texts if row.hash == _hash(row.text))}
        vault = read_vault(self._database.engine.dialect)
        return await verify(vault, self.read_from(), CHAINED, lambda view: view.wording_hash in whole)


async def _store_wording(session: AsyncSession, now: datetime, purpose: str, version: str, text: str) -> str:
    values = {"hash": _hash(text), "purpose": purpose, "version": version, "text": text, "first_shown_at": now}
    added = insert_into(session, Wording).values(values)
    await session.execute(added.on_conflict_do_nothing(index_elements=["hash"]))
    return str(values["hash"])


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
