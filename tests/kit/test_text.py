"""Texts cleaned on their way in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.text import clean_text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (" 你好 \r\n", "你好"),
        ("你\x00好\u200b", "你好"),
        ("一\n二\t三", "一\n二\t三"),
        ("\ud83d半个", "半个"),
        ("\u202e反", "反"),
        ("\ufeff", ""),
    ],
)
def test_a_text_is_cleaned(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


@given(st.text())
def test_any_text_can_be_stored(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode()
    assert "\x00" not in cleaned
