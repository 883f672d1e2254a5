"""The repayment calculator, exact to the fen."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class Repayment:
    """Payments in fen: the first, the last, and the total interest; all but the last are alike in equal instalments."""

    first: int
    last: int
    interest: int


def calculate_interest_first(amount: int, term: int, annual_rate: Decimal) -> Repayment:
    """按月付息到期还本: interest each month on `amount` yuan over `term` months, the sum itself with the last one."""
    monthly = _round(amount * 100 * annual_rate / 1200)
    return Repayment(monthly, monthly + amount * 100, monthly * term)


def calculate_equal_instalments(amount: int, term: int, annual_rate: Decimal) -> Repayment:
    """等额本息: equal payments; the last takes what rounding left. `annual_rate` in percent a year."""
    principal, monthly = amount * 100, annual_rate / 1200
    growth = (1 + monthly) ** term
    instalment = _round(principal * monthly * growth / (growth - 1) if monthly else Decimal(principal) / term)
    debt = principal
    for _ in range(term - 1):
        debt += _round(debt * monthly) - instalment
    last = debt + _round(debt * monthly)
    return Repayment(instalment, last, instalment * (term - 1) + last - principal)


def calculate_equal_principal(amount: int, term: int, annual_rate: Decimal) -> Repayment:
    """等额本金: the same part of the sum each month, and interest on what is still owed."""
    debt, part, monthly = amount * 100, _round(Decimal(amount * 100) / term), annual_rate / 1200
    payments = []
    for month in range(term):
        interest = _round(debt * monthly)
        repaid = part if month < term - 1 else debt
        payments.append(repaid + interest)
        debt -= repaid
    return Repayment(payments[0], payments[-1], sum(payments) - amount * 100)


def _round(fen: Decimal) -> int:
    return int(fen.quantize(Decimal(1), ROUND_HALF_UP))
