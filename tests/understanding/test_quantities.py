"""What customers write as sums, spans of time and land, and what only looks like it."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.money import format_months, format_yuan
from understanding.quantities import Quantity, find_quantities

# One exact sum, in yuan.
SUMS = [
    ("三十五万", 350_000),
    ("35w", 350_000),
    ("35W", 350_000),
    ("35 万", 350_000),
    ("３５Ｗ", 350_000),
    ("3.5万元", 35_000),
    ("三点五万", 35_000),
    ("0.5万", 5_000),
    ("两万五", 25_000),
    ("一万二", 12_000),
    ("两万一", 21_000),
    ("两万一块钱", 21_000),
    ("3万5", 35_000),
    ("3w5", 35_000),
    ("3万5千", 35_000),
    ("3万5000", 35_000),
    ("四万零八", 40_008),
    ("十万零八千", 108_000),
    ("三千八", 3_800),
    ("两千零五十", 2_050),
    ("一百五块", 150),
    ("三百块", 300),
    ("贰拾万元整", 200_000),
    ("贰拾伍万叁仟元整", 253_000),
    ("伍萬元", 50_000),
    ("1,100万", 11_000_000),
    ("300,000元", 300_000),
    ("３００，０００元", 300_000),
    ("借20万", 200_000),
    ("5k", 5_000),
    ("8千块", 8_000),
    ("￥5000", 5_000),
    ("RMB 5000", 5_000),
    ("5000块钱", 5_000),
    ("20万人民币", 200_000),
    ("1.5亿", 150_000_000),
    ("一亿五百万", 105_000_000),
    ("一个亿", 100_000_000),
    ("廿万", 200_000),
    ("二〇〇〇元", 2_000),
    ("一二〇万", 1_200_000),
    ("20万多少利息", 200_000),
    ("20万一次性还清", 200_000),
    ("20万一共要多少利息", 200_000),
    ("三万五家里用", 35_000),
    ("三万五年利率多少", 35_000),
    ("二十万二手车", 200_000),
    ("陆先生借伍万元", 50_000),
    ("差一点20万", 200_000),
    ("20万，万一还不上", 200_000),
    ("一年收入20万", 200_000),
    ("贷款5万元，一个月还多少", 50_000),
    ("养了三千只鸡，想借5万", 50_000),
    ("我的手机号13812345678，借10万", 100_000),
    ("3月5万", 50_000),
]

# Anything else: what is read, in the notation of `show`.
READINGS = [
    # Sums that are not exact
    ("二十来万", "amount 200000"),
    ("二十多万", "amount 200000"),
    ("20万多", "amount 200000"),
    ("大概20万", "amount 200000"),
    ("大概要借20万", "amount 200000"),
    ("预约20万", "amount 200000"),
    ("二十万左右", "amount 200000"),
    ("二十万块钱上下", "amount 200000"),
    ("一百万出头", "amount 1000000"),
    ("最多能贷20万吗", "amount 200000"),
    ("十万以内", "amount 100000"),
    ("万把块", "amount 10000"),
    ("12345.67元", "amount 12345-12346"),
    # Ranges of sums
    ("三五十万", "amount 300000-500000"),
    ("三五万", "amount 30000-50000"),
    ("三、五万", "amount 30000-50000"),
    ("七八千", "amount 7000-8000"),
    ("十七八万", "amount 170000-180000"),
    ("一百二三十万", "amount 1200000-1300000"),
    ("十几万", "amount 110000-190000"),
    ("20几万", "amount 210000-290000"),
    ("几万", "amount 20000-90000"),
    ("几十万", "amount 200000-900000"),
    ("十几二十万", "amount 110000-200000"),
    ("五十到八十万", "amount 500000-800000"),
    ("50-80万", "amount 500000-800000"),
    ("50~80w", "amount 500000-800000"),
    ("50至80万", "amount 500000-800000"),
    ("50—80万", "amount 500000-800000"),
    ("80到50万", "amount 500000-800000"),
    ("三万到五万", "amount 30000-50000"),
    ("三到五千", "amount 3000-5000"),
    ("5000到2万", "amount 5000-20000"),
    ("10万到15", "amount 100000-150000"),
    ("20、30万", "amount 200000-300000"),
    ("大概10到20万之间", "amount 100000-200000"),
    # Spans of time
    ("半年", "term 6"),
    ("大半年", "term 6"),
    ("一年", "term 12"),
    ("一年期", "term 12"),
    ("一年半", "term 18"),
    ("两年半", "term 30"),
    ("1.5年", "term 18"),
    ("三年", "term 36"),
    ("36期", "term 36"),
    ("18个月", "term 18"),
    ("十八个月", "term 18"),
    ("一个月", "term 1"),
    ("俩月", "term 2"),
    ("一年零三个月", "term 15"),
    ("1年3个月", "term 15"),
    ("两个多月", "term 2"),
    ("三年左右", "term 36"),
    ("一个半月", "term 1-2"),
    ("两三年", "term 24-36"),
    ("1到3年", "term 12-36"),
    ("半年到一年", "term 6-12"),
    ("6个月到1年", "term 6-12"),
    ("12~24期", "term 12-24"),
    ("十几年", "term 132-228"),
    # Land
    ("15亩", "area 15"),
    ("20.5亩", "area 20.5"),
    ("一〇五亩", "area 105"),
    ("一千五亩", "area 1500"),
    ("十来亩", "area 10"),
    ("百来亩地", "area 100"),
    ("15亩多", "area 15"),
    ("两亩半", "area 2.5"),
    ("半亩", "area 0.5"),
    ("三分地", "area 0.3"),
    ("一亩三分地", "area 1.3"),
    ("十五六亩", "area 15-16"),
    ("15到20亩", "area 15-20"),
    ("十几亩", "area 11-19"),
    # Numbers without a unit: the caller asks back
    ("20", "number 20"),
    ("二十", "number 20"),
    ("一百五", "number 150"),
    ("20个", "number 20"),
    ("借五个", "number 5"),
    ("贷20行不", "number 20"),
    ("种了15", "number 15"),
    ("5000", "number 5000"),
    ("3.14", "number 3.14"),
    ("20左右", "number 20"),
    ("20到30", "number 20-30"),
    ("二三十", "number 20-30"),
    # Several in one message
    ("借20万3年", "amount 200000; term 36"),
    ("借二十万一年", "amount 200000; term 12"),
    ("借20 万一年", "amount 200000; term 12"),
    ("五万十二个月", "amount 50000; term 12"),
    ("十万三十六期", "amount 100000; term 36"),
    ("三万五三年", "amount 35000; term 36"),
    ("五千三年", "amount 5000; term 36"),
    ("5万6万都可以", "amount 50000; amount 60000"),
    ("从10万改到5万", "amount 100000; amount 50000"),
    ("俺家种了20亩地，想借5万", "area 20; amount 50000"),
    ("水田8亩旱地5亩", "area 8; area 5"),
    ("我想贷个二十万左右，分36期", "amount 200000; term 36"),
    # Two readings are possible: both are kept
    ("两万一买化肥", "amount 20000-21000"),
]

NOTHING = [
    *("13812345678", "138 1234 5678", "138-1234-5678", "138 12345678", "0571-88888888", "400-000-0000", "400 000 0000"),
    *(
        "11010119900101123X",
        "110101199001011234",
        "6228 4804 0256 4890 018",
        "尾号1234",
        "A20",
        "iPhone15",
        "微信号abc123",
    ),
    *(
        "2026年",
        "二〇二六年三月",
        "26年3月",
        "2026-07-01",
        "2026/7/1",
        "2026.7.1",
        "3月5号",
        "3月",
        "三月",
        "20号",
        "20-25号",
    ),
    *(
        "15年开的店",
        "96年的",
        "90年代",
        "上半年",
        "五一期间",
        "十一期间",
        "双十一",
        "每3个月还一次",
        "每半年",
        "能贷几年",
    ),
    *("8点半", "下午三点五十", "17:00", "8:30-17:00", "周一到周五", "半天", "七年级", "第3期", "第2-3年", "三分之一"),
    *(
        "百分之五",
        "百分之四点九",
        "千分之三",
        "5%",
        "4.90%–6.50%",
        "年利率4.9",
        "利率是5.2到6.9",
        "月息8厘",
        "利息一分五",
        "5个点",
    ),
    *(
        "万一",
        "千万别",
        "一下",
        "一个",
        "一点",
        "一共",
        "统一",
        "三农",
        "万家",
        "五险一金",
        "三心二意",
        "二维码",
        "十分满意",
    ),
    *("两张卡", "300斤", "5万斤", "三千只鸡", "一家三口", "45岁", "18-65岁", "20台机器", "三块地", "10万美元", "$5000"),
    *(
        "1.2.3万",
        "3.1234567万",
        "3.5万5",
        "3万50",
        ".5万",
        "三５万",
        "一二三四五",
        "两块五一斤",
        "收拾一下",
        "007",
        "零",
        "",
    ),
]


def show(quantity: Quantity) -> str:
    """A quantity in the tables' notation: kind, value or range."""
    values = f"{quantity.low}" if quantity.low == quantity.high else f"{quantity.low}-{quantity.high}"
    return f"{quantity.kind} {values}"


def spell(number: int) -> str:
    """1 to 99,999,999 in Chinese numerals: 10,050 -> 一万零五十."""
    if number >= 10_000:
        rest = number % 10_000
        gap = "零" if 0 < rest < 1_000 else ""
        return spell(number // 10_000) + "万" + gap + (spell(rest) if rest else "")
    spelled = ""
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            spelled += "零一二三四五六七八九"[digit] + name
        elif spelled and number % unit and not spelled.endswith("零"):
            spelled += "零"
    return spelled


@pytest.mark.parametrize(("text", "yuan"), SUMS)
def test_one_exact_sum(text: str, yuan: int) -> None:
    (quantity,) = find_quantities(text)
    assert (quantity.kind, quantity.low, quantity.high) == ("amount", yuan, yuan)
    assert isinstance(quantity.low, int)


@pytest.mark.parametrize(("text", "expected"), READINGS)
def test_reading(text: str, expected: str) -> None:
    assert "; ".join(map(show, find_quantities(text))) == expected


@pytest.mark.parametrize("text", NOTHING)
def test_nothing_is_read(text: str) -> None:
    assert find_quantities(text) == []


def test_offsets_are_those_of_the_customers_text() -> None:
    text = "想借　３５Ｗ，大概贰拾亩地，分三十六期左右还，￥５０００也行"
    assert [text[q.start : q.end] for q in find_quantities(text)] == ["３５Ｗ", "贰拾亩", "三十六期", "￥５０００"]


@given(st.integers(1, 100_000_000))
@settings(max_examples=500)
def test_a_written_sum_reads_back(yuan: int) -> None:
    text = format_yuan(yuan)
    assert find_quantities(text) == [Quantity("amount", yuan, yuan, 0, len(text))]


def test_every_written_term_reads_back() -> None:
    for months in range(1, 481):
        text = format_months(months)
        assert find_quantities(text) == [Quantity("term", months, months, 0, len(text))]


@given(st.integers(1, 99_999_999))
@settings(max_examples=500)
def test_a_spelled_sum_reads_back(yuan: int) -> None:
    text = spell(yuan) + "元"
    assert find_quantities(text) == [Quantity("amount", yuan, yuan, 0, len(text))]


PIECES = [
    *"0123456789.,，、一二两三四五六七八九十百千万亿零廿几半来多余把点元块年月个期亩分到至-~ ￥第约借%：壹拾",
    "rmb",
    "左右",
    "个月",
]


@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=20).map("".join)))
@settings(max_examples=2_000)
def test_any_text_is_read_in_order(text: str) -> None:
    position = 0
    for quantity in find_quantities(text):
        assert position <= quantity.start < quantity.end <= len(text)
        assert 0 <= quantity.low <= quantity.high
        assert quantity.kind in ("area", "number") or isinstance(quantity.low, int)
        position = quantity.end


@given(
    st.integers(1, 9_998).flatmap(lambda low: st.tuples(st.just(low), st.integers(low + 1, 9_999))),
    st.sampled_from(["到", "至", "-", "~", "—"]),
)
def test_two_sums_in_wan_make_a_range(ends: tuple[int, int], to: str) -> None:
    (quantity,) = find_quantities(f"{ends[0]}万{to}{ends[1]}万")
    assert (quantity.low, quantity.high) == (ends[0] * 10_000, ends[1] * 10_000)


@pytest.mark.parametrize(
    "piece", ["一", "万", "9", "十", "零", "半", "点", "一万", "9,", "9.", "1到", "3~", "第一", "一年", "大概"]
)
def test_long_texts_take_no_time(piece: str) -> None:
    text = (piece * 2_000)[:2_000]
    started = time.process_time()
    find_quantities(text)
    assert time.process_time() - started < 1
