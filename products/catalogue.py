"""The products in force, read at any moment without waiting: each process keeps a catalogue, and replaces it.

It begins as the seed and follows the record from then on (products/following.py).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kit.clock import CHINA, read_clock
from products.schemas import Product, build_product

SEED = Path(__file__).with_name("seed.yml")
Dated = tuple[date, Product]


class ProductCatalogue:
    """All values of all products that are or will be in force; never changes."""

    def __init__(self, products: Mapping[str, Sequence[Dated]]) -> None:
        """The dated values of each product by its id, in the order in which they replace each other."""
        self.products = {product_id: tuple(dated) for product_id, dated in products.items()}
        # A day that was asked for, mostly today.
        self._last: tuple[date, tuple[tuple[Product, ...], tuple[Product, ...]]] | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ProductCatalogue) and self.products == other.products

    def list_products(self, day: date) -> tuple[Product, ...]:
        """Those that are offered on a day."""
        return self._read(day)[1]

    def find(self, name_or_id: str, day: date) -> Product | None:
        """The product with this id or Chinese name as it is on a day, offered or not any more."""
        return next((p for p in self._read(day)[0] if name_or_id in (p.id, p.name)), None)

    def _read(self, day: date) -> tuple[tuple[Product, ...], tuple[Product, ...]]:
        """All products of a day, and those offered."""
        if self._last is None or self._last[0] != day:
            begun = [[product for since, product in dated if since <= day] for dated in self.products.values()]
            known = tuple(values[-1] for values in begun if values)
            self._last = day, (known, tuple(product for product in known if product.is_offered))
        return self._last[1]


@cache
def read_seed(path: Path = SEED) -> ProductCatalogue:
    """The products that ship; raises pydantic.ValidationError for a wrong file."""
    content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return ProductCatalogue({product_id: list(_date(product_id, values)) for product_id, values in content.items()})


def _date(product_id: str, values: Mapping[date, Mapping[str, Any]]) -> Sequence[Dated]:
    merged: dict[str, Any] = {}
    dated = []
    for number, (day, changes) in enumerate(values.items(), 1):
        merged |= changes
        dated.append((day, build_product(product_id, number, merged)))
    return dated


class _Kept:
    catalogue: ProductCatalogue | None = None


def get_catalogue() -> ProductCatalogue:
    """The catalogue of this process now."""
    return _Kept.catalogue or read_seed()


def replace_catalogue(catalogue: ProductCatalogue | None) -> None:
    """What this process goes by from now on; None is the seed."""
    _Kept.catalogue = catalogue


def read_today() -> date:
    """Today's date in China: products change at midnight there."""
    return read_clock().astimezone(CHINA).date()


def list_products() -> tuple[Product, ...]:
    """The products offered today."""
    return get_catalogue().list_products(read_today())


def find_highest_rate(product: Product | None) -> Decimal:
    """The highest yearly rate of the product, or without one of all that are offered today."""
    return product.annual_rate[1] if product else max(each.annual_rate[1] for each in list_products())


def find_product(name_or_id: str) -> Product | None:
    """A product as it is today, by its id or its Chinese name, even if it is not offered any more."""
    return get_catalogue().find(name_or_id, read_today())
