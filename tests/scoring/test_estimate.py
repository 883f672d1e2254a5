"""Without the scoring service only hard rules speak."""

from datetime import date
from typing import Any

import pytest

from products.catalogue import read_seed
from scoring import estimate
from scoring.estimate import list_obstacles
from scoring.policy_file import PolicyError
from scoring.schemas import parse_request

TODAY = date(2026, 8, 1)
GOOD = {"annual_turnover": 600_000, "years_in_business": 3, "existing_debt": 0, "has_overdue": False}


def find(**changes: Any) -> list[str] | None:
    product = read_seed().find("trader_loan", TODAY)
    assert product
    found = list_obstacles(parse_request({"product": "trader_loan", "facts": {**GOOD, **changes}}), product, TODAY)
    return None if found is None else list(found)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, []),
        ({"annual_turnover": 10_000}, []),  # too little for a quota, which is not worked out here
        ({"annual_turnover": 9_000_000}, []),  # an account manager's to look at, no obstacle
        ({"has_overdue": True}, ["逾期"]),
        ({"years_in_business": 0.5, "existing_debt": 5_000_000}, ["500万元", "经营满1年"]),
        ({"in_service_area": False, "age": 17}, ["17岁", "服务区域"]),
    ],
)
def test_obstacles(changes: dict[str, Any], words: list[str]) -> None:
    found = find(**changes)
    assert found is not None
    assert len(found) == len(words)
    assert [word for word in words if word not in "".join(found)] == []


def test_without_a_policy_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PolicyError("none")

    monkeypatch.setattr(estimate, "choose_policy", refuse)
    assert find() is None
