"""Reads what was filled in on the calculator's page."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from kit.errors import InvalidFields
from kit.money import format_months, format_yuan
from lending.schedule import METHODS, RATE_MAX, Method
from products.catalogue import find_highest_rate, find_product
from products.schemas import Product

FIELDS = ("product", "amount", "term", "rate", "method", "month", "prepaid")
# Without a product: a calculator for any loan.
AMOUNT_MIN, AMOUNT_MAX, TERM_MAX = 1_000, 10_000_000, 360
_AMOUNT = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(万?)元?")
_TERM = re.compile("([0-9]{1,3})(年|个?月|期)?")
_RATE = re.compile(r"([0-9]{1,2}(?:\.[0-9]{1,4})?)%?")
_MONTH = re.compile("第?([0-9]{1,3})个?[月期]?")


@dataclass(frozen=True, slots=True)
class CalculatorQuery:
    """A loan to calculate: yuan, months, percent a year. `month` and `prepaid` are of repaying early.

    `is_own_rate`: the rate was filled in, else it is the product's highest, or the highest of all.
    """

    product: Product | None
    amount: int
    term: int
    rate: Decimal
    is_own_rate: bool
    method: Method
    month: int | None
    prepaid: int | None


def read_query(given: Mapping[str, str]) -> CalculatorQuery:
    """The loan that the fields describe; InvalidFields if some are missing or odd."""
    fields = {name: _clean(given.get(name, "")) for name in FIELDS}
    problems: dict[str, str] = {}
    product = find_product(fields["product"]) if fields["product"] else None
    if fields["product"] and not product:
        problems["product"] = "没有这种贷款，请重新选择。"
    method = next((each for each in METHODS if each == (fields["method"] or "equal_instalments")), None)
    if not method:
        problems["method"] = "请选一种还款方式。"
    amount = _read_amount(fields["amount"])
    if amount is None:
        problems["amount"] = "金额请填数字，例如100000或10万。"
    elif (
        not (product.amount_min if product else AMOUNT_MIN) <= amount <= (product.amount_max if product else AMOUNT_MAX)
    ):
        problems["amount"] = _tell_amounts(product)
    term = _read_term(fields["term"])
    if term is None:
        problems["term"] = "期限请填月数，例如36。"
    elif not 1 <= term <= (product.term_max if product else TERM_MAX):
        problems["term"] = _tell_terms(product)
    rate = _read_rate(fields["rate"]) if fields["rate"] else find_highest_rate(product)
    if rate is None:
        problems["rate"] = f"年化利率请填0到{RATE_MAX}之间的数，例如6.5。"
    month, prepaid = _read_number(_MONTH, fields["month"]), _read_amount(fields["prepaid"])
    if fields["prepaid"] and not prepaid:
        problems["prepaid"] = "提前还的金额请填数字，例如50000或5万；一次还清不用填。"
    if (fields["month"] or fields["prepaid"]) and not (month and term and month < term):
        problems["month"] = "提前还款请填在第几期之后还，要在最后一期之前。"
    if problems or amount is None or term is None or rate is None or method is None:
        raise InvalidFields("invalid_loan", problems)
    return CalculatorQuery(product, amount, term, rate, bool(fields["rate"]), method, month, prepaid)


def _clean(text: str) -> str:
    return re.sub(r"[\s,]", "", unicodedata.normalize("NFKC", text[:40]))


def _read_amount(text: str) -> int | None:
    """Whole yuan."""
    found = _AMOUNT.fullmatch(text)
    yuan = Decimal(found[1]) * (10_000 if found[2] else 1) if found else None
    return int(yuan) if yuan is not None and yuan % 1 == 0 else None


def _read_term(text: str) -> int | None:
    found = _TERM.fullmatch(text)
    return int(found[1]) * (12 if found[2] == "年" else 1) if found else None


def _read_rate(text: str) -> Decimal | None:
    found = _RATE.fullmatch(text)
    rate = Decimal(found[1]) if found else None
    return rate if rate is not None and rate <= RATE_MAX else None


def _read_number(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.fullmatch(text)
    return int(found[1]) if found else None


def _tell_amounts(product: Product | None) -> str:
    least, most = (product.amount_min, product.amount_max) if product else (AMOUNT_MIN, AMOUNT_MAX)
    return f"{product.name if product else '金额'}可以填{format_yuan(least)}到{format_yuan(most)}。"


def _tell_terms(product: Product | None) -> str:
    most = product.term_max if product else TERM_MAX
    return f"{product.name if product else '期限'}最长{format_months(most)}（{most}个月）。"
