"""Words of this trade that were spelt by ear."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.homophones import mend_homophones
from understanding.normalise import normalise


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("带款要啥", "贷款要啥"),
        ("代款利习多少", "贷款利息多少"),
        ("鹅度能调高吗", "额度能调高吗"),
        ("密马忘了", "密码忘了"),
        ("身分证过期", "身份证过期"),
        ("贷款利息多少", "贷款利息多少"),
    ],
)
def test_a_misspelt_word_is_mended(text: str, mended: str) -> None:
    assert mend_homophones(text) == mended


@pytest.mark.parametrize(
    "text",
    [
        "信息保密吗",
        "身份正常吗",
        "急需贷款",
        "我和同事一起",
        "我已经转账但没收到",
        "这人好恶毒",
        "低压锅炉多少钱",
        "在网店买的",
        "密密麻麻的字",
        "还完能再借吗",
    ],
)
def test_other_words_that_sound_alike_stay(text: str) -> None:
    assert mend_homophones(text) == text


@given(st.text() | st.text("贷带代款利息习额鹅度密码马a1 ", max_size=30))
def test_the_length_stays(text: str) -> None:
    plain = normalise(text)
    assert len(mend_homophones(plain)) == len(plain)
