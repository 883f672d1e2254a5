"""Phones and id numbers as customers write them, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.identity import find_id_numbers, find_phones, read_phone


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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("11010519491231002X", ["11010519491231002X"]),
        ("身份证11010519491231002x。", ["11010519491231002x"]),
        ("440524188001010014和11010519491231002X", ["440524188001010014", "11010519491231002X"]),
        ("110105194912310021", []),
        ("110105194912310020", []),
        ("440524188001010015", []),
        ("44052418800101001X", []),
        ("1440524188001010014", []),
        ("4405241880010100145", []),
        ("A440524188001010014", []),
        ("440524188001010014A", []),
        ("110105491231002", []),
        ("", []),
    ],
)
def test_id_numbers_are_found_when_their_last_digit_is_right(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in find_id_numbers(text)] == found


@given(st.from_regex(r"[1-9][0-9]{16}", fullmatch=True))
def test_the_last_digit_is_that_of_iso_7064(number: str) -> None:
    right = [last for last in "0123456789X" if find_id_numbers(number + last)]
    assert len(right) == 1
    values = [*map(int, number), 10 if right == ["X"] else int(right[0])]
    assert sum(value * 2 ** (17 - place) for place, value in enumerate(values)) % 11 == 1


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Nd"], exclude_characters="."), max_size=10)


@given(WORDS, st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), WORDS)
def test_a_phone_is_found_between_any_words(before: str, phone: str, after: str) -> None:
    assert read_phone(before + phone + after) == phone
