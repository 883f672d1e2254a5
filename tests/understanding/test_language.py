"""Which language a message is in, and when it does not tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.language import find_language
from understanding.schemas import Fact, FactKind

ENGLISH = """
i want to borrow money
what is the interest rate?
i lost my bank card
can i talk to someone please
apply for a loan
check my quota
how long does it take
opening hours on saturday
my income is about 80k a year
no debt
i don't have any machinery
two years would be fine
it's for buying fertilizer
cancel
i'm a farmer with 20 mu of rice
hi there, does the branch in liuhe open at weekends
""".strip().split("\n")
CHINESE = ["我想贷款", "OK，我同意", "please帮我看一下", "app怎么下载", "what is 利率", "ATM吞卡了"]
TELLS_NOTHING = """
ok
yes
no thanks
hello
thank you
8w
20 mu
1 year
12 months
50000 yuan
13812345678
qh202607-ab12c
app
wechat pay
haha
wo xiang daikuan
daikuan lilv duoshao
bu tongyi
wo you san mu di
you mei you
na hao ba
wang xiuying
666
""".strip().split("\n")


@pytest.mark.parametrize("plain", ENGLISH)
def test_english_words_are_english(plain: str) -> None:
    assert find_language(plain) == "en"


@pytest.mark.parametrize("plain", CHINESE)
def test_chinese_characters_are_chinese(plain: str) -> None:
    assert find_language(plain) == "zh"


@pytest.mark.parametrize("plain", [*TELLS_NOTHING, "", "？", "👍"])
def test_what_anybody_types_tells_nothing(plain: str) -> None:
    assert find_language(plain) is None


@pytest.mark.parametrize(
    ("plain", "kind", "value", "language"),
    [
        ("王秀英", "name", "王秀英", None),
        ("柳河镇王家村", "place", "柳河镇王家村", None),
        ("my name is 王秀英", "name", "王秀英", "en"),
        ("what is 农户贷", "product", "农户贷", "en"),
        ("我叫王秀英", "name", "王秀英", "zh"),
    ],
)
def test_names_are_spelt_the_same_in_either_language(
    plain: str, kind: FactKind, value: str, language: str | None
) -> None:
    start = plain.index(value)
    fact = Fact(kind=kind, text=value, start=start, end=start + len(value))
    assert find_language(plain, [fact]) == language


@given(st.text())
def test_any_text_is_read(plain: str) -> None:
    assert find_language(plain.lower()) in ("zh", "en", None)
