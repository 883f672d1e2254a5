"""The bank's loan products, read from products.yml beside this file."""

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

_FILE = Path(__file__).with_name("products.yml")


ProductId = Literal["farmer_loan", "trader_loan", "firm_loan"]


class Product(BaseModel):
    """Amounts in yuan, terms in months, rates in percent a year (lowest, highest): simple, with all direct costs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: ProductId
    name: str
    amount_min: int
    amount_online_max: int
    amount_max: int
    term_max: int
    annual_rate: tuple[Decimal, Decimal]
    documents: str


@cache
def list_products() -> tuple[Product, ...]:
    """All products, in the file's order."""
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(Product(id=key, **values) for key, values in content.items())


def find_product(name_or_id: str) -> Product | None:
    """A product by its id or its Chinese name."""
    return next((p for p in list_products() if name_or_id in (p.id, p.name)), None)
