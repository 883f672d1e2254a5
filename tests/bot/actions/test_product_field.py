"""Which product fits what people say of themselves, and which sums and terms go with it."""

from typing import Any

import pytest

from applications.products import list_products
from bot.actions.fields import make_fields
from bot.actions.form_reading import Found, Reading, Unclear
from bot.actions.message import Message
from bot.actions.product_field import (
    check_amount,
    check_term,
    get_product,
    limit_amount,
    limit_term,
    pick_up_product,
    read_product,
)
from forms.catalogue import load_catalogue

FIELDS = {field.slot: field for field in make_fields(load_catalogue().forms["application_form"])}
LEAVING = ("request_human", "request_account_manager", "complain", "cancel")


def read(text: str, intent: str = "inform", **entities: Any) -> Reading:
    return read_product(Message(text, intent, entities), {})


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("我是种地的", "农户贷"),
        ("种了15亩果园", "农户贷"),
        ("养猪的", "农户贷"),
        ("搞水稻种植", "农户贷"),
        ("在镇上开小超市", "商户贷"),
        ("摆摊卖菜", "商户贷"),
        ("开饭馆的，家里也种点地", "商户贷"),
        ("跑货运", "商户贷"),
        ("有营业执照，搞批发", "商户贷"),
        ("开了个小公司", "小微企业贷"),
        ("开农机公司，也有门店", "小微企业贷"),
        ("办加工厂", "小微企业贷"),
        ("我们是合作社", "小微企业贷"),
    ],
)
def test_a_trade_names_its_product(text: str, product: str) -> None:
    assert read(text) == Found(product)


@pytest.mark.parametrize("product", list_products(), ids=lambda product: product.id)
def test_a_product_named_outright_counts_before_the_trade(product: Any) -> None:
    text = f"我开公司的，就办{product.name}"
    assert read(text, product=product.name) == Found(product.name)
    assert read(product.name, "ask_question", product=product.name) == Found(product.name)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("第二种", "inform"),
        ("有哪几种", "inform"),
        ("哪种都行", "inform"),
        ("这种怎么办", "nlu_fallback"),
        ("打工的", "inform"),
        ("都不是", "deny"),
        ("好的", "affirm"),
        ("", "inform"),
        ("种地的能贷多少", "check_quota"),
        ("我的店想扩大，要什么材料", "ask_question"),
        ("转人工，我是种地的", "request_human"),
        ("我养的猪死了，不办了", "cancel"),
    ],
)
def test_what_names_no_trade_is_none(text: str, intent: str) -> None:
    assert read(text, intent) is None


@pytest.mark.parametrize("intent", LEAVING)
def test_who_wants_out_chooses_no_product(intent: str) -> None:
    assert read("农户贷不办了", intent, product="农户贷") is None


def test_a_question_about_a_product_does_not_choose_it() -> None:
    assert read("农户贷利息多少", "ask_question", product="农户贷") is None


def test_a_product_we_do_not_have_is_not_taken() -> None:
    assert read("房贷", product="房贷") is None
    assert pick_up_product(Message("房贷", "inform", {"product": "房贷"}), {}) is None


def test_only_a_product_named_outright_is_picked_up() -> None:
    assert pick_up_product(Message("我开店，想贷款", "inform"), {}) is None
    assert pick_up_product(Message("办商户贷", "inform", {"product": "商户贷"}), {}) == Found("商户贷")


@pytest.mark.parametrize(
    ("product", "amounts", "terms"),
    [
        (None, (1_000, 3_000_000), (1, 36)),
        ("农户贷", (1_000, 300_000), (1, 36)),
        ("商户贷", (5_000, 300_000), (1, 36)),
        ("小微企业贷", (10_000, 3_000_000), (1, 24)),
    ],
)
def test_the_limits_are_the_products(product: str | None, amounts: tuple[int, int], terms: tuple[int, int]) -> None:
    slots = {"product": product}
    assert (limit_amount(slots), limit_term(slots)) == (amounts, terms)
    for value in amounts:
        assert check_amount(value, slots) is None
        assert FIELDS["amount"].read(Message(f"{value}元", "inform"), slots) == Found(value)
    for value in terms:
        assert check_term(value, slots) is None
        assert FIELDS["term"].read(Message(f"{value}个月", "inform"), slots) == Found(value)
    for value in (amounts[0] - 1, amounts[1] + 1):
        assert isinstance(check_amount(value, slots), Unclear)
        assert FIELDS["amount"].read(Message(f"{value}元", "inform"), slots) == check_amount(value, slots)
    assert FIELDS["term"].read(Message(f"{terms[1] + 1}个月", "inform"), slots) == check_term(terms[1] + 1, slots)


@pytest.mark.parametrize(
    ("slots", "found"),
    [({}, None), ({"product": None}, None), ({"product": "房贷"}, None), ({"product": "农户贷"}, "farmer_loan")],
)
def test_the_product_chosen_so_far(slots: dict[str, Any], found: str | None) -> None:
    product = get_product(slots)
    assert (product.id if product else None) == found
