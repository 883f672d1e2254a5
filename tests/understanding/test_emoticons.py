"""Pictures in texts."""

import pytest

from understanding.emoticons import drop_emoticons


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("[微笑]", " "),
        ("好[玫瑰]的", "好 的"),
        ("[smile]", " "),
        ("/::)", " "),
        ("/:rose", " "),
        ("[图片]", " "),
        ("😀", " "),
        ("[强]", "👍"),
        ("[ok]", "👌"),
        ("/:ok", "👌"),
        ("✔", "✅"),
        ("👍👌🙏👎✅❌", "👍👌🙏👎✅❌"),
        ("[王家村]", "[王家村]"),
        ("[5万]", "[5万]"),
        ("5万→8万", "5万→8万"),
        ("http://a", "http://a"),
    ],
)
def test_pictures_leave_a_space_and_signs_stay(text: str, plain: str) -> None:
    assert drop_emoticons(text) == plain
