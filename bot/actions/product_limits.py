"""The product a customer chose, and its limits."""

from collections.abc import Sequence

from bot.actions.slots import Slots
from products.catalogue import find_product, list_products
from products.schemas import REPAYMENT_NAMES, Product


def get_product(slots: Slots) -> Product | None:
    """The product chosen so far."""
    return find_product(str(slots.get("product") or ""))


def require_product(slots: Slots) -> Product:
    """The product chosen. Raises LookupError without one: the forms ask for it first."""
    product = get_product(slots)
    if product is None:
        raise LookupError("no product was chosen")
    return product


def list_methods(product: Product) -> list[str]:
    """The ways of repaying that the product has, by their names."""
    return [name for method, name in REPAYMENT_NAMES.items() if method in product.repayment]


def limit_amount(slots: Slots) -> tuple[int, int]:
    """The least and the most that may be asked for, in yuan: checked again once the product is known."""
    products = _list_possible(slots)
    return min(p.amount_min for p in products), max(p.amount_max for p in products)


def limit_term(slots: Slots) -> tuple[int, int]:
    """The shortest and the longest term, in months: checked again once the product is known."""
    return 1, max(p.term_max for p in _list_possible(slots))


def _list_possible(slots: Slots) -> Sequence[Product]:
    product = get_product(slots)
    return (product,) if product else list_products()
