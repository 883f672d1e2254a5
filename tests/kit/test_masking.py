"""Personal numbers in any spelling, in any text."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kit.masking import mask_personal_data
from kit.phones import find_phones


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我的电话13812345678，晚上打", "我的电话138****5678，晚上打"),
        ("13812345678和13987654321", "138****5678和139****4321"),
        ("138 1234 5678", "138****5678"),
        ("138-1234-5678", "138****5678"),
        ("138 12345678", "138****5678"),
        ("+8613812345678", "138****5678"),
        ("+86 138-1234-5678", "138****5678"),
        ("+86138 1234 5678", "138****5678"),
        ("138.1234.5678", "138****5678"),
        ("138，1234，5678", "138****5678"),
        ("电话一三八一二三四五六七八，晚上打", "电话138****5678，晚上打"),
        ("幺三八 一二三四 五六七八", "138****5678"),
        ("138 1234 567八", "138****5678"),
        ("１３８１２３４５６７８", "138****5678"),
        ("l38l2345678", "138****5678"),
        ("订单号13812345678", "订单号138****5678"),
        ("013812345678", "013****5678"),
        ("家里08161234567", "家里081****4567"),
        ("身份证110105194912310021", "身份证110****0021"),
        ("11010519491231002X", "110****002X"),
        ("11010519491231002x办贷款", "110****002x办贷款"),
        ("110105 19491231 002X", "110****002X"),
        ("110105-19491231-0021", "110****0021"),
        ("卡号6222020000000000123", "卡号622****0123"),
        ("6222020000000000", "622****0000"),
        ("6222 0200 0000 0000 123", "622****0123"),
        ("6222.0200.0000.0000.123", "622****0123"),
        ("６２２２０２００００００００００", "622****0000"),
        ("卡号六二二二零二零零零零零零零零零零零", "卡号622****0000"),
        ("138/1234/5678", "138****5678"),
        ("138、1234、5678", "138****5678"),
        ("138_1234_5678", "138****5678"),
        ("1381 2345 678", "138****5678"),
        ("13 81 23 45 67 8", "138****5678"),
        ("前三位138，后面是12345678", "前三位138****5678"),
        ("138然后1234最后5678", "138****5678"),
        ("我的号一三八，接着1234，再五六七八", "我的号138****5678"),
        ("110105 1949 1231 0021", "110****0021"),
        ("１１０１０５１９４９１２３１００２Ｘ", "110****002X"),
        ("一一零一零五一九四九一二三一零零二一", "110****0021"),
        ("110.105.1949.1231.0021", "110****0021"),
        *(
            (f"138{odd}1234{odd}5678", "138****5678")
            for odd in ("~", "|", "#", ":", "+", "*", "—_—", "     ", "和", "杠")
        ),
        ("110105|19491231|002X", "110****002X"),
        ("6222~0200~0000~0000~123", "622****0123"),
        ("622202-0200-1122-33-446", "622****3446"),
        ("座机0816-2345678", "座机081****5678"),
        ("(0816)2345678", "(081****5678"),
        ("0571 8888 6666", "057****6666"),
        ("010-88886666", "010****6666"),
        ("家里座机是8888-6666", "家里座机是888****6666"),
        ("6222-0200-0000-0000", "622****0000"),
        ("Authorization: Bearer abc.DEF-123_~+/=", "Authorization: Bearer ***"),
        ("GET /?access_token=abc123&x=1", "GET /?access_token=***&x=1"),
    ],
)
def test_personal_data_is_masked(text: str, masked: str) -> None:
    assert mask_personal_data(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "贷款300000元，分36个月",
        "3000000",
        "最高1,000,000,000元",
        "客服400-000-0000",
        "30000-300000元之间",
        "2026-07-01 09:00:00,123 WARNING kit.http scoring: status 500",
        "QH260701-7K3MA",
        "0816123456",
        "一共13,800,001,234元",
        "每期1,234.56元，共36期",
        "2026-11-27、2026-12-27、2027-01-27",
        "10.5亩地，种了3、4、5块",
        "第1期 2026-12-17 3,456.78",
        "三八妇女节，二〇二六年",
        "0.30 0.45 0.60 0.75",
        "127.0.0.1:8000",
        "5万、10万、20万、30万、50万",
        "12000 13500 15000 18000",
        "1300+1800+123",
        "15:30~18:00、123",
        "62000 70000 80000 9000元",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert mask_personal_data(text) == text


PHONES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
BROKEN_UP_PHONES = st.from_regex(r"1[3-9][0-9][ -][0-9]{4}[ -][0-9]{4}", fullmatch=True)
IDS = st.from_regex(r"[1-9][0-9]{16}[0-9Xx]", fullmatch=True)
SURROUNDINGS = st.text(st.sampled_from("0123456789 -+Xx年电话：,\n") | st.characters(codec="utf-8"), max_size=30)


@example([("", "130-0000-0130"), ("0", "130-0000-0000")], "")
@given(st.lists(st.tuples(SURROUNDINGS, PHONES | BROKEN_UP_PHONES | IDS), max_size=4), SURROUNDINGS)
def test_no_phone_and_no_id_survives_in_any_text(parts: list[tuple[str, str]], end: str) -> None:
    text = "".join(before + number for before, number in parts) + end
    masked = mask_personal_data(text)
    assert not re.search(r"\d{11}", masked)
    assert not re.search(r"\d{17}[Xx]", masked)
    assert not re.search(r"(?<!\d)1[3-9]\d[ -]\d{4}[ -]\d{4}(?!\d)", masked)


SPELLINGS = st.builds(
    lambda number, script, gap: gap.join((number[:3], number[3:7], number[7:])).translate(
        str.maketrans("0123456789", script)
    ),
    PHONES,
    st.sampled_from(["0123456789", "零一二三四五六七八九", "０１２３４５６７８９", "洞幺两三四五六拐八九"]),
    st.sampled_from(["", " ", "-", "—", ".", "，"]),
)


@given(SURROUNDINGS, SPELLINGS, SURROUNDINGS)
def test_whatever_is_found_as_a_phone_is_masked(before: str, phone: str, after: str) -> None:
    assert find_phones(mask_personal_data(before + phone + after)) == []


@given(st.text())
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask_personal_data(mask_personal_data(text)) == mask_personal_data(text)


SCRIPTS = ["0123456789", "零一二三四五六七八九", "〇一二三四五六七八九", "０１２３４５６７８９", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"]
GAPS = ["", " ", "-", "—", ".", "·", "，", "、", "/", "_", "　", "然后", "，后面是", " 再 "]
NUMBERS = {
    "phone": (PHONES, [(3, 4, 4), (3, 8), (4, 4, 3), (3, 2, 2, 2, 2)]),
    "identity": (
        st.from_regex(
            r"[1-6][1-7][0-9]{4}19[5-9][0-9](0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])[0-9]{3}[0-9X]", fullmatch=True
        ),
        [(6, 8, 4), (6, 4, 4, 4), (18,), (3, 3, 8, 4)],
    ),
    "card": (st.from_regex(r"62[0-9]{17}", fullmatch=True), [(4, 4, 4, 4, 3), (19,)]),
    "landline": (st.from_regex(r"0(571|816|28)[2-9][0-9]{7}", fullmatch=True), [(4, 8), (4, 4, 4)]),
}


@pytest.mark.parametrize("kind", NUMBERS)
@given(data=st.data())
def test_no_spelling_shows_the_middle_of_a_number(kind: str, data: st.DataObject) -> None:
    numbers, groupings = NUMBERS[kind]
    number, lengths = data.draw(numbers), data.draw(st.sampled_from(groupings))
    script, gap = data.draw(st.sampled_from(SCRIPTS)), data.draw(st.sampled_from(GAPS))
    if kind == "landline" and not number.startswith("028") and sum(lengths) != len(number):
        lengths = (*lengths[:-1], len(number) - sum(lengths[:-1]))
    pieces, start = [], 0
    for length in lengths:
        pieces.append(number[start : start + length])
        start += length
    pieces[-1] += number[start:]
    spelt = gap.join(pieces).translate(str.maketrans("0123456789", script))
    masked = mask_personal_data(f"我的是{spelt}，谢谢")
    digits = re.sub("[^0-9X]", "", masked.translate(str.maketrans("".join(SCRIPTS[1:]), "0123456789" * 4)))
    assert digits == number[:3] + number[-4:]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("发我邮箱zhang.min@bank.cn吧", "发我邮箱z***@bank.cn吧"),
        ("13812345678@qq.com", "1***@qq.com"),
        ("a@b.cn和wang_2+x@mail.b-c.com.cn。", "a***@b.cn和w***@mail.b-c.com.cn。"),
        ("ｚｈａｎｇ＠ｂａｎｋ．ｃｎ", "ｚ***＠ｂａｎｋ．ｃｎ"),
        ("zhang @ bank。cn", "z*** @ bank。cn"),
        ("<zhang@bank.cn>", "<z***@bank.cn>"),
        ("@张敏 在吗", "@张敏 在吗"),
        ("5@3", "5@3"),
        ("年利率3.85%，10万", "年利率3.85%，10万"),
    ],
)
def test_an_address_is_hidden_but_for_where_it_is(text: str, masked: str) -> None:
    assert mask_personal_data(text) == masked
    assert mask_personal_data(masked) == masked


@given(
    local=st.from_regex(r"[a-z][a-z0-9]{3,12}(?:[._+-][a-z]{2,8})?", fullmatch=True),
    domain=st.sampled_from(["qq.com", "163.com", "bank.example", "mail.bank.com.cn"]),
    around=st.sampled_from([("", ""), ("我的邮箱是", "，谢谢"), ("mailto:", " "), ("(", ")"), ("邮箱 ", "\n")]),
)
def test_no_name_of_an_address_is_left(local: str, domain: str, around: tuple[str, str]) -> None:
    masked = mask_personal_data(f"{around[0]}{local}@{domain}{around[1]}")
    assert f"{local[1:]}@" not in masked
    assert f"***@{domain}" in masked


def test_a_long_word_takes_no_time() -> None:
    started = time.monotonic()
    mask_personal_data("a" * 200_000 + "@")
    mask_personal_data("a.b@" * 20_000)
    assert time.monotonic() - started < 5
