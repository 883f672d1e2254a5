"""A customer with something in every table, each personal value a word that can be looked for; and a stranger."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import JSON, String, insert, select

from conversations.tables import Conversation, Customer
from kit.database import Database, UtcDateTime
from kit.encrypted import Digests, EncryptedJson, EncryptedText
from kit.search_keys import list_search_keys
from migrations.metadata import METADATA
from privacy.data_map import load_data_map
from tests.fakes import FixedClock

CANARY = "金丝雀"
TEXTS = String | EncryptedText | Digests
LEFT_OUT = ("answers_id", "delivery_id", "lease_until")


class World:
    """Rows of customers, in the main database."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.database = database
        self.clock = clock

    async def settle(self, who: str = "zhang", phone: str = "13800001234", **application: Any) -> str:
        """A customer with a row in each table that holds customers' data; gives the conversation's id.

        `application` overrides columns of the application.
        """
        conversation = self.name(who)
        own = {"conversation_id": conversation}
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
            ("conversations", {"id": conversation, "customer_id": f"customer-{who}", "holder": "bot"}),
            ("deliveries", {**own, "state": "sent"}),
            ("messages", {**own, "direction": "inbound", "author": "customer", "answered_at": self.clock.now}),
            ("messages", {**own, "direction": "outbound", "author": "bot"}),
            ("handoffs", {**own, "id": f"handoff-{who}", "state": "closed", "reason": "credit_review"}),
            ("handoff_events", {"handoff_id": f"handoff-{who}", "state": "closed", "event": "close"}),
            ("internal_notes", own),
            ("applications", {**own, **_describe_application(who, phone), **application}),
            ("decisions", {"id": f"d-{who}", "idempotency_key": f"{conversation}:1", "product": "farmer_loan"}),
            ("notifications", {"key": f"alert:handoff-{who}:staff", "state": "sent"}),
        ]
        async with self.database.transaction() as session:
            for table, row in rows:
                await session.execute(insert(METADATA.tables[table]).values(dict(self._fill(table, who)) | row))
        return conversation

    def name(self, who: str) -> str:
        """The conversation's id: as long as real ones."""
        return f"conversation-{who}".ljust(36, "-")

    async def find_canaries(self, who: str = "zhang") -> set[str]:
        """The tables and columns in which something of the customer's is still written."""
        found = set()
        async with self.database.reading() as session:
            for table in METADATA.tables.values():
                for row in (await session.execute(select(table))).mappings():
                    found |= {f"{table.name}.{name}" for name, value in row.items() if _has_canary(value, who)}
        return found

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
                yield column.name, {"name": f"{CANARY}-{who}", "facts": {"name": f"{CANARY}-{who}"}}
            elif column.name in personal and isinstance(kind, TEXTS):
                yield column.name, f"{CANARY}-{who}"[: getattr(kind, "length", None) or 100]
            elif not column.nullable and column.default is None:
                yield column.name, f"{table}-{who}"[:8] if isinstance(kind, TEXTS) else 1


def _describe_customer(who: str) -> dict[str, Any]:
    return {"id": f"customer-{who}", "channel_user_id": f"{CANARY}-user-{who}", "manager_id": "zhao"}


def _describe_application(who: str, phone: str) -> dict[str, Any]:
    return {
        "id": f"application-{who}",
        "number": f"QH-{who}",
        "idempotency_key": f"key-{who}",
        "stage": "withdrawn",
        "acted_at": None,
        "phone": phone,
        "search_keys": list_search_keys(f"{CANARY}-{who}", phone),
        "product": "farmer_loan",
    }


def _has_canary(value: object, who: str) -> bool:
    return any(f"{CANARY}-{word}" in str(value) for word in (who, f"user-{who}"))
