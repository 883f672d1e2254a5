"""Limits are the product's, the rates of grades the policy's: what a decision takes from which, and that they agree."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from kit.database import Database
from products.catalogue import ProductCatalogue, read_seed, replace_catalogue
from products.schemas import Product
from scoring.policy_file import PolicyError, choose_policy, find_conflict, load_policies
from scoring.tables import StoredDecision

SINCE = date(2026, 7, 1)
FACTS = {"annual_turnover": 2_000_000, "years_in_business": 6, "existing_debt": 0, "has_overdue": False}


@pytest.fixture(autouse=True)
def own_catalogue() -> Iterator[None]:
    yield
    replace_catalogue(None)


def make(**changes: Any) -> Product:
    trader = read_seed().find("trader_loan", SINCE)
    assert trader
    return trader.model_copy(update=changes)


async def ask(api: httpx.AsyncClient, product: str, key: str = "quota-check-1") -> httpx.Response:
    body = {"product": product, "facts": FACTS}
    return await api.post("/v1/decisions", json=body, headers={"Idempotency-Key": key})


@pytest.mark.parametrize(("day", "until"), [(date(2025, 7, 1), SINCE), (SINCE, date.max)])
def test_what_ships_agrees(day: date, until: date) -> None:
    for product in read_seed().list_products(day):
        assert find_conflict(product, day, until) == ""


async def test_a_decision_takes_the_limits_of_its_day_and_keeps_which(
    api: httpx.AsyncClient, database: Database
) -> None:
    assert (await ask(api, "trader_loan")).json()["quota"] == 300_000
    changed = make(revision=3, online_limit=250_000)
    replace_catalogue(ProductCatalogue({"trader_loan": [(SINCE, make()), (date(2026, 8, 1), changed)]}))
    answer = (await ask(api, "trader_loan", "quota-check-2")).json()
    assert (answer["quota"], answer["policy_version"]) == (250_000, "trader_loan@2026-07-01")
    async with database.reading() as session:
        kept = await session.scalars(select(StoredDecision.product_revision).order_by(StoredDecision.idempotency_key))
        assert list(kept) == ["trader_loan#2", "trader_loan#3"]


async def test_a_changed_rate_is_that_of_the_quota_from_its_day(api: httpx.AsyncClient) -> None:
    assert (await ask(api, "trader_loan")).json()["annual_rate"] == 5.2
    cheaper = make(revision=3, annual_rate=(Decimal("4.35"), Decimal("6.05")))
    replace_catalogue(ProductCatalogue({"trader_loan": [(SINCE, make()), (date(2026, 8, 1), cheaper)]}))
    assert (await ask(api, "trader_loan", "quota-check-2")).json()["annual_rate"] == 4.35


async def test_a_product_that_staff_added_is_scored_as_others_of_its_kind(api: httpx.AsyncClient) -> None:
    assert (await ask(api, "market_loan")).status_code == 422
    added = make(id="market_loan", revision=1, name="集市贷", online_limit=100_000, amount_max=100_000)
    replace_catalogue(ProductCatalogue({"market_loan": [(SINCE, added)]}))
    answer = (await ask(api, "market_loan", "quota-check-2")).json()
    assert (answer["quota"], answer["outcome"], answer["policy_version"]) == (
        100_000,
        "approve",
        "trader_loan@2026-07-01",
    )
    assert any("集市贷最高10万元" in reason["text"] for reason in answer["reasons"])


async def test_what_was_decided_stands_when_the_product_is_not_offered_any_more(api: httpx.AsyncClient) -> None:
    decided = (await ask(api, "trader_loan")).json()
    replace_catalogue(ProductCatalogue({"trader_loan": [(SINCE, make(is_offered=False))]}))
    assert (await ask(api, "trader_loan")).json() == decided
    assert (await ask(api, "trader_loan", "quota-check-2")).status_code == 422


async def test_no_rate_outside_the_products_range_is_ever_told(api: httpx.AsyncClient) -> None:
    narrow = make(annual_rate=(Decimal("5.2"), Decimal("6.8")))
    assert find_conflict(narrow, SINCE) == (
        "信用政策（2026-07-01起）各等级最多比最低年利率高1.7个百分点，最高年利率至少6.9%"
    )
    with pytest.raises(PolicyError, match="outside the range of trader_loan#2"):
        choose_policy(load_policies(), narrow, SINCE)
    replace_catalogue(ProductCatalogue({"trader_loan": [(SINCE, narrow)]}))
    assert (await ask(api, "trader_loan")).status_code == 500
