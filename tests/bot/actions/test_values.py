"""Which value facts give a field, and why others cannot be taken as they are."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.actions.product_limits import get_product, limit_amount, limit_term
from bot.actions.quantities import take_area, take_loan_amount, take_sum, take_term, take_yearly_sum, take_years
from bot.actions.taken import Found, Take, Taken, Unclear
from bot.actions.values import TAKE, take_name, take_place, take_product, take_text, take_yes_no
from products.catalogue import list_products
from tests.bot.actions.action_call import number_of, span_of, sum_of, text_of
from understanding.schemas import Fact

FARMER = {"product": "农户贷"}
NONE, SOME = Fact(kind="none"), Fact(kind="some")


def mu(low: float, high: float | None = None, **more: Any) -> Fact:
    return Fact(kind="area", low=low, high=low if high is None else high, **more)


@pytest.mark.parametrize(
    ("fact", "before", "taken"),
    [
        (sum_of("", 80_000), None, Found(80_000)),
        (sum_of("", 80_000, 100_000), None, Unclear("range", "8万元", "10万元")),
        (number_of("", 20), None, Unclear("unit", high="20万元")),
        (number_of("", 50_000), None, Found(50_000)),
        (sum_of("", 500), None, Unclear("too_low", low="1000元")),
        (sum_of("", 500_000), None, Unclear("too_high", high="30万元")),
        (sum_of("", 20_000, change="more"), 50_000, Found(70_000)),
        (sum_of("", 20_000, change="less"), 50_000, Found(30_000)),
        (sum_of("", 80_000, change="less"), 50_000, Unclear("unclear")),
        (sum_of("", 300_000, change="more"), 50_000, Unclear("too_high", high="30万元")),
        (sum_of("", 80_000, is_negative=True), None, Unclear("unclear")),
        (sum_of("", 5_000, period="month"), None, Unclear("unclear")),
    ],
)
def test_a_wished_sum(fact: Fact, before: int | None, taken: Taken) -> None:
    assert take_loan_amount([fact], FARMER, before) == taken


def test_two_wished_sums_are_one_too_many() -> None:
    assert take_loan_amount([sum_of("", 50_000), sum_of("", 80_000)], FARMER, None) == Unclear("several")


@pytest.mark.parametrize(
    ("facts", "taken"),
    [
        ([NONE], Found(0)),
        ([SOME], Unclear("how_much")),
        ([sum_of("", 3456.78)], Found(3457)),
        ([sum_of("", 50_000), sum_of("", 30_000)], Found(80_000)),
        ([sum_of("", 80_000), sum_of("", 50_000, is_part=True), sum_of("", 30_000, is_part=True)], Found(80_000)),
        ([sum_of("", 50_000, is_part=True)], Found(50_000)),
        ([NONE, sum_of("", 50_000)], Found(50_000)),
        ([sum_of("", 50_000), NONE], Found(0)),
        ([number_of("", 5)], Unclear("unit", high="5万元")),
        ([sum_of("", 20_000, 30_000)], Unclear("range", "2万元", "3万元")),
        ([sum_of("", 20_000, 30_000), sum_of("", 50_000)], Unclear("several")),
        ([sum_of("", 20_000, is_negative=True)], Unclear("unclear")),
        ([sum_of("", 60_000, period="year")], Unclear("unclear")),  # what machines earn, not what they are worth
        ([sum_of("", 2e9)], Unclear("unclear")),
    ],
)
def test_a_debt_or_the_worth_of_machines(facts: list[Fact], taken: Taken) -> None:
    assert take_sum(facts, {}, None) == taken


@pytest.mark.parametrize(
    ("facts", "taken"),
    [
        ([sum_of("", 80_000)], Found(80_000)),
        ([sum_of("", 80_000, period="year")], Found(80_000)),
        ([sum_of("", 5_000, period="month")], Found(60_000)),
        ([sum_of("", 1_200, period="day")], Found(432_000)),
        ([number_of("", 5_000, period="month")], Found(60_000)),
        ([sum_of("", 90_000, period="odd")], Unclear("period")),
        ([sum_of("", 50_000, is_negative=True)], Unclear("loss")),
        ([sum_of("", 70_000, 80_000, period="month"), sum_of("", 20_000, 30_000, period="month")], Unclear("several")),
        ([sum_of("", 50_000, 60_000, period="month")], Unclear("range", "60万元", "72万元")),
        ([NONE], Found(0)),
        ([number_of("", 8)], Unclear("unit", high="8万元")),
    ],
)
def test_what_comes_in_a_year(facts: list[Fact], taken: Taken) -> None:
    assert take_yearly_sum(facts, {}, None) == taken


@pytest.mark.parametrize(
    ("facts", "before", "taken"),
    [
        ([span_of("", 12)], None, Found(12)),
        ([span_of("", 12, 24)], None, Unclear("range", "1年", "2年")),
        ([number_of("", 12)], None, Unclear("unit", high="1年")),
        ([span_of("", 60)], None, Unclear("too_high", high="3年")),
        ([span_of("", 6, change="more")], 12, Found(18)),
        ([span_of("", 6, change="less")], 12, Found(6)),
        ([span_of("", 12, change="less")], 12, Unclear("unclear")),
        ([span_of("", 12), span_of("", 24)], None, Unclear("several")),
        ([span_of("", 0.5)], None, Unclear("unclear")),
    ],
)
def test_a_time_to_borrow_for(facts: list[Fact], before: int | None, taken: Taken) -> None:
    assert take_term(facts, FARMER, before) == taken


@pytest.mark.parametrize(
    ("facts", "taken"),
    [
        ([span_of("", 60)], Found(5.0)),
        ([span_of("", 18)], Found(1.5)),
        ([span_of("", 12, bound="under")], Found(0.92)),
        ([span_of("", 24, bound="almost")], Found(1.92)),
        ([span_of("", 24, bound="over")], Found(2.0)),
        ([span_of("", 24, 36)], Unclear("range", "2年", "3年")),
        ([number_of("", 5)], Found(5.0)),
        ([number_of("", 80)], Unclear("unclear")),
        ([span_of("", 12), span_of("", 24)], Unclear("several")),
    ],
)
def test_how_long_a_business_has_lasted(facts: list[Fact], taken: Taken) -> None:
    assert take_years(facts, {}, None) == taken


@pytest.mark.parametrize(
    ("facts", "before", "taken"),
    [
        ([mu(20)], None, Found(20.0)),
        ([mu(8), mu(12)], None, Found(20.0)),
        ([mu(20), mu(15, is_part=True)], None, Found(20.0)),
        ([mu(5, change="more")], 20.0, Found(25.0)),
        ([mu(10, 20)], None, Unclear("range")),
        ([number_of("", 20)], None, Found(20.0)),
        ([mu(200_000)], None, Unclear("unclear")),
        ([NONE], None, Found(0.0)),
        ([SOME], None, Unclear("how_much")),
    ],
)
def test_land(facts: list[Fact], before: float | None, taken: Taken) -> None:
    assert take_area(facts, {}, before) == taken


@pytest.mark.parametrize(
    ("fact", "taken"),
    [
        (NONE, Found(False)),
        (SOME, Found(True)),
        (Fact(kind="some", note="short"), Unclear("short")),
        (Fact(kind="some", note="unsure"), Unclear("unsure")),
    ],
)
def test_yes_or_no(fact: Fact, taken: Taken) -> None:
    assert take_yes_no([fact], {}, None) == taken


def test_texts() -> None:
    assert take_text([text_of("place", "", "柳河镇")], {}, None) == Found("柳河镇")
    assert take_text([text_of("purpose", "", "炒股", "investing")], {}, None) == Unclear("investing")
    assert take_product([text_of("product", "", "商户贷")], {}, None) == Found("商户贷")
    assert take_product([text_of("product", "", "房贷")], {}, None) == Unclear("unclear")
    assert take_text([text_of("phone", "", "", "landline")], {}, None) == Unclear("landline")


@pytest.mark.parametrize("take", [take_text, take_place, take_name])
def test_what_holds_no_text_is_no_answer(take: Take) -> None:
    assert take([SOME], {}, "王秀英") == Unclear("unclear")


@pytest.mark.parametrize("product", [None, *(product.name for product in list_products())])
def test_the_products_limits_hold_to_the_yuan_and_the_month(product: str | None) -> None:
    slots = {"product": product}
    low, high = limit_amount(slots)
    for value, is_taken in ((low, True), (high, True), (low - 1, False), (high + 1, False)):
        assert isinstance(take_loan_amount([sum_of("", value)], slots, None), Found) is is_taken
    longest = limit_term(slots)[1]
    assert isinstance(take_term([span_of("", longest)], slots, None), Found)
    assert isinstance(take_term([span_of("", longest + 1)], slots, None), Unclear)


@pytest.mark.parametrize(
    ("slots", "found"),
    [({}, None), ({"product": None}, None), ({"product": "房贷"}, None), ({"product": "农户贷"}, "farmer_loan")],
)
def test_the_product_chosen_so_far(slots: dict[str, Any], found: str | None) -> None:
    product = get_product(slots)
    assert (product.id if product else None) == found


NUMBERS = st.none() | st.floats(0, 1e12)
FACTS = st.builds(
    Fact,
    kind=st.sampled_from(["sum", "span", "area", "number", "none", "some", "time"]),
    low=NUMBERS,
    high=NUMBERS,
    period=st.sampled_from(["", "day", "month", "year", "odd"]),
    bound=st.sampled_from(["", "under", "almost", "over", "about"]),
    is_negative=st.booleans(),
    is_part=st.booleans(),
    change=st.sampled_from(["", "more", "less"]),
)


@pytest.mark.parametrize("kind", TAKE)
@given(facts=st.lists(FACTS, min_size=1, max_size=3), before=st.none() | st.integers(0, 10**9))
def test_any_facts_give_a_value_or_a_reason(kind: Any, facts: list[Fact], before: int | None) -> None:
    taken = TAKE[kind](facts, FARMER, before)
    assert isinstance(taken, Unclear) or taken.value is not None
    if isinstance(taken, Found) and kind in ("amount", "yearly_amount", "area", "years"):
        assert taken.value >= 0


@pytest.mark.parametrize(
    ("said", "before", "place"),
    [
        ("李家村", "柳河镇王家村", "柳河镇李家村"),
        ("青石镇李家村", "柳河镇王家村", "青石镇李家村"),
        ("李家村", None, "李家村"),
        ("李家村", "王家村", "李家村"),
    ],
)
def test_a_village_that_is_corrected_stays_in_its_town(said: str, before: str | None, place: str) -> None:
    assert take_place([text_of("place", "", said)], {}, before) == Found(place)


@pytest.mark.parametrize(
    ("slot", "value", "words"),
    [("machinery_value", 90_000_000, "9000万元"), ("household_income", 10, "10元"), ("existing_debt", 5, "5元")],
)
def test_a_sum_beyond_reason_is_asked_back_once(slot: str, value: int, words: str) -> None:
    facts = [sum_of(slot, value)]
    assert take_sum(facts, {}, None) == Unclear("unit", high=words)
    assert take_sum(facts, {"hint": "unit", "hint_high": words}, None) == Found(value)
    assert take_sum([sum_of(slot, 50_000)], {}, None) == Found(50_000)
