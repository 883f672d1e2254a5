"""What may be filled in on the calculator's page, and what is said of the rest."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.calculator.query import FIELDS, read_query
from kit.errors import InvalidFields

LOAN = {"amount": "100000", "term": "36"}


@pytest.mark.parametrize(
    ("amount", "term", "yuan", "months"),
    [
        ("100000", "36", 100_000, 36),
        (" 100,000 元", "3年", 100_000, 36),
        ("１０万", "36个月", 100_000, 36),
        ("3.5万元", "12期", 35_000, 12),
    ],
)
def test_sums_and_terms(amount: str, term: str, yuan: int, months: int) -> None:
    query = read_query({"amount": amount, "term": term})
    assert (query.amount, query.term, query.method) == (yuan, months, "equal_instalments")


@pytest.mark.parametrize(
    ("product", "rate", "percent", "is_own"),
    [
        ("farmer_loan", "", "6.5", False),
        ("firm_loan", "", "5.9", False),
        ("", "", "6.9", False),
        ("", "4.35%", "4.35", True),
        ("farmer_loan", "5", "5", True),
        ("", "0", "0", True),
    ],
)
def test_the_rate_is_their_own_or_the_highest(product: str, rate: str, percent: str, is_own: bool) -> None:
    query = read_query({"amount": "10万", "term": "12", "product": product, "rate": rate})
    assert (query.rate, query.is_own_rate) == (Decimal(percent), is_own)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("amount", "", "金额请填数字"),
        ("amount", "十万", "金额请填数字"),
        ("amount", "-5", "金额请填数字"),
        ("amount", "999", "1000元到1000万元"),
        ("amount", "2000万", "1000元到1000万元"),
        ("amount", "1e9", "金额请填数字"),
        ("term", "", "期限请填月数"),
        ("term", "0", "最长30年（360个月）"),
        ("term", "361", "最长30年（360个月）"),
        ("rate", "36.01", "0到36"),
        ("rate", "<b>", "0到36"),
        ("rate", "nan", "0到36"),
        ("method", "balloon", "还款方式"),
        ("product", "car_loan", "没有这种贷款"),
        ("month", "36", "最后一期之前"),
        ("month", "0", "最后一期之前"),
        ("month", "x", "最后一期之前"),
        ("prepaid", "5万", "最后一期之前"),
        ("prepaid", "很多", "提前还的金额"),
    ],
)
def test_a_sentence_for_what_cannot_be_calculated(field: str, value: str, said: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        read_query(LOAN | {field: value})
    assert said in " ".join(caught.value.problems.values())


def test_a_product_has_limits_of_its_own() -> None:
    with pytest.raises(InvalidFields) as caught:
        read_query({"product": "firm_loan", "amount": "9000", "term": "36"})
    assert caught.value.problems == {
        "amount": "小微企业贷可以填1万元到300万元。",
        "term": "小微企业贷最长2年（24个月）。",
    }


@given(st.fixed_dictionaries({name: st.text(max_size=50) | st.sampled_from(["12", "10万", "5"]) for name in FIELDS}))
def test_whatever_is_filled_in_is_read_or_refused(fields: dict[str, str]) -> None:
    with suppress(InvalidFields):
        assert 1 <= read_query(fields).term <= 360
