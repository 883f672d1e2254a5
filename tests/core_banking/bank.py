"""A desk that speaks with a core, and customers whose phones are verified."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from applications.tables import Application
from conversations.service import Conversations
from core_banking.api import build_router
from core_banking.client import LoansClient
from core_banking.demo_core import DemoCore
from core_banking.interface import CoreLoan, CoreRequest, CustomerLoan, Receipt
from core_banking.service import Loans
from desk.consents import require_consents
from desk.ownership import announce_refusal
from kit.database import Database
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.http import ServiceClient
from kit.web import create_web_app
from kit.working_time import OfficeHours
from tests.fakes import FixedClock
from tests.vaults import VAULT
from tests.verification.rows import make_verification

TOKEN = "a-token-of-the-desk-service"
BUSY_SECONDS = 60.0  # however busy the machine is; tests of slowness set their own
HOURS = OfficeHours.parse("08:30-17:30")


class LeavingCore(DemoCore):
    """The demo's core, which is `away` when it is told so: for `all`, or only for `requests`.

    `changes`: what is otherwise of a loan, by its id; `same`: phones that are another's too. Requests are `asked`, and
    refused with a code for those numbers that stand in `refused` ("" for all).
    """

    away = ""

    def __init__(self, requests: Path, clock: FixedClock) -> None:
        super().__init__(requests, clock)
        self.changes: dict[str, dict[str, Any]] = {}
        self.same: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        self.asked: list[CoreRequest] = []

    async def list_loans(self, phones: Sequence[str]) -> list[CustomerLoan]:
        if self.away == "all":
            raise ServiceUnavailable("core: away")
        known = {self.same.get(phone, phone): phone for phone in phones}
        found = await super().list_loans(list(known))
        return [CustomerLoan(phone=known[each.phone], loan=self._change(each.loan)) for each in found]

    def _change(self, loan: CoreLoan) -> CoreLoan:
        return loan.model_copy(update=self.changes.get(loan.loan_id, {}))

    async def list_due_reviews(self, until: date) -> list[CustomerLoan]:
        if self.away == "all":
            raise ServiceUnavailable("core: away")
        return await super().list_due_reviews(until)

    async def request(self, request: CoreRequest, *, key: str) -> Receipt:
        if self.away == "requests":
            raise ServiceUnavailable("core: away")
        self.asked.append(request)
        if code := self.refused.get(key, self.refused.get("")):
            raise ServiceRefused("core", 409, code, "额度已经冻结")
        return await super().request(request, key=key)


class Bank:
    """One desk process with its core."""

    def __init__(self, database: Database, clock: FixedClock, folder: Path, *, has_core: bool = True) -> None:
        self.database = database
        self.clock = clock
        self.core = LeavingCore(folder / "requests.json", clock)
        self.loans = Loans(
            self.core if has_core else None,
            database,
            VAULT,
            clock,
            read_hours=_read_hours,
            require_consents=require_consents,
            announce_refusal=announce_refusal,
            find_seconds=BUSY_SECONDS,
            send_seconds=BUSY_SECONDS,
        )
        app = create_web_app("desk", checks={})
        app.include_router(build_router(self.loans, TOKEN))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.client = LoansClient(
            ServiceClient("loans", "http://desk", deadline=BUSY_SECONDS, token=TOKEN, transport=transport)
        )

    async def verify(self, user: str, *phones: str, channel: str = "web") -> str:
        """A customer, of the web page unless told otherwise, with verified phones; the conversation's id."""
        conversation = (await Conversations(self.database, self.clock).open_conversation(channel, user)).id
        async with self.database.transaction() as session:
            session.add_all(make_verification(conversation, phone, self.clock.now) for phone in phones)
        return conversation

    async def list_stored(self) -> list[Application]:
        """What was handed in."""
        async with self.database.reading() as session:
            return list(await session.scalars(select(Application).order_by(Application.created_at)))


async def _read_hours() -> OfficeHours:
    return HOURS
