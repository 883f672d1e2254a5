"""The papers that an application needs, and which of them are there: pure functions."""

import re
from collections.abc import Collection
from typing import NamedTuple

from products.schemas import Product

# Before the name of a paper among the items that an application lacks: paper:户口簿.
PAPER = "paper:"
_SEPARATORS = re.compile("[、，,；;]")


class Paper(NamedTuple):
    """One paper by its name, and whether it was got ready."""

    name: str
    is_ready: bool


def list_papers(product: Product) -> list[str]:
    """The names of the papers that a product asks for: 身份证, 户口簿, 土地承包或流转合同."""
    names = (name.strip(" 。.") for name in _SEPARATORS.split(product.documents))
    return list(dict.fromkeys(filter(None, names)))


def list_wanted(items: Collection[str]) -> list[str]:
    """The names of the papers among the items that an application lacks."""
    return [item.removeprefix(PAPER) for item in items if item.startswith(PAPER)]


def make_checklist(product: Product, ready: Collection[str]) -> list[Paper]:
    """The papers in the product's order; what is ready but no longer asked for is left out."""
    return [Paper(name, name in ready) for name in list_papers(product)]
