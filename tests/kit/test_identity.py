"""Phones as customers write them, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.identity import find_phones, read_phone


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("13812345678", ["13812345678"]),
        ("我电话13812345678，姓张", ["13812345678"]),
        ("138 1234 5678", ["138 1234 5678"]),
        ("138-1234-5678", ["138-1234-5678"]),
        ("138 12345678", ["138 12345678"]),
        ("+8613812345678", ["+8613812345678"]),
        ("+86 138 1234 5678", ["+86 138 1234 5678"]),
        ("86-13812345678", ["86-13812345678"]),
        ("13812345678或19987654321", ["13812345678", "19987654321"]),
        ("13812345678元", ["13812345678"]),
        ("", []),
        ("1381234567", []),
        ("138123456789", []),
        ("12812345678", []),
        ("23812345678", []),
        ("0.13812345678", []),
        ("400-000-0000", []),
        ("138  1234  5678", []),
        ("138/1234/5678", []),
        ("110105194912310021", []),
        ("6222020013812345678", []),
    ],
)
def test_phones_are_found(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in find_phones(text)] == found


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("13812345678", "13812345678"),
        ("我的是 138-1234-5678 谢谢", "13812345678"),
        ("+86 13812345678", "13812345678"),
        ("13812345678，再说一遍138 1234 5678", "13812345678"),
        ("13812345678或19987654321", None),
        ("没有电话", None),
        ("", None),
    ],
)
def test_the_one_phone_is_read(text: str, phone: str | None) -> None:
    assert read_phone(text) == phone


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Nd"], exclude_characters="."), max_size=10)


@given(WORDS, st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), WORDS)
def test_a_phone_is_found_between_any_words(before: str, phone: str, after: str) -> None:
    assert read_phone(before + phone + after) == phone
