"""小禾's own Chinese in English: values by rule, sentences by the phrase book, everything else as it is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.english import to_english, to_english_reply
from conversations.schemas import Reply, ReplyButton
from kit.money import format_fen, format_months, format_yuan

HAN = re.compile(r"[\u3400-\u9fff]")


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("8000元", "CNY 8,000"),
        ("8万元", "CNY 80,000"),
        ("1.25亿元", "CNY 125,000,000"),
        ("3083.14元", "CNY 3,083.14"),
        ("7个月", "7 months"),
        ("1年", "1 year"),
        ("3年", "3 years"),
        ("1年半", "18 months"),
        ("1年3个月", "15 months"),
        ("2.5年", "2.5 years"),
        ("15.5亩", "15.5 mu"),
        ("12月31日", "31 December"),
        ("今天10:30", "10:30 today"),
        ("11月30日8:30", "8:30 on 30 November"),
        ("明天15:00左右", "at about 15:00 tomorrow"),
        ("后天15:00前", "before 15:00 the day after tomorrow"),
        ("明天下午", "tomorrow, in the afternoon"),
        ("三成", "30%"),
        ("2.5倍", "250%"),
        ("商户贷", "Merchant Loan"),
        ("没有", "none"),
        ("改电话", "Change: Phone"),
    ],
)
def test_values_are_written_as_english_speakers_do(chinese: str, english: str) -> None:
    assert to_english(chinese) == english


def test_answers_keep_what_customers_typed() -> None:
    answers = "产品农户贷，金额8万元，期限1年半，用途买化肥，进货，地址柳河镇王家村，姓名王秀英，电话13800001234"
    assert to_english(answers) == (
        "Product: Farmer Loan; Amount: CNY 80,000; Term: 18 months; Purpose: 买化肥，进货; Address: 柳河镇王家村; "
        "Name: 王秀英; Phone: 13800001234"
    )
    assert to_english("土地20亩，农机没有，逾期有") == "Land: 20 mu; Machinery: none; Overdue: yes"


def test_sentences_and_lines_are_put_one_by_one() -> None:
    text = "您说的已记下，同事会看到。您前面还有3位，预计等10分钟左右。\n· 土地20亩，每亩1500元，算3万元；合计3万元"
    assert to_english(text) == (
        "Noted, a colleague will see what you said. There are 3 ahead of you; the wait is about 10 minutes.\n"
        "· land of 20 mu at CNY 1,500 each: CNY 30,000; total: CNY 30,000"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CNY 80,000",
        "👍 ok",
        "我想贷款。谢谢！",
        "利率4.90%起，以合同为准。",
        "元",
        "年",
        "0年半元",
        "13月1日",
        "1.2.3倍",
        "1.2.3亩",
    ],
)
def test_what_is_not_known_stays(text: str) -> None:
    assert to_english(text) == text


def test_buttons_keep_their_payloads() -> None:
    reply = Reply(text="收到。", buttons=[ReplyButton(title="回到小禾", payload="/x")], awaits_number=True)
    assert to_english_reply(reply) == Reply(
        text="Got it.", buttons=[ReplyButton(title="Back to Xiaohe", payload="/x")], awaits_number=True
    )


@given(st.integers(0, 10**10), st.integers(1, 600))
def test_every_sum_and_span_is_known(yuan: int, months: int) -> None:
    assert to_english(format_yuan(yuan)) == f"CNY {yuan:,}"
    assert not HAN.search(to_english(format_fen(yuan)) + to_english(format_months(months)))


@given(st.text(alphabet="我您的一二三两成倍万亿元年月日亩个半今天明上午：，。、0123456789.· \n改金额约"))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(to_english(text), str)
