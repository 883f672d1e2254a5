"""Policies are dated, and a file with a mistake is refused."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from scoring.farmer import FarmerPolicy
from scoring.policy_file import POLICY_FOLDER, POLICY_NAMES, Policies, PolicyError, load_policies, read_policy_file

SHIPPED = POLICY_FOLDER / "farmer_loan.yml"


@pytest.mark.parametrize(
    ("day", "version", "land_value"),
    [
        (date(2025, 7, 1), "farmer_loan@2025-07-01", 1200),
        (date(2026, 6, 30), "farmer_loan@2025-07-01", 1200),
        (date(2026, 7, 1), "farmer_loan@2026-07-01", 1500),
        (date(2030, 1, 1), "farmer_loan@2026-07-01", 1500),
    ],
)
def test_values_and_version_are_those_in_force(policies: Policies, day: date, version: str, land_value: int) -> None:
    policy = policies["farmer_loan"].get_policy(day)
    assert isinstance(policy, FarmerPolicy)
    assert policy.version == version
    assert policy.land_value == land_value


def test_numbers_are_read_exactly(policies: Policies) -> None:
    assert policies["farmer_loan"].get_policy(date(2026, 7, 1)).grade_margin["D"] == Decimal("1.6")


def test_no_policy_before_the_first_day(policies: Policies) -> None:
    with pytest.raises(PolicyError, match="2025-06-30"):
        policies["farmer_loan"].get_policy(date(2025, 6, 30))


@pytest.mark.parametrize("product", POLICY_NAMES.values())
def test_every_shipped_parameter_names_its_source(product: str) -> None:
    parameters = yaml.safe_load((POLICY_FOLDER / f"{product}.yml").read_text("utf-8"))["parameters"]
    sources = {name: parameter["source"] for name, parameter in parameters.items()}
    real = {name for name, source in sources.items() if source.startswith("《")}
    assert real == {"age_min"}
    assert {source for name, source in sources.items() if name not in real} == {"青禾农商银行演示政策"}


def change(name: str, **fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda policy: policy["parameters"][name].update(fields)


def dated(value: Any) -> dict[date, Any]:
    return {date(2025, 7, 1): value}


@pytest.mark.parametrize(
    ("slip", "complaint"),
    [
        (change("land_value", unit="yuan"), "yuan_per_mu is needed"),
        (change("land_value", source=""), "source"),
        (change("land_value", values={}), "values"),
        (change("land_value", values={date(2026, 7, 1): 1500, date(2025, 7, 1): 1200}), "dates have to rise"),
        (change("land_value", values={date(2025, 7, 1): "many"}), "values"),
        (change("land_value", note="?"), "note"),
        (change("age_min", values=dated(True)), "age_min"),
        (lambda policy: policy["parameters"].pop("age_max"), "age_max"),
        (lambda policy: policy["parameters"].update(extra=policy["parameters"]["age_max"]), "extra"),
        (lambda policy: policy.update(product="trader_loan"), "trader_loan"),
        (change("grade_share", values=dated({"A": 70, "B": 85, "C": 70, "D": 50})), "have to fall"),
        (change("grade_margin", values=dated({"A": 0, "B": 1, "C": 2})), "grade_margin"),
        (change("grade_points", values=dated({"A": 75, "B": 55, "C": 35, "D": 10})), "grade D"),
        (change("points_land", values=dated({0: 10, 5: 5})), "have to rise"),
        (change("points_debt", values=dated({0: 10, 5: 15})), "have to fall"),
        (change("points_land", values=dated({1: 0, 5: 5})), "bands start at 0"),
        (change("points_land", values=dated(7)), "points_land"),
        (change("rounding", values=dated({0: 1000, 52_000: 5000})), "rounding"),
        # A slip that only a later date brings into force is found today.
        (change("age_max", values={date(2025, 7, 1): 65, date(2099, 1, 1): "old"}), "age_max"),
    ],
)
def test_a_slip_is_refused(tmp_path: Path, slip: Callable[[dict[str, Any]], None], complaint: str) -> None:
    policy = yaml.safe_load(SHIPPED.read_text("utf-8"))
    slip(policy)
    path = tmp_path / "farmer_loan.yml"
    path.write_text(yaml.safe_dump(policy, allow_unicode=True, sort_keys=False), "utf-8")

    with pytest.raises(PolicyError, match=complaint) as refusal:
        read_policy_file(path, "farmer_loan")
    assert "farmer_loan.yml" in str(refusal.value)


def test_the_unit_of_an_optional_parameter_is_checked(tmp_path: Path) -> None:
    policy = yaml.safe_load((POLICY_FOLDER / "trader_loan.yml").read_text("utf-8"))
    change("age_max", unit="month")(policy)
    path = tmp_path / "trader_loan.yml"
    path.write_text(yaml.safe_dump(policy, allow_unicode=True, sort_keys=False), "utf-8")
    with pytest.raises(PolicyError, match="year is needed"):
        read_policy_file(path, "trader_loan")


@pytest.mark.parametrize("text", ["product: farmer_loan\nproduct: farmer_loan\n", "- 1", "{", ""])
def test_a_file_that_is_no_policy_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "farmer_loan.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(PolicyError):
        read_policy_file(path, "farmer_loan")


def test_a_date_written_twice_is_refused(tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8")
    doubled = text.replace("{2025-07-01: 1200, 2026-07-01: 1500}", "{2025-07-01: 1200, 2025-07-01: 1500}")
    assert doubled != text
    (tmp_path / "farmer_loan.yml").write_text(doubled, "utf-8")
    with pytest.raises(PolicyError, match="written twice"):
        read_policy_file(tmp_path / "farmer_loan.yml", "farmer_loan")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"farmer_loan\.yml"):
        load_policies(tmp_path)
