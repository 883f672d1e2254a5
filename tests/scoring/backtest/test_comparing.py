"""Moves, differences and rules, counted by hand."""

from decimal import Decimal
from typing import Any

from scoring.backtest.comparing import compare, describe_differences, is_changed, list_lines
from scoring.backtest.judgement import Judgement


def make(**changes: Any) -> Judgement:
    content = {"version": "farmer_loan@2026-07-01", "outcome": "approve", "quota": 50_000, "grade": "B", "rules": ()}
    return Judgement.model_validate({**content, "annual_rate": "5.4", **changes})


REFUSED = make(outcome="decline", quota=0, annual_rate=None, rules=("overdue", "debt_too_high"))
REVIEWED = make(outcome="review", quota=80_000, grade="A", annual_rate="4.9", rules=("debt_too_high",))
PAIRS = [(make(), make()), (make(), REFUSED), (REFUSED, REVIEWED), (make(), make(quota=60_000))]


def test_everything_is_counted() -> None:
    compared = compare(PAIRS)
    assert (compared["rows"], compared["changed"]) == (4, 3)
    assert compared["outcomes"]["approve"] == {"approve": 2, "review": 0, "decline": 1}
    assert compared["outcomes"]["decline"] == {"approve": 0, "review": 1, "decline": 0}
    assert compared["grades"]["B"] == {"A": 1, "B": 3, "C": 0, "D": 0}
    assert compared["rules"] == {"new": {"overdue": 1, "debt_too_high": 1}, "gone": {"overdue": 1}}
    quota = compared["quota"]
    assert (quota["old"], quota["new"], quota["sum"]) == (150_000, 190_000, 40_000)
    assert (quota["raised"], quota["lowered"], quota["same"], quota["median"]) == (2, 1, 1, 5_000)
    assert compared["rates"]["same"] == 2  # those with a rate on both sides


def test_a_rate_alone_is_a_change() -> None:
    assert is_changed((make(), make(annual_rate=Decimal("5.5"))))
    assert not is_changed((make(), make(version="farmer_loan@2027-01-01", annual_rate=Decimal("5.40"))))


def test_nobody_and_one() -> None:
    assert compare([])["rows"] == 0
    assert describe_differences([]) == dict.fromkeys(("sum", "median", "p10", "p90", "raised", "lowered", "same"), 0)
    assert describe_differences([7])["p90"] == 7


def test_it_reads_as_a_table() -> None:
    lines = "\n".join(list_lines(compare(PAIRS)))
    assert "4 customers, 3 would be told something else" in lines
    assert "150,000 -> 190,000 yuan (+40,000)" in lines
    assert "rules that find more: overdue 1, debt_too_high 1" in lines
