"""Repayment schedules, exact to the fen: what is paid in each month, by each way of repaying.

A month is a twelfth of a year, whatever its days. Interest is rounded to a fen, half a fen up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Literal, get_args

# 等额本息, 等额本金, 按月付息到期还本, 到期一次还本付息
Method = Literal["equal_instalments", "equal_principal", "interest_first", "bullet"]
METHODS: tuple[Method, ...] = get_args(Method)
RATE_MAX = Decimal(36)  # percent a year; what somebody names above it is a slip


@dataclass(frozen=True, slots=True)
class Instalment:
    """One month of a schedule, in fen: `principal` and `interest` are paid, `debt` is what is owed after that."""

    month: int
    principal: int
    interest: int
    debt: int

    @property
    def payment(self) -> int:
        """All that is paid in the month."""
        return self.principal + self.interest


def make_schedule(amount: int, term: int, annual_rate: Decimal, method: Method) -> tuple[Instalment, ...]:
    """The instalments of `amount` yuan over `term` months at `annual_rate` percent a year; all of it is repaid.

    ValueError for an amount or a term below 1, or a rate below 0.
    """
    if amount < 1 or term < 1 or annual_rate < 0:
        raise ValueError(f"no loan: {amount} yuan, {term} months, {annual_rate} %")
    return tuple(repay(amount * 100, term, annual_rate, method))


def sum_interest(schedule: Sequence[Instalment]) -> int:
    """All interest of a schedule, in fen."""
    return sum(instalment.interest for instalment in schedule)


def repay(principal: int, term: int, annual_rate: Decimal, method: Method) -> Iterator[Instalment]:
    """The instalments of a debt in fen."""
    monthly = annual_rate / 1200
    match method:
        case "equal_instalments":
            yield from _pay_alike(principal, term, monthly)
        case "equal_principal":
            repaid = [round_fen(Decimal(principal) * month / term) for month in range(term + 1)]
            yield from _repay_parts(principal, [later - sooner for sooner, later in pairwise(repaid)], monthly)
        case "interest_first":
            yield from _repay_parts(principal, [0] * (term - 1) + [principal], monthly)
        case "bullet":
            for month in range(1, term):
                yield Instalment(month, 0, 0, principal)
            yield Instalment(term, principal, round_fen(principal * monthly * term), 0)


def round_fen(exact: Decimal) -> int:
    """Whole fen, half a fen rounded up."""
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def _repay_parts(debt: int, parts: Sequence[int], monthly: Decimal) -> Iterator[Instalment]:
    for month, part in enumerate(parts, 1):
        interest = round_fen(debt * monthly)
        debt -= part
        yield Instalment(month, part, interest, debt)


def _pay_alike(principal: int, term: int, monthly: Decimal) -> Iterator[Instalment]:
    """Equal payments, but for a fen in some of the last ones, which make up for rounding: no odd last sum.

    A month that would be two fen from the exact principal takes none of it.
    """
    growth = (1 + monthly) ** term
    exact = principal * monthly * growth / (growth - 1) if monthly else Decimal(principal) / term
    owed, interests, principals = Decimal(principal), [], []
    for _ in range(term):
        interests.append(round_fen(owed * monthly))
        principals.append(round_fen(exact - owed * monthly))
        owed += owed * monthly - exact
    payment, debt = round_fen(exact), principal
    left_over = principal + sum(interests) - payment * term
    fen = 1 if left_over > 0 else -1

    def prefer(month: int) -> tuple[bool, int]:
        return abs(payment + fen - interests[month] - principals[month]) > 1, -month

    odd = set(sorted(range(term), key=prefer)[: abs(left_over)])
    for month, interest in enumerate(interests):
        repaid = payment + (fen if month in odd else 0) - interest
        debt -= repaid
        yield Instalment(month + 1, repaid, interest, debt)
