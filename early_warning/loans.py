"""The open loans and lines of customers who verified their phone, as cases; the bank's core is asked for them."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import NamedTuple

from sqlalchemy import select

from conversations.tables import Conversation, Customer
from core_banking.interface import CoreBanking, CoreLoan, find_loans
from early_warning.case import Case, Told
from early_warning.sources import make_keys
from kit.clock import CHINA
from kit.database import Database
from kit.encrypted import read_vault
from verification.tables import PhoneVerification

PAGE = 1000


class VerifiedCustomer(NamedTuple):
    """Whoever verified a phone: the conversation that did so last, and its account manager."""

    conversation_id: str
    staff_id: str | None
    verified_at: datetime


class LoanCases:
    """Asks for everybody's loans, a hundred phones a call."""

    def __init__(self, core: CoreBanking, database: Database) -> None:
        self._core = core
        self._database = database
        self._digest = read_vault(database.engine.dialect).digest

    async def list_cases(self) -> list[Case]:
        """Each loan once; ServiceUnavailable or ServiceRefused when the core does not say."""
        customers = await self._read_customers()
        cases: dict[str, Case] = {}
        async for found in find_loans(self._core, customers):
            if case := self._make_case(found.phone, customers[found.phone], found.loan):
                cases[case.id] = case
        return list(cases.values())

    async def _read_customers(self) -> Mapping[str, VerifiedCustomer]:
        """By phone."""
        found: dict[str, VerifiedCustomer] = {}
        columns = PhoneVerification.id, PhoneVerification.phone, PhoneVerification.verified_at
        query = (
            select(*columns, PhoneVerification.conversation_id, Customer.manager_id)
            .join(Conversation, Conversation.id == PhoneVerification.conversation_id)
            .join(Customer, Customer.id == Conversation.customer_id)
            .where(PhoneVerification.verified_at.is_not(None))
            .order_by(PhoneVerification.id)
            .limit(PAGE)
        )
        after, is_more = "", True
        while is_more:
            async with self._database.reading() as session:
                page = (await session.execute(query.where(PhoneVerification.id > after))).all()
            for row in page:
                customer = VerifiedCustomer(row.conversation_id, row.manager_id, row.verified_at)
                found[row.phone] = max(customer, found.get(row.phone, customer), key=lambda each: each.verified_at)
            after, is_more = page[-1].id if page else "", len(page) == PAGE
        return found

    def _make_case(self, phone: str, customer: VerifiedCustomer, loan: CoreLoan) -> Case | None:
        """None for a loan that is repaid and no line."""
        if (due_on := next(_list_due_days(loan), None)) is None:
            return None
        name, number = self._digest(f"loan {loan.loan_id}")[:32], f"尾号{loan.tail}"
        since = datetime.combine(loan.started_on, time.min, CHINA)
        return Case(
            kind="loan",
            id=name,
            number=number,
            title=f"{loan.name}的{loan.product_name}",
            conversation_id=customer.conversation_id,
            staff_id=customer.staff_id,
            told=Told(name, f"贷款{number}", since, {}),
            keys=make_keys(phone, "", customer.conversation_id),
            changed_at=since,
            last_contact_at=since,
            due_on=due_on,
        )


def _list_due_days(loan: CoreLoan) -> Iterator[date]:
    """When what was borrowed is due, before the end of the line it was drawn from."""
    if loan.balance:
        yield loan.matures_on
    if loan.line:
        yield loan.line.until
