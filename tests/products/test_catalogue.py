"""The catalogue: dated, read without waiting, replaced as a whole."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from products.catalogue import (
    ProductCatalogue,
    find_product,
    get_catalogue,
    list_products,
    read_seed,
    read_today,
    replace_catalogue,
)

IDS = ["farmer_loan", "trader_loan", "firm_loan"]


@pytest.fixture(autouse=True)
def own_catalogue() -> Iterator[None]:
    yield
    replace_catalogue(None)


def test_the_seed_is_dated() -> None:
    seed = read_seed()
    assert [p.id for p in seed.list_products(date(2025, 6, 30))] == []
    assert [p.id for p in seed.list_products(date(2026, 6, 30))] == IDS
    before, after = (seed.find("trader_loan", day) for day in (date(2026, 6, 30), date(2026, 7, 1)))
    assert before
    assert after
    assert (before.online_limit, before.annual_rate[0], before.revision) == (200_000, Decimal("5.5"), 1)
    assert (after.online_limit, after.annual_rate[0], after.revision) == (300_000, Decimal("5.2"), 2)
    assert before.term_max == after.term_max == 36


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("farmer_loan", "farmer_loan"),
        ("农户贷", "farmer_loan"),
        ("小微企业贷", "firm_loan"),
        ("贷", None),
        ("", None),
        ("Farmer_Loan", None),
    ],
)
def test_a_product_is_found_by_id_and_by_name(asked: str, found: str | None) -> None:
    product = find_product(asked)
    assert (product.id if product else None) == found


def test_a_process_goes_by_its_newest_catalogue_at_once() -> None:
    assert [product.id for product in list_products()] == IDS
    product = list_products()[0].model_copy(update={"amount_max": 400_000})
    today = read_today()
    replace_catalogue(ProductCatalogue({product.id: [(today + timedelta(days=1), product)]}))
    assert list_products() == ()
    assert get_catalogue().list_products(today + timedelta(days=1)) == (product,)
    replace_catalogue(ProductCatalogue({product.id: [(today, product)]}))
    assert list_products() == (product,)


def test_what_is_taken_off_offer_is_still_known_but_not_offered_from_its_day() -> None:
    product, today = list_products()[0], read_today()
    ended = product.model_copy(update={"is_offered": False})
    tomorrow = today + timedelta(days=1)
    replace_catalogue(ProductCatalogue({product.id: [(today, product), (tomorrow, ended)]}))
    assert list_products() == (product,)
    assert get_catalogue().list_products(tomorrow) == ()
    assert get_catalogue().find(product.name, tomorrow) == ended
