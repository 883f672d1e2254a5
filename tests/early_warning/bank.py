"""A record with applications and what else customers said, and the warnings that a day raises about them."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from applications.tables import Application
from conversations.tables import Conversation, Customer, Message
from early_warning.rule_book import FILE, RuleText, read_rules
from early_warning.tables import EarlyWarning
from early_warning.worker import EarlyWarningWorker
from kit.database import Database
from kit.search_keys import list_search_keys
from quota_checks.tables import QuotaCheck
from tests.fakes import FixedClock

PHONE = "13800001234"


class Bank:
    """Everything happens at the clock's time unless it is said when."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.database = database
        self.clock = clock

    def make_worker(self, database: Database | None = None, **more: Any) -> EarlyWarningWorker:
        """One process's worker; all processes by default on the same connections."""
        return EarlyWarningWorker(database or self.database, self.clock, **more)

    async def meet(self, user: str) -> str:
        """Somebody writes for the first time; gives the conversation's id."""
        about = {"id": f"customer-{user}", "channel": "web", "channel_user_id": user, "created_at": self.clock.now}
        async with self.database.transaction() as session:
            session.add(Conversation(id=user, customer=Customer(**about), holder="bot", created_at=self.clock.now))
        return user

    async def apply(self, user: str, days_ago: float = 0, **changes: Any) -> str:
        """An application of somebody known; gives its id."""
        at = self.clock.now - timedelta(days=days_ago)
        values: dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "number": f"QH{uuid.uuid4().hex[:8]}",
            "idempotency_key": uuid.uuid4().hex,
            "request_hash": "",
            "conversation_id": user,
            "product": "farmer_loan",
            "amount": 100_000,
            "term": 12,
            "purpose": "买化肥",
            "region": "柳河镇",
            "name": "王秀英",
            "phone": PHONE,
            "details": {},
            "consent_version": "2026-07",
            "stage": "submitted",
            "manager_id": "zhang",
            "changed_at": at,
            "created_at": at,
        } | changes
        values["search_keys"] = list_search_keys(values["name"], values["phone"])
        async with self.database.transaction() as session:
            session.add(Application(**values))
        return str(values["id"])

    async def change(self, application_id: str, **changes: Any) -> None:
        async with self.database.transaction() as session:
            row = await session.get_one(Application, application_id)
            for name, value in changes.items():
                setattr(row, name, value)

    async def check_quota(self, user: str, days_ago: float = 0, **facts: Any) -> None:
        at = self.clock.now - timedelta(days=days_ago)
        about = {"product": "farmer_loan", "product_revision": "farmer_loan@1", "decision": {}}
        ids = {"id": str(uuid.uuid4()), "idempotency_key": uuid.uuid4().hex, "conversation_id": user}
        async with self.database.transaction() as session:
            session.add(QuotaCheck(**ids, **about, facts=facts, decided_at=at))

    async def write(self, user: str, at: datetime, author: str = "customer") -> None:
        said = {"direction": "inbound", "text": "在吗", "answered_at": at}
        async with self.database.transaction() as session:
            session.add(Message(conversation_id=user, author=author, at=at, **said))

    async def list_warnings(self) -> list[EarlyWarning]:
        async with self.database.reading() as session:
            order = EarlyWarning.raised_at, EarlyWarning.rule, EarlyWarning.subject_id
            return list(await session.scalars(select(EarlyWarning).order_by(*order)))

    async def list_rules(self, subject_id: str | None = None) -> list[str]:
        """The rules that hold now, for one application or all."""
        return [
            row.rule
            for row in await self.list_warnings()
            if row.gone_at is None and subject_id in (None, row.subject_id)
        ]


def change_rules(before: str, after: str) -> dict[str, RuleText]:
    """The rules that ship, with something changed in their text."""
    text = FILE.read_text("utf-8")
    assert before in text
    return dict(read_rules(text.replace(before, after)))
