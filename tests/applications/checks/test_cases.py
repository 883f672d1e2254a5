"""Every application in the YAML files is checked as the credit officer states it."""

from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from applications.checks.check import Surroundings
from applications.checks.limits import Limits, load_limits, load_parameters
from applications.checks.listing import list_checks, list_mendable, list_questions
from applications.schemas import ApplicationIn
from documents.schemas import ReadPaper
from products.catalogue import read_seed
from products.schemas import Kind

FIXED = {"conversation_id": "conversation-1", "consent_version": "2026-07"}
CHANGED = ("amount", "purpose", "region")
KEYS = {*CHANGED, "name", "as_of", "details", "without", "surroundings", "expect", "says", "mendable", "asks"}


def read_cases() -> list[Any]:
    files = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(Path(__file__).parent.glob("*.yml"))]
    return [
        pytest.param(file, case, id=f"{file['product']}: {case['name']}") for file in files for case in file["cases"]
    ]


@pytest.mark.parametrize(("file", "case"), read_cases())
def test_an_application_is_checked_as_stated(file: dict[str, Any], case: dict[str, Any]) -> None:
    assert set(case) <= KEYS
    usual, asked = file["usual"], file["asked"]
    details = {**usual["details"], **case.get("details", {})}
    details = {slot: value for slot, value in details.items() if slot not in case.get("without", [])}
    changed = {name: case[name] for name in CHANGED if name in case}
    form = {**FIXED, "product": file["product"], **usual, **changed, "details": details}
    around = dict(case.get("surroundings", {}))
    papers = tuple(ReadPaper(kind, fields) for paper in around.pop("papers", ()) for kind, fields in paper.items())
    around = {"places": (), "county_code": "990123", **around}
    surroundings = Surroundings(case["as_of"], **{**around, "places": tuple(around["places"])}, papers=papers)
    product = read_seed().find(file["product"], case["as_of"])
    assert product

    checks = list_checks(ApplicationIn.model_validate(form), product, surroundings, asked)

    assert {check.code: f"{check.severity} {check.weight}" for check in checks} == case["expect"]
    words = "；".join(check.reason for check in checks)
    assert all(said in words for said in case.get("says", [])), words
    assert all(number not in words for number in (form["phone"], details.get("id_number", "-")))
    if "asks" in case:
        assert [each.ask for each in list_questions(checks, asked | {"amount": "金额"})] == case["asks"]
    if "mendable" in case:
        assert [asked[slot] for slot in list_mendable(checks, asked)] == case["mendable"]


def test_there_are_cases_of_every_kind_of_customer() -> None:
    files = {path.stem for path in Path(__file__).parent.glob("*.yml")}
    assert files == set(get_args(Kind))


def test_the_gravest_is_listed_first(form: dict[str, Any]) -> None:
    application = ApplicationIn.model_validate({**form, "purpose": "还网贷", "amount": 300_000, "details": {}})
    product = read_seed().find("farmer_loan", date(2026, 8, 1))
    assert product
    around = Surroundings(date(2026, 8, 1), places=("青石乡",))
    checks = list_checks(application, product, around, {"land_mu": "土地"})
    assert [check.code for check in checks] == ["refinancing", "missing", "foreign_place"]


@pytest.mark.parametrize("wrong", ["很多", True, -1, float("inf"), float("nan")])
def test_what_is_no_number_is_not_compared(form: dict[str, Any], wrong: Any) -> None:
    application = ApplicationIn.model_validate({**form, "details": {"household_income": wrong}})
    product = read_seed().find("farmer_loan", date(2026, 8, 1))
    assert product
    assert list_checks(application, product, Surroundings(date(2026, 8, 1)), {}) == []


def test_every_limit_has_unit_and_source_and_is_in_force() -> None:
    assert load_parameters().keys() == Limits.model_fields.keys()
    assert {each.unit for each in load_parameters().values()} == {
        "day",
        "year",
        "percent",
        "yuan",
        "yuan_per_mu",
        "count",
    }
    assert load_limits(date(2026, 8, 1)).age_max == 65
    with pytest.raises(LookupError):
        load_limits(date(2020, 1, 1))
