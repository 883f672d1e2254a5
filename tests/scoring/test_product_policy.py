"""A product's own policy goes before that of its kind, from its own date on, for what it names."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from products.catalogue import read_seed
from products.schemas import Product
from scoring import policy_file
from scoring.business import BusinessPolicy
from scoring.policy_file import PolicyError, choose_policy, find_conflict, load_policies
from tests.scoring.folders import add_policy, copy_policies

START = date(2026, 9, 1)
MARGINS = {"A": 0, "B": 0.2, "C": 0.4, "D": 0.6}


def make_product(product_id: str = "market_loan", **changes: Any) -> Product:
    trader = read_seed().find("trader_loan", START)
    assert trader
    return trader.model_copy(update={"id": product_id, "revision": 1, "name": "集市贷", **changes})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = copy_policies(tmp_path)
    add_policy(folder, "market_loan", {"grade_margin": {START: MARGINS}, "years_min": {START: 0.5}}, kind="trader")
    return folder


@pytest.mark.parametrize(
    ("product", "day", "version", "years_min", "dearest"),
    [
        ("market_loan", date(2026, 8, 31), "market_loan@2026-07-01", 1, "1.7"),
        ("market_loan", START, "market_loan@2026-09-01", Decimal("0.5"), "0.6"),
        ("trader_loan", START, "trader_loan@2026-07-01", 1, "1.7"),
        ("night_loan", START, "trader_loan@2026-07-01", 1, "1.7"),
    ],
)
def test_values_are_the_products_own_from_its_date(
    folder: Path, product: str, day: date, version: str, years_min: Decimal, dearest: str
) -> None:
    policy = choose_policy(load_policies(folder), make_product(product), day)
    assert isinstance(policy, BusinessPolicy)
    assert (policy.version, policy.years_min, policy.grade_margin["D"]) == (version, years_min, Decimal(dearest))
    assert policy.terms.id == product


def test_a_product_that_is_narrower_needs_its_own_margins_on_every_day(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policies = load_policies(folder)
    monkeypatch.setattr(policy_file, "load_policies", lambda: policies)
    narrow: dict[str, Any] = {"annual_rate": (Decimal("5.2"), Decimal("5.8"))}
    assert find_conflict(make_product(**narrow), START) == ""
    assert "2026-07-01起" in find_conflict(make_product(**narrow), date(2026, 8, 1))
    assert "最高年利率至少6.9%" in find_conflict(make_product("night_loan", **narrow), START)
    assert "另一类客户" in find_conflict(make_product(kind="firm"), START)
    with pytest.raises(PolicyError, match="another kind"):
        choose_policy(policies, make_product(kind="firm"), START)


@pytest.mark.parametrize(
    ("fields", "parameters", "complaint"),
    [
        ({}, {"years_min": {START: 1}}, "whose product"),
        ({"kind": "nobody"}, {"years_min": {START: 1}}, "kind"),
        ({"kind": "trader"}, {"years_min": {START: "long"}}, "years_min"),
        ({"kind": "farmer"}, {"years_min": {START: 1}}, "years_min"),
        ({"kind": "trader"}, {"grade_margin": {START: {"A": 1, "B": 0}}}, "grade_margin"),
    ],
)
def test_a_slip_is_refused_with_the_name_of_the_file(
    tmp_path: Path, fields: dict[str, Any], parameters: dict[str, Any], complaint: str
) -> None:
    folder = copy_policies(tmp_path)
    add_policy(folder, "market_loan", parameters, **fields)
    with pytest.raises(PolicyError, match=complaint) as refusal:
        load_policies(folder)
    assert "market_loan.yml" in str(refusal.value)
