"""Every case in `cases/` comes out as the credit committee states it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from scoring.decide import decide
from scoring.policy_file import POLICY_NAMES, Policies
from scoring.schemas import parse_request

CASES = Path(__file__).parent / "cases"


def read_cases() -> list[Any]:
    return [
        pytest.param(path.stem, case, id=f"{path.stem}: {case['name']}")
        for path in sorted(CASES.glob("*.yml"))
        for case in yaml.safe_load(path.read_text("utf-8"))
    ]


@pytest.mark.parametrize(("product", "case"), read_cases())
def test_case_is_decided_as_stated(product: str, case: Mapping[str, Any], policies: Policies) -> None:
    assert set(case) <= {"name", "as_of", "facts", "expect", "says"}
    facts = parse_request({"product": product, "facts": case["facts"]}).facts

    decision = decide(facts, policies[product].get_policy(case["as_of"]), case["as_of"])

    answer: dict[str, Any] = decision.model_dump(mode="json")
    answer["reasons"] = [reason.code for reason in decision.reasons]
    assert {name: answer[name] for name in case["expect"]} == case["expect"]
    words = "".join(reason.text for reason in decision.reasons) + decision.improvement + decision.next_step
    for said in case.get("says", []):
        assert said in words


@pytest.mark.parametrize("product", POLICY_NAMES.values())
def test_every_outcome_of_every_product_has_a_case(product: str) -> None:
    cases = yaml.safe_load((CASES / f"{product}.yml").read_text("utf-8"))
    assert {case["expect"]["outcome"] for case in cases} == {"approve", "review", "decline"}
