"""Phones as customers write them, and what only looks like one."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.phones import find_landline, find_phones, read_phone

# One number, 13812345678, in the part of the text that is shown.
SPELLINGS = [
    ("13812345678", "13812345678"),
    ("我电话13812345678，姓张", "13812345678"),
    ("138 1234 5678", "138 1234 5678"),
    ("138-1234-5678", "138-1234-5678"),
    ("138.1234.5678", "138.1234.5678"),
    ("138—1234—5678", "138—1234—5678"),
    ("138–1234–5678", "138–1234–5678"),
    ("138_1234_5678", "138_1234_5678"),
    ("138·1234·5678", "138·1234·5678"),
    ("138，1234，5678", "138，1234，5678"),
    ("138、1234、5678", "138、1234、5678"),
    ("138  1234  5678", "138  1234  5678"),
    ("138 - 1234 - 5678", "138 - 1234 - 5678"),
    ("138\n1234\n5678", "138\n1234\n5678"),
    ("138 12345678", "138 12345678"),
    ("138-12345678", "138-12345678"),
    ("138 1234 56 78", "138 1234 56 78"),
    ("138 12 34 56 78", "138 12 34 56 78"),
    ("13 812 345 678", "13 812 345 678"),
    ("1 3 8 1 2 3 4 5 6 7 8", "1 3 8 1 2 3 4 5 6 7 8"),
    ("1-3-8-1-2-3-4-5-6-7-8", "1-3-8-1-2-3-4-5-6-7-8"),
    ("(138)1234-5678", "138)1234-5678"),
    ("+8613812345678", "+8613812345678"),
    ("+86 138 1234 5678", "+86 138 1234 5678"),
    ("＋86-138-1234-5678", "＋86-138-1234-5678"),
    ("(+86)13812345678", "(+86)13812345678"),
    ("86-13812345678", "86-13812345678"),
    ("8613812345678", "8613812345678"),
    ("0086 138 1234 5678", "0086 138 1234 5678"),
    ("008613812345678", "008613812345678"),
    ("１３８１２３４５６７８", "１３８１２３４５６７８"),
    ("１３８ １２３４ ５６７８", "１３８ １２３４ ５６７８"),
    ("𝟏𝟑𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖", "𝟏𝟑𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖"),
    ("一三八一二三四五六七八", "一三八一二三四五六七八"),
    ("幺三八幺二三四五六七八", "幺三八幺二三四五六七八"),
    ("么三八一二三四五六七八", "么三八一二三四五六七八"),
    ("一三八，一二三四，五六七八", "一三八，一二三四，五六七八"),
    ("一三八 一二三四 五六七八", "一三八 一二三四 五六七八"),
    ("一三八、一二三、四五六、七八", "一三八、一二三、四五六、七八"),
    ("一 三 八 一 二 三 四 五 六 七 八", "一 三 八 一 二 三 四 五 六 七 八"),
    ("壹叁捌壹贰叁肆伍陆柒捌", "壹叁捌壹贰叁肆伍陆柒捌"),
    ("幺三八幺两三四五六拐八", "幺三八幺两三四五六拐八"),
    ("138 1234 567八", "138 1234 567八"),
    ("138一二三四5678", "138一二三四5678"),
    ("一三八12345678", "一三八12345678"),
    ("l3812345678", "l3812345678"),
    ("I38 l234 5678", "I38 l234 5678"),
    ("13812345678一年", "13812345678"),
    ("借5万13812345678五万", "13812345678"),
    ("一三八一二三四五六七八五万", "一三八一二三四五六七八"),
    ("电话号码是:13812345678", "13812345678"),
    ("手机：138 1234 5678。", "138 1234 5678"),
    ("tel13812345678", "13812345678"),
    ("TEL:13812345678", "13812345678"),
    ("my phone number is 13812345678", "13812345678"),
    ("微信wx13812345678", "13812345678"),
    ("王秀英13812345678柳河镇", "13812345678"),
    ("5万，一年，13812345678", "13812345678"),
    ("12亩 13812345678", "13812345678"),
    ("1、13812345678", "13812345678"),
    ("13812345678@qq.com", "13812345678"),
    ("13812345678ok", "13812345678"),
    ("13812345678万一打不通再打", "13812345678"),
    ("什么13812345678", "13812345678"),
    ("“13812345678”", "13812345678"),
]
OTHERS = [
    ("1381234567O", "13812345670"),
    ("l5O 0000 1111", "15000001111"),
    ("幺五洞洞洞洞洞幺幺幺幺", "15000001111"),
    ("一九九，八八八八，六六六六", "19988886666"),
    ("一五〇〇〇〇〇一一一一", "15000001111"),
    ("一五○零〇零○一一一一", "15000001111"),
    ("16612345678", "16612345678"),
    ("19112345678", "19112345678"),
]
SEVERAL = [
    ("13812345678或19987654321", ["13812345678", "19987654321"]),
    ("13812345678 19987654321", ["13812345678", "19987654321"]),
    ("138 1234 5678 199 8765 4321", ["13812345678", "19987654321"]),
    ("138-1234-5678/199-8765-4321", ["13812345678", "19987654321"]),
    ("13812345678，一九九八七六五四三二一", ["13812345678", "19987654321"]),
    ("13812345678一九九八七六五四三二一", ["13812345678", "19987654321"]),
]
NONE = [
    "",
    "1381234567",
    "138123456789",
    "12812345678",
    "12345678901",
    "23812345678",
    "0.13812345678",
    "13812345678.50",
    "13812345678元",
    "13812345678块钱",
    "138 1234 5678 元",
    "400-000-0000",
    "4000000000",
    "138/1234/5678",
    "0818-1234567",
    "座机1234567",
    "08181234567",
    "110105194912310021",
    "11010519491231002X",
    "110105 19491231 002X",
    "6222020013812345678",
    "6222 0200 1381 2345 678",
    "6222 0213 8123 4567",
    "1381 2345 6781 2345",
    "卡号是6222021234567890123",
    "QH260701-7K3MA",
    "QH13812345678",
    "SF1381234567890",
    "订单号13812345678",
    "运单号：13812345678",
    "合同号 13812345678",
    "qq号13812345678",
    "QQ13812345678",
    "流水号是13812345678",
    "15000 130000",
    "1500000 2000",
    "15000,200000",
    "1998 1000000",
    "150、200、30000",
    "收入15万，借13万，八千块，一二三四五",
    "一千三百八十一",
    "一三八一二三四五六七",
    "一二三四五六七八九十",
    "一三八一二三四五六七八九",
    "2026-11-26 10:30",
    "2026.11.26 138",
    "1.3.8",
    "138ABCD1234",
    "hello world",
    "lOlOlOlOlOl",
    "lo13812345678lo1",
    "一万三千八百一十二",
    "贷款300000元，分36个月",
]


@pytest.mark.parametrize(("text", "written"), SPELLINGS)
def test_a_phone_is_found_in_any_spelling(text: str, written: str) -> None:
    (phone,) = find_phones(text)
    assert (text[phone.start : phone.end], phone.number) == (written, "13812345678")


@pytest.mark.parametrize(("text", "number"), OTHERS)
def test_other_numbers(text: str, number: str) -> None:
    assert read_phone(text) == number


@pytest.mark.parametrize(("text", "numbers"), SEVERAL)
def test_of_several_numbers_none_is_the_one(text: str, numbers: list[str]) -> None:
    assert [phone.number for phone in find_phones(text)] == numbers
    assert read_phone(text) is None


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_mobile_number(text: str) -> None:
    assert find_phones(text) == []
    assert read_phone(text) is None


def test_a_number_said_twice_is_one() -> None:
    assert read_phone("13812345678，再说一遍138 1234 5678") == "13812345678"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0818-1234567", "08181234567"),
        ("座机0818-1234567", "08181234567"),
        ("08182345678", "08182345678"),
        ("010 88886666", "01088886666"),
        ("(0818)2345678", "08182345678"),
        ("0818—2345678", "08182345678"),
        ("０８１８－２３４５６７８", "08182345678"),
        ("座机2345678", "2345678"),
        ("家里固话是：23456789", "23456789"),
        ("零八一八二三四五六七八", "08182345678"),
        ("13812345678", None),
        ("2345678", None),
        ("0.2345678", None),
        ("00000000000", None),
        ("110105194912310021", None),
        ("2026-01-2345678", None),
        ("", None),
    ],
)
def test_a_landline_is_told_apart(text: str, number: str | None) -> None:
    assert find_landline(text) == number


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Nd", "Nl", "No", "Ll", "Lu"], exclude_characters="."), max_size=10
)
NUMBERS = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
# Numerals of either script and what joins them to a number, and labels of other numbers.
JOINING = "零〇○一二三四五六七八九十百千万亿幺两洞拐壹贰貳叁參肆伍陆陸柒捌玖么元块亩斤吨点年月个号码"


@given(WORDS, NUMBERS, WORDS)
def test_a_phone_is_found_between_any_words(before: str, number: str, after: str) -> None:
    if not set(JOINING) & set(before + after):
        assert read_phone(before + number + after) == number


@given(
    NUMBERS,
    st.sampled_from(["0123456789", "零一二三四五六七八九", "０１２３４５６７８９", "洞幺二三四五六拐八九"]),
    st.sampled_from(" -—.，"),
)
def test_a_phone_is_read_in_each_script(number: str, script: str, gap: str) -> None:
    written = number.translate(str.maketrans("0123456789", script))
    assert read_phone(written) == number
    assert read_phone(gap.join((written[:3], written[3:7], written[7:]))) == number


@given(st.text(st.sampled_from("0123456789一二三八零lO -.，+元号x") | st.characters(), max_size=60))
def test_spans_are_in_order_and_numbers_are_numbers(text: str) -> None:
    end = 0
    for phone in find_phones(text):
        assert end <= phone.start < phone.end <= len(text)
        assert phone.number.isascii()
        assert len(phone.number) == 11
        end = phone.end
    find_landline(text)


@pytest.mark.parametrize("piece", ["1 ", "一", "l", "138 ", "0", "a", "1,", "86"])
def test_a_long_text_takes_no_long_time(piece: str) -> None:
    begin = time.process_time()  # of this process alone: a busy machine is no slow code
    find_phones(piece * 5000)
    find_landline(piece * 5000)
    assert time.process_time() - begin < 2
