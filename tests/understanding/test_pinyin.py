"""How characters sound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.pinyin import is_spelling, read_merged_sounds, read_sounds, sounds_like, spell


@pytest.mark.parametrize(
    ("character", "sounds"),
    [("柳", {"liu"}), ("重", {"zhong", "chong", "tong"}), ("绿", {"lv", "lu"}), ("a", {"a"}), ("😀", {"😀"})],
)
def test_readings_have_no_tones(character: str, sounds: set[str]) -> None:
    assert read_sounds(character) == sounds


def test_a_text_is_spelt() -> None:
    assert spell("柳河镇") == "liuhezhen"
    assert spell("王家村3组") == "wangjiacun3zu"


@pytest.mark.parametrize(
    ("text", "other"), [("刘河镇", "柳河镇"), ("汪家存", "王家村"), ("五里堡", "五里铺"), ("", "")]
)
def test_what_sounds_the_same(text: str, other: str) -> None:
    assert sounds_like(text, other)


@pytest.mark.parametrize(("text", "other"), [("双河镇", "柳河镇"), ("柳河", "柳河镇"), ("纽河镇", "柳河镇")])
def test_what_sounds_different(text: str, other: str) -> None:
    assert not sounds_like(text, other)


@pytest.mark.parametrize("pair", ["柳纽", "山三", "之资", "吃词", "福湖", "林灵", "让浪"])
def test_dialects_do_not_tell_apart(pair: str) -> None:
    assert read_merged_sounds(pair[0]) & read_merged_sounds(pair[1])


@pytest.mark.parametrize(
    ("letters", "is_pinyin"), [("liuhe", True), ("xian", True), ("john", False), ("smith", False), ("", False)]
)
def test_letters_that_spell(letters: str, is_pinyin: bool) -> None:
    assert is_spelling(letters) is is_pinyin


@given(st.text(max_size=20))
def test_any_text_is_taken(text: str) -> None:
    spell(text)
    assert sounds_like(text, text)
