"""The loan of a calculation, and how its terms are told."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from bot.actions.product_limits import get_product
from kit.money import format_months, format_yuan
from lending.schedule import Instalment, Method, make_schedule
from products.catalogue import find_highest_rate

# The calculator has slots of its own: an application that is open keeps its sum and time.
OWN_SLOTS = ("calculated_amount", "calculated_term")
METHOD_NAMES: dict[Method, str] = {
    "equal_instalments": "等额本息",
    "equal_principal": "等额本金",
    "interest_first": "先息后本",
    "bullet": "到期一次还",
}


class CalculatedLoan(NamedTuple):
    """`rate` in percent a year; `source` says whose it is, `is_own_rate`: it is the customer's."""

    amount: int
    term: int
    rate: Decimal
    source: str
    is_own_rate: bool
    method: Method

    def make_schedule(self, method: Method | None = None) -> tuple[Instalment, ...]:
        """The instalments, by its own method or another."""
        return make_schedule(self.amount, self.term, self.rate, method or self.method)


def read_loan(terms: Mapping[str, Any]) -> CalculatedLoan | None:
    """The loan of the terms, at the customer's own rate, that of their quota, or the highest; None while some lack."""
    if not all(terms.get(slot) for slot in OWN_SLOTS):
        return None
    product = get_product(terms)
    if terms.get("rate"):
        rate, source = Decimal(terms["rate"]), "按您说的年利率"
    elif terms.get("quota_rate") and product and product.id == terms.get("quota_product"):
        rate, source = Decimal(terms["quota_rate"]), "按测出的年利率"
    else:
        rate = find_highest_rate(product)
        source = f"按{product.name}最高年利率" if product else "按最高年利率"
    amount, term = (int(terms[slot]) for slot in OWN_SLOTS)
    return CalculatedLoan(
        amount, term, rate, source, bool(terms.get("rate")), terms.get("method") or "equal_instalments"
    )


def describe_loan(loan: CalculatedLoan) -> dict[str, Any]:
    """The values of responses. Our rates include all direct costs (products/schemas.py)."""
    kind = "单利" if loan.is_own_rate else "年化单利，含全部费用"
    return {
        "amount": format_yuan(loan.amount),
        "term": format_months(loan.term),
        "rate": f"{float(loan.rate):g}%（{kind}）",
        "source": loan.source,
        "method": METHOD_NAMES[loan.method],
    }
