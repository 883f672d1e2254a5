"""A customer with something in every table that the data map says holds some, each personal value a word that can be
looked for; and a stranger."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import JSON, String, exists, insert, or_, select

from conversations.tables import Conversation, Customer
from kit.database import Database, UtcDateTime
from kit.encrypted import Digests, EncryptedBytes, EncryptedJson, EncryptedText
from kit.search_keys import list_search_keys
from migrations.metadata import METADATA
from privacy.data_map import TableEntry, load_data_map
from tests.fakes import FixedClock

CANARY = "金丝雀"
PHONES = {"zhang": "13800001234", "wang": "13900005678"}
TEXTS = String | EncryptedText | Digests
LEFT_OUT = ("answers_id", "delivery_id", "lease_until")
# Personal, but sums, days and products: no word to look for.
WITHOUT_WORDS = {f"applications.{name}" for name in ("product", "amount", "term")} | {
    "campaign_members.quota",
    "decisions.product",
    "quota_checks.product",
    "quota_checks.quota_until",
}
ADDRESS = "customers.channel_user_id"  # stays: the channel needs it to answer


class World:
    """Rows of customers, in the main database."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.database = database
        self.clock = clock

    async def settle(self, who: str = "zhang", phone: str = "", **application: Any) -> str:
        """A customer with a row in each table that holds customers' data; gives the conversation's id.

        `application` overrides columns of the application.
        """
        phone = phone or PHONES[who]
        conversation = self.name(who)
        own = {"conversation_id": conversation}
        keys = {"search_keys": list_search_keys(f"{CANARY}-{who}", phone)}
        month = self.clock.now + timedelta(days=30)
        rows: list[tuple[str, dict[str, Any]]] = [
            (
                "customers",
                {
                    "id": f"customer-{who}",
                    "channel": "web",
                    "channel_user_id": f"{CANARY}-user-{who}",
                    "manager_id": "zhao",
                },
            ),
            ("customer_merges", dict.fromkeys(("first_id", "second_id"), f"customer-{who}")),
            ("conversations", {"id": conversation, "customer_id": f"customer-{who}", "holder": "bot"}),
            ("deliveries", {**own, "state": "sent"}),
            ("messages", {**own, "direction": "inbound", "author": "customer", "answered_at": self.clock.now}),
            ("messages", {**own, "direction": "outbound", "author": "bot"}),
            ("message_buttons", {**own, "token": f"token-{who}", "lasting": False}),
            ("question_clusters", {"id": f"cluster-{who}", "vector": b"", "state": "open"}),
            (
                "unanswered_questions",
                {**own, "id": sum(map(ord, who)), "cluster_id": f"cluster-{who}", "reasons": ["none"]},
            ),
            ("phone_verifications", {**own, "id": f"verification-{who}", "phone": phone, "phone_key": phone}),
            (
                "handoffs",
                {
                    **own,
                    **keys,
                    "id": f"handoff-{who}",
                    "state": "closed",
                    "reason": "credit_review",
                    "callback_phone": phone,
                },
            ),
            ("handoff_events", {"handoff_id": f"handoff-{who}", "state": "closed", "event": "close"}),
            ("internal_notes", own),
            (
                "quality_checks",
                {
                    **own,
                    "id": f"check-{who}",
                    "handoff_id": f"handoff-{who}",
                    "state": "delivered",
                    "sheet_day": self.clock.now.date(),
                    "score": 80,
                },
            ),
            (
                "campaigns",
                {
                    "id": f"campaign-{who}",
                    "name": f"village-{who}",
                    "kind": "village",
                    "product": "farmer_loan",
                    "state": "running",
                    "policy_version": "",
                    "first_day": self.clock.now.date(),
                    "last_day": month.date(),
                },
            ),
            (
                "campaign_members",
                {
                    "id": f"member-{who}",
                    "campaign_id": f"campaign-{who}",
                    "phone": phone,
                    "phone_key": phone,
                    "outcome": "approve",
                },
            ),
            ("application_drafts", {**own, "id": f"draft-{who}", "saved_at": self.clock.now}),
            ("applications", {**own, **keys, **_describe_application(who, phone), **application}),
            ("application_steps", {"application_id": f"application-{who}", "stage": "withdrawn", "items": []}),
            ("checked_findings", {"application_id": f"application-{who}", "finding": f"finding-{who}"}),
            ("early_warnings", {**own, "id": f"warning-{who}", "subject_id": f"application-{who}", "is_shadow": False}),
            (
                "documents",
                {
                    **own,
                    "id": f"document-{who}",
                    "message_id": f"picture-{who}",
                    "expires_at": month,
                    "kind": "unknown",
                },
            ),
            ("decisions", {"id": f"d-{who}", "idempotency_key": f"{conversation}:1", "product": "farmer_loan"}),
            ("delegations", {**own, "id": f"delegation-{who}", "code_hash": f"hash-{who}"}),
            ("visits", {**own, "id": f"visit-{who}", "state": "booked", "idempotency_key": f"visit-key-{who}"}),
            ("quota_checks", {**own, "id": f"q-{who}", "idempotency_key": f"key-{who}", "product": "farmer_loan"}),
            ("notifications", {"key": f"alert:handoff-{who}:staff", "state": "sent"}),
            (
                "data_requests",
                {**own, "customer_id": f"customer-{who}", "kind": "access", "state": "done", "key": f"request-{who}"},
            ),
            ("data_copies", {**own, "expires_at": self.clock.now + timedelta(minutes=15)}),
        ]
        async with self.database.transaction() as session:
            message: dict[str, Any] = {}
            for table, row in rows:
                below = message if table == "message_buttons" else {}
                added = insert(METADATA.tables[table]).values(dict(self._fill(table, who)) | row | below)
                done: Any = await session.execute(added)
                if table == "messages":
                    message = {"message_id": done.inserted_primary_key[0]}
        return conversation

    def name(self, who: str) -> str:
        """The conversation's id: as long as real ones."""
        return f"conversation-{who}".ljust(36, "-")

    async def find_canaries(self, who: str = "zhang") -> set[str]:
        """The tables and columns in which something of the customer's is still written, or can be looked up."""
        found = set()
        words = f"{CANARY}-{who}", PHONES[who]
        async with self.database.reading() as session:
            for table in METADATA.tables.values():
                for row in (await session.execute(select(table))).mappings():
                    found |= {f"{table.name}.{name}" for name, value in row.items() if _has_canary(value, who)}
                for column in table.columns:
                    if isinstance(column.type, Digests):
                        is_found = exists().where(or_(*(column.contains(word) for word in words)))
                        found |= {f"{table.name}.{column.name}"} if await session.scalar(select(is_found)) else set()
        return found

    async def list_tables(self, who: str = "zhang") -> set[str]:
        """The tables with rows that name the customer, the conversation, or what is theirs by an id."""
        async with self.database.reading() as session:
            return {
                table.name
                for table in METADATA.tables.values()
                for row in (await session.execute(select(table))).mappings()
                if any(f"-{who}" in str(value) for value in row.values())
            }

    async def get_customer(self, conversation: str) -> Customer:
        async with self.database.reading() as session:
            found = await session.scalar(
                select(Customer)
                .join(Conversation, Conversation.customer_id == Customer.id)
                .where(Conversation.id == conversation)
            )
        assert found
        return found

    def _fill(self, table: str, who: str) -> Iterator[tuple[str, Any]]:
        """Something personal in each personal column, and something in each other that must have a value."""
        personal = load_data_map().tables[table].list_personal()
        for column in METADATA.tables[table].columns:
            kind = column.type
            if column.name in LEFT_OUT or (column.primary_key and column.autoincrement is True):
                continue
            if isinstance(kind, UtcDateTime):
                yield column.name, self.clock.now - timedelta(minutes=1)
            elif column.name in personal and isinstance(kind, JSON | EncryptedJson):
                told: dict[str, Any] = {"name": f"{CANARY}-{who}"}
                yield column.name, told if column.name in ("facts", "fields") else {**told, "facts": told}
            elif isinstance(kind, EncryptedBytes):
                yield column.name, f"{CANARY}-{who}".encode()
            elif column.name in personal and isinstance(kind, TEXTS):
                yield column.name, f"{CANARY}-{who}"[: getattr(kind, "length", None) or 100]
            elif not column.nullable and column.default is None:
                yield column.name, f"{table}-{who}"[:8] if isinstance(kind, TEXTS) else 1


def list_columns(*erasures: str) -> set[str]:
    """The personal columns of the tables that an erasure treats so; all of them by default."""
    entries: list[TableEntry] = list(load_data_map().tables.values())
    return {
        f"{entry.table}.{name}"
        for entry in entries
        if not erasures or entry.erasure in erasures
        for name in entry.list_personal()
    } - WITHOUT_WORDS


def _describe_application(who: str, phone: str) -> dict[str, Any]:
    return {
        "id": f"application-{who}",
        "number": f"QH-{who}",
        "idempotency_key": f"key-{who}",
        "stage": "withdrawn",
        "acted_at": None,
        "phone": phone,
        "product": "farmer_loan",
    }


def _has_canary(value: object, who: str) -> bool:
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return any(word in text for word in (f"{CANARY}-{who}", f"{CANARY}-user-{who}", PHONES[who]))
