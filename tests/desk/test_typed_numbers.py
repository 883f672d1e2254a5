"""Figures that were typed by hand are found in every spelling, and those of other products stay."""

from decimal import Decimal

import pytest

from desk.typed_numbers import find_typed, replace_typed
from products.catalogue import read_seed
from products.schemas import Product
from products.variables import find_unknown_variables


def read(product_id: str) -> Product:
    return read_seed().products[product_id][-1][1]


FARMER, TRADER = read("farmer_loan"), read("trader_loan")
CHEAPER = TRADER.model_copy(update={"annual_rate": (Decimal("4.35"), Decimal("6.05"))})
SMALLER = TRADER.model_copy(update={"amount_max": 250_000, "online_limit": 250_000})
SHORTER = TRADER.model_copy(update={"term_max": 24})


@pytest.mark.parametrize(
    ("new", "text", "replaced"),
    [
        (CHEAPER, "商户贷年利率5.2%起。", "商户贷年利率{rate_min:商户贷}起。"),
        (CHEAPER, "商户贷年利率 5.20 % 起。", "商户贷年利率 {rate_min:商户贷} 起。"),
        (CHEAPER, "商户贷年利率百分之五点二起。", "商户贷年利率{rate_min:商户贷}起。"),
        (CHEAPER, "商户贷年利率５．２％起。", "商户贷年利率{rate_min:商户贷}起。"),
        (CHEAPER, "商户贷年利率5.20%至6.90%。", "商户贷年利率{rate_min:商户贷}至{rate_max:商户贷}。"),
        (CHEAPER, "Merchant Loan: 5.20% a year.", "Merchant Loan: {rate_min:商户贷} a year."),
        (SMALLER, "商户贷最高30万元。", "商户贷最高{amount_max:商户贷}。"),
        (SMALLER, "商户贷最高300,000元。", "商户贷最高{amount_max:商户贷}。"),
        (SMALLER, "商户贷最高三十万。", "商户贷最高{amount_max:商户贷}。"),
        (SMALLER, "商户贷线上最高30万。", "商户贷线上最高{online_limit:商户贷}。"),
        (SMALLER, "商户贷5000元到30万元。", "商户贷5000元到{amount_max:商户贷}。"),
        (SMALLER, "最高30万元的商户贷，手续简单。", "最高{amount_max:商户贷}的商户贷，手续简单。"),
        (SMALLER, "Merchant Loan: up to CNY 300,000.", "Merchant Loan: up to {amount_max:商户贷}."),
        (SHORTER, "商户贷最长36个月。", "商户贷最长{term_max:商户贷}。"),
        (SHORTER, "商户贷最长三年。", "商户贷最长{term_max:商户贷}。"),
        (SHORTER, "Merchant Loan: up to 3 years.", "Merchant Loan: up to {term_max:商户贷}."),
        (SMALLER, "农户贷、商户贷最高30万元。", "农户贷、商户贷最高{amount_max:商户贷}。"),
        (SMALLER, "商户贷适合开店的。最高30万元。", "商户贷适合开店的。最高{amount_max:商户贷}。"),
    ],
)
def test_a_typed_figure_is_found_and_becomes_a_variable(new: Product, text: str, replaced: str) -> None:
    found = find_typed(text, "", TRADER, new)
    assert replace_typed(text, found) == replaced
    assert all(each.is_sure and each.product == "商户贷" for each in found)
    assert find_unknown_variables(replaced) == []
    assert find_typed(replaced, "", TRADER, new) == []


@pytest.mark.parametrize(
    ("new", "text"),
    [
        (CHEAPER, "农户贷年利率5.2%，商户贷看等级。"),
        (CHEAPER, "商户贷年利率{rate:商户贷}。"),
        (CHEAPER, "商户贷年利率5.25%。"),
        (CHEAPER, "小微企业贷年利率5.2%，和商户贷不同。"),
        (CHEAPER, "商户贷提前还款违约金5.2%。"),
        (SMALLER, "农户贷最高30万元，商户贷请问客户经理。"),
        (SMALLER, "二类户每年限30万元。"),
        (SMALLER, "商户贷最高3万元。"),
        (SHORTER, "商户贷最高30万元。"),
        (SHORTER, "Farmer Loan: up to 36 months; Merchant Loan: ask us."),
    ],
)
def test_what_is_another_products_or_another_figure_is_not_touched(new: Product, text: str) -> None:
    assert find_typed(text, "", TRADER, new) == []


def test_the_title_says_whose_figure_it_is() -> None:
    [found] = find_typed("最高30万元。", "商户贷能贷多少？", TRADER, SMALLER)
    assert (found.product, found.is_sure) == ("商户贷", True)
    assert find_typed("最高30万元。", "农户贷能贷多少？", TRADER, SMALLER) == []


def test_a_rate_of_no_named_product_and_a_sum_that_is_also_another_are_doubtful() -> None:
    [rate] = find_typed("借10万元、年利率5.20%，一天约14元。", "利息怎么算", TRADER, CHEAPER)
    assert (rate.product, rate.is_sure) == ("", False)
    only_most = TRADER.model_copy(update={"amount_max": 400_000})
    [most] = find_typed("商户贷最高30万元。", "", TRADER, only_most)
    assert not most.is_sure
    assert find_typed("商户贷线上最高30万元。", "", TRADER, only_most) == []


def test_an_address_stays_as_it_is() -> None:
    text = "商户贷年利率5.20%起，见[利率](https://www.bank.example/trader/5.20%25)。"
    [found] = find_typed(text, "", TRADER, CHEAPER)
    assert text[found.start : found.end] == "5.20%"
    assert replace_typed(text, [found]).endswith("https://www.bank.example/trader/5.20%25)。")


def test_a_range_in_one_unit_is_written_anew() -> None:
    text = "商户贷20到30万都能借。"
    assert replace_typed(text, find_typed(text, "", TRADER, SMALLER)) == "商户贷20万元至{amount_max:商户贷}都能借。"
    assert find_typed(text, "", FARMER, FARMER.model_copy(update={"amount_max": 250_000})) == []
