"""Villages as people type them, and people found by what the page shows of them."""

import pytest

from desk.pages.staff_fields import is_match, split_words
from desk.schemas import StaffView

ZHANG = StaffView(
    id="1",
    login="zhang",
    name="张敏",
    role="account_manager",
    branch="青石支行",
    villages=("柳河镇", "上坪村"),
    products=("farmer_loan",),
    capacity=5,
    status="online",
    seen_at=None,
    phone="0571-1234",
    email="Zhang.Min@bank.example",
    wecom_id="ZhangMin",
    is_active=True,
    must_change_password=False,
)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", []),
        (" ，, ", []),
        ("柳河镇", ["柳河镇"]),
        ("柳河镇，上坪村、下坪村", ["柳河镇", "上坪村", "下坪村"]),
        ("柳河镇\n上坪村\t下坪村；石桥村", ["柳河镇", "上坪村", "下坪村", "石桥村"]),
        ("上坪村 柳河镇 上坪村", ["上坪村", "柳河镇"]),
    ],
)
def test_words_are_split_as_people_write_them(typed: str, words: list[str]) -> None:
    assert split_words(typed) == words


@pytest.mark.parametrize(
    "words", ["", " ", "张", "ZHANG", "客户经理 青石", "上坪", "农户贷", "1234", "bank.example 柳河"]
)
def test_all_words_are_found(words: str) -> None:
    assert is_match(ZHANG, words)


@pytest.mark.parametrize("words", ["王", "客户经理 王", "商户贷", "online"])
def test_a_word_is_not_found(words: str) -> None:
    assert not is_match(ZHANG, words)
