"""What we ask of the bank's core: the loans of a verified phone, and requests about them, each made once."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from applications.schemas import Phone
from lending.schedule import Method

Borrower = Literal["farmer", "sole_trader", "firm_owner", "small_firm", "medium_firm", "consumer"]
RequestKind = Literal["drawdown", "renewal"]
Fen = Annotated[int, Field(ge=0)]
Tail = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
PHONES_MAX = 100  # in one call
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class CoreValue(BaseModel):
    """Base of these values: immutable, and errors that do not repeat what the core said.

    What a core tells beside what we know is let be: it may grow without us.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class CreditLine(CoreValue):
    """A line that its customer draws from: sums in fen, `term_max` of a draw in months, `review_on` its next yearly
    review, None where it has none.
    """

    limit: Fen
    used: Fen
    until: date
    term_max: Annotated[int, Field(ge=1, le=360)]
    review_on: date | None = None

    @property
    def left(self) -> int:
        """What can still be drawn, in fen."""
        return max(self.limit - self.used, 0)


class LoanFacts(CoreValue):
    """A loan as its customer may see it. Sums in fen, `annual_rate` in percent (simple, with all direct costs).

    `tail` are the last digits of its contract, `account_tail` those of the account it is repaid from. `product` is the
    id in our catalogue, or the core's own. Nothing is due next once it is repaid, or for a `line` nobody drew from.
    """

    tail: Tail
    product: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    product_name: Words
    method: Method
    annual_rate: Annotated[Decimal, Field(ge=0, le=36)]
    balance: Fen
    started_on: date
    matures_on: date
    months_left: Annotated[int, Field(ge=0, le=480)]
    next_due_on: date | None = None
    next_payment: Fen = 0
    account_tail: Tail
    overdue_days: Annotated[int, Field(ge=0)] = 0
    overdue: Fen = 0
    line: CreditLine | None = None

    @property
    def term(self) -> int:
        """For how many calendar months it was granted, at least 1: from 15 August to 15 August are 12."""
        start, end = self.started_on, self.matures_on
        months = (end.year - start.year) * 12 + end.month - start.month
        is_last_day = (end + timedelta(days=1)).month != end.month
        return max(months - (end.day < start.day and not is_last_day), 1)


class CoreLoan(LoanFacts):
    """A loan as the core knows it, with what a renewal is decided by and what the account manager needs.

    `loan_id` is the core's own key; it never leaves the desk process. `late_times`: how often a payment was late in the
    last twelve months; `has_bad_record`: the core knows of a debt in dispute, a false paper or the like.
    """

    loan_id: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=20)]
    region: Words
    borrower: Borrower
    is_business: bool
    late_times: Annotated[int, Field(ge=0)] = 0
    has_bad_record: bool = False


class CustomerLoan(CoreValue):
    """A loan or line, and the phone that its customer left with the bank."""

    phone: Phone
    loan: CoreLoan


class CoreWish(CoreValue):
    """What a customer confirmed, as the core is asked for it. `amount` in fen, not less than a yuan."""

    kind: RequestKind
    loan_id: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    phone: Phone
    amount: Annotated[int, Field(ge=100)]
    term: Annotated[int, Field(ge=1, le=360)]


class CoreRequest(CoreWish):
    """What the core is asked for: `number` is our application's, by which the core tells of it."""

    number: Annotated[str, StringConstraints(min_length=4, max_length=16)]


class Receipt(CoreValue):
    """The core has taken a request, under its own reference."""

    reference: Annotated[str, StringConstraints(min_length=1, max_length=40)]


class CoreBanking(Protocol):
    """The bank's core. Everything raises ServiceUnavailable when it is not known whether it was done."""

    async def list_loans(self, phones: Sequence[str]) -> list[CustomerLoan]:
        """The loans and lines whose customers left these phones, at most PHONES_MAX; none for a number not known."""
        ...

    async def list_due_reviews(self, until: date) -> list[CustomerLoan]:
        """The lines whose yearly review is due by a day."""
        ...

    async def request(self, request: CoreRequest, *, key: str) -> Receipt:
        """Asks for a drawdown or a renewal, once for each key. ServiceRefused says why the core does not take it."""
        ...

    async def close(self) -> None:
        """Closes the connections."""
        ...


async def find_loans(core: CoreBanking, phones: Collection[str]) -> AsyncIterator[CustomerLoan]:
    """The loans of however many phones, in calls of PHONES_MAX; what was not asked for is left out."""
    asked = sorted(phones)
    for start in range(0, len(asked), PHONES_MAX):
        for found in await core.list_loans(asked[start : start + PHONES_MAX]):
            if found.phone in phones:
                yield found
