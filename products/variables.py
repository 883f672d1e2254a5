"""Fills the figures of products into texts: 农户贷最高{amount_max:农户贷}."""

import logging
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from kit.money import format_yuan
from products.catalogue import list_products
from products.schemas import Kind, Product

log = logging.getLogger(__name__)

Language = Literal["zh", "en"]
VARIABLE = re.compile(r"\{(\w+):([^{}]+)\}")
ALL = "all"
PRODUCTS = "{products:all}"
ENGLISH_KINDS: Mapping[Kind, str] = {
    "farmer": "farmers",
    "trader": "shops and stalls",
    "firm": "small companies",
}
UNKNOWN: Mapping[Language, str] = {"zh": "（以本行公布为准）", "en": "(as the bank publishes)"}


def _write_yuan(amount: int, language: Language) -> str:
    return format_yuan(amount) if language == "zh" else f"CNY {amount:,}"


def _write_months(months: int, language: Language) -> str:
    return f"{months}个月" if language == "zh" else f"{months} months"


def _write_spouse_consent(amount: int | None, language: Language) -> str:
    return UNKNOWN[language] if amount is None else _write_yuan(amount, language)


def _write_rates(product: Product, language: Language) -> str:
    lowest, highest = (f"{rate:.2f}%" for rate in product.annual_rate)
    return f"{lowest}{'至' if language == 'zh' else ' to '}{highest}"


def _write_audience(product: Product, language: Language) -> str:
    return product.audience if language == "zh" else ENGLISH_KINDS[product.kind]


def _describe(product: Product, language: Language) -> str:
    """A product in a list of all: 农户贷（种粮的农户，年利率4.90%至6.50%）."""
    audience, rates = _write_audience(product, language), _write_rates(product, language)
    if language == "zh":
        return f"{product.name}（{audience}，年利率{rates}）"
    return f"{product.name} (for {audience}, {rates} a year)"


WRITE: Mapping[str, Callable[[Product, Language], str]] = {
    "amount_min": lambda product, language: _write_yuan(product.amount_min, language),
    "amount_max": lambda product, language: _write_yuan(product.amount_max, language),
    "online_limit": lambda product, language: _write_yuan(product.online_limit, language),
    "term_max": lambda product, language: _write_months(product.term_max, language),
    "spouse_consent_from": lambda product, language: _write_spouse_consent(product.spouse_consent_from, language),
    "rate": _write_rates,
    "rate_min": lambda product, language: f"{product.annual_rate[0]:.2f}%",
    "rate_max": lambda product, language: f"{product.annual_rate[1]:.2f}%",
    "audience": _write_audience,
}
# Of which product a sentence about all of them must speak, so that it is true of each.
LEAST: Mapping[str, Callable[[Product], float]] = {
    "amount_max": lambda product: product.amount_max,
    "online_limit": lambda product: product.online_limit,
    "term_max": lambda product: product.term_max,
    "spouse_consent_from": lambda product: product.spouse_consent_from or math.inf,
}


def fill_variables(text: str, language: Language = "zh", products: Sequence[Product] | None = None) -> str:
    """The text with the figures in force today, or those of other products, each with its unit.

    `{online_limit:农户贷}` is one product's, `{online_limit:all}` what holds for all of them, `{products:all}` a list
    of those that are offered. Of a product that is gone customers are referred to what the bank publishes.
    """

    offered = list_products() if products is None else products

    def write(found: re.Match[str]) -> str:
        if found[0] == PRODUCTS:
            described = (_describe(product, language) for product in offered)
            return ("、" if language == "zh" else ", ").join(described)
        product, write_one = _choose(found[1], found[2], offered), WRITE.get(found[1])
        if product is None or write_one is None:
            log.error("no such variable: %s", found[0])
            return UNKNOWN[language]
        return write_one(product, language)

    return VARIABLE.sub(write, text)


def find_unknown_variables(text: str) -> list[str]:
    """The variables of a text that no product has, as they are written; braces that are no variable too."""
    rest = VARIABLE.sub("", text)
    unknown = [found[0] for found in VARIABLE.finditer(text) if not _is_known(found)]
    return unknown + [mark for mark in "{}" if mark in rest]


def _is_known(found: re.Match[str]) -> bool:
    return found[0] == PRODUCTS or (found[1] in WRITE and _choose(found[1], found[2], list_products()) is not None)


def _choose(figure: str, name: str, products: Sequence[Product]) -> Product | None:
    if name == ALL:
        return min(products, key=LEAST[figure], default=None) if figure in LEAST else None
    return next((product for product in products if product.name == name), None)
