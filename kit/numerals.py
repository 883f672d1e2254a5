"""Reads one number as Chinese customers write it: 三十五万, 3.5w, 两万五, 二十来万, 三五千, 十几."""

import re
from decimal import Decimal
from typing import NamedTuple

NUMERAL = "[0-9零一二两三四五六七八九十廿卅百千万亿几]"

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2}
_STEPS = {"thousands": 1000, "hundreds": 100, "tens": 10, "ones": 1}
_UNITS = {"十": 10, "廿": 20, "卅": 30, "百": 100, "千": 1000, "k": 1000, "万": 10**4, "w": 10**4, "亿": 10**8}

# One character for one, so that an offset in the normalised text is an offset in the customer's.
_PLAIN = (
    {code: chr(code - 0xFEE0).lower() for code in range(0xFF01, 0xFF5F)}
    | {code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)}
    | str.maketrans("\u3000\t￥〇萬億兩個俩畝塊圓圆餘幾來點號", "  ¥零万亿两个两亩块元元余几来点号")
)
_FORMAL = str.maketrans("壹贰貳叁肆伍陆陸柒捌玖拾佰仟", "一二二三四五六六七八九十百千")
# 陆, 伍 and 拾 are also names and parts of words: they count only beside another numeral or a unit of money.
_FORMAL_RUN = re.compile("[壹贰貳叁肆伍陆陸柒捌玖拾佰仟零万亿]{2,}|[壹贰貳叁肆伍陆陸柒捌玖拾](?=[元块])")

_DIGIT = "[一二两三四五六七八九]"
_PAIR = "(?:一、?[二两]|[二两]、?三|三、?[四五]|四、?五|五、?六|六、?七|七、?八|八、?九)"
_ARABIC = (
    "(?:[0-9]{1,3}(?:,[0-9]{3}){1,3}(?![0-9])|0(?![0-9])|[1-9][0-9]{0,9}(?![0-9]))"
    r"(?:\.[0-9]{1,6}(?![0-9]))?"
)
_BY_PLACE = "[一二三四五六七八九](?=[一二三四五六七八九]{0,7}零)[零一二三四五六七八九]{1,8}(?![十百千])"
_ATOM = f"(?:{_BY_PLACE}|{_PAIR}|{_DIGIT}|几|[1-9][0-9]{{0,2}}0几|10几|{_ARABIC})"

_SMALL = f"(?:(?:{_DIGIT}百零?)?(?:{_ATOM}?[十廿卅]{_ATOM}?|{_ATOM})|{_DIGIT}百|半)"
# Things that are counted, with the words that only begin like them (家里, 人工, 个体户, 只要).
COUNTED = (
    "美[元金]|港[元币]|欧元|日元|斤|公斤|千克|吨|头|只(?![要能有是需够用想借贷还可])|羽|株|棵|颗|粒|户|家(?![里用庭中装具])|"
    "人(?![民工])|个(?![体人])|张|台(?!账)|平方|平米|公里|里地|字|次(?!日)|步(?!行)|票(?!据)|度(?!过)|位(?!置)|名(?![下额])|"
    "份(?!额)|箱|袋|瓶|件|枚|筐|盒|套(?!现)|倍|股(?!东)|岁|天|公顷"
)
MEASURE = (
    f"(?:年(?!底|初|末|利率|化|终|关|审|货)|月(?!底|初|末)|期|亩|分(?![期0-9一二两三四五六七八九十])|厘|[日号]|口|笔|成|折|"
    f"种(?![地田植菜])|点|%|周|季|辆|间|层|楼|米|平|小时|角|毛|{COUNTED})"
)
# In 借20万一年, 10万3年, 20万两个人 and 三万五万 the second number is no part of the first.
_COUNTS = f"{_SMALL} ?[来多余]?{MEASURE}"
_ANOTHER = f"{_COUNTS}|{_SMALL} ?[万w]"
_WORD = "(?:一[共起定般直些样旦时半切律向步手路刻同齐辈来批并旁概]|二[手维]|三[轮农方]|四轮)"
_TAIL_OF_HUNDREDS = f"(?<=百)(?:{_PAIR}|[二三四五六七八九几])|(?<=千)[二三四五六七八九](?=亩)"
_TAIL = f"(?<=[百千k万w亿])(?!{_COUNTS}|{_WORD})(?:{_PAIR}|[一二三四五六七八九几]|[1-9](?![0-9.%]))"


def _section(level: str, ones: str) -> str:
    """The pattern of a number below 万; the groups of its digits begin with `level`."""
    return (
        f"(?:零?(?P<{level}_thousands>{_ATOM}|(?=千[来把])) ?[千k](?![a-z]))?"
        f"(?:零?(?P<{level}_hundreds>{_ATOM}|(?=百[来把])) ?百)?"
        f"(?:零?(?P<{level}_tens>{_ATOM}?[十廿卅]))?"
        f"(?:零*(?P<{level}_ones>{ones}|零(?=点)))?"
        f"(?:点(?P<{level}_decimals>(?<=[0-9]点)[0-9]{{1,4}}|(?<![0-9]点)[零一二三四五六七八九]{{1,4}})"
        f"(?= ?[万亿w亩元块年]))?"
    )


_PATTERN = re.compile(
    f"(?:(?!亿){_section('yi', f'(?<![百千k]){_ATOM}')}[来多余]? ?个?(?P<yi>亿))?"
    f"(?:(?:(?<!亿)|(?!{_COUNTS}))(?!万(?![来把]))"
    f"{_section('wan', f'(?<![百千k]){_ATOM}')}[来多余]? ?(?P<wan>万|个?w(?![a-z])))?"
    f"(?:(?:(?<![亿万w])|(?!{_ANOTHER}))"
    f"{_section('rest', f'(?<![百千k万w亿]){_ATOM}|(?<=[万w])[1-9][0-9]{{2,3}}(?![0-9])')}"
    f"(?P<tail>{_TAIL_OF_HUNDREDS}|{_TAIL})?)?"
)
_LONGEST = 60
_MALFORMED = re.compile("^$|^几$|^零(?!点)|[.点].*[百千k万w亿][^万w亿]")  # nothing, 几年, 零八, 3.5万5
_NUMERAL_FOLLOWS = re.compile(NUMERAL)
_ANOTHER_FOLLOWS = re.compile(f"{_ANOTHER}|{_WORD}")
_PERIOD_FOLLOWS = re.compile("(?<=[0-9]{3})一个?[年月天]")  # 3000一个月
# What may follow a number without a unit and is not the thing it counts.
ENDS_NUMBER = re.compile(
    r"$|[\s,。!?;、)\]】」』”’…'\"<>《》(]|[.:~+](?![0-9])|(?:/每?|每|一)个?[年月天日]|左右|上下|出头|以[上下内]|[来多余](?!少|久|长)|"
    "[吧呢啊呀嘛吗么哈哦噢嗯的了就行可够能给利怎贷借要是不还和或好应]"
)
_CLOSES_TAIL = re.compile(f"{ENDS_NUMBER.pattern}| ?[元块]")


# 百八十块: nearly a hundred. How low and how high.
_IDIOMS = {
    **dict.fromkeys(("百八十", "百儿八十"), (80, 100)),
    **dict.fromkeys(("百十", "百十来", "百十多"), (100, 120)),
    **dict.fromkeys(("千八百", "千儿八百"), (800, 1000)),
    **dict.fromkeys(("万八千", "万儿八千"), (8000, 10_000)),
}
_IDIOM = re.compile(
    f"(?<!{NUMERAL})(?P<idiom>{'|'.join(sorted(_IDIOMS, key=len, reverse=True))})(?P<wan> ?万)?(?!{NUMERAL})"
)


class Numeral(NamedTuple):
    """A number, or a range of them (三五十万, 十几), that ends before text[end]."""

    low: Decimal
    high: Decimal
    unit: int  # the largest of 10, 100, 1000, 10**4 and 10**8 that is written, else 1
    end: int


def normalise(text: str) -> str:
    """`text` in half-width, lower-case, simplified characters and everyday numerals, of the same length."""
    return _FORMAL_RUN.sub(lambda run: run.group().translate(_FORMAL), text.translate(_PLAIN))


def read_numeral(text: str, start: int) -> Numeral | None:
    """The number that begins at `start` of a normalised text; None if the numerals there make no one number."""
    if idiom := _IDIOM.match(text, start):
        return _read_idiom(idiom)
    # A slice: what stands before `start` must not be taken for a part of this number.
    match = _PATTERN.match(text[start : start + _LONGEST])
    if match is None or _MALFORMED.search(match.group()):
        return None
    end = start + match.end()
    low, high, unit = _add_up(match)
    if tail := match["tail"]:
        step = _UNITS[match.string[match.start("tail") - 1]] // 10
        tail_low, tail_high = _read_atom(tail, is_first=False)
        # 两万一 is 21,000 unless 一 begins a word that we do not know: then both readings stand.
        is_doubtful = tail == "一" and not _CLOSES_TAIL.match(text, end)
        low += 0 if is_doubtful else tail_low * step
        high += tail_high * step
    is_cut = _NUMERAL_FOLLOWS.match(text, end) and not match.group().endswith("几")
    is_next = (unit >= 100 and _ANOTHER_FOLLOWS.match(text, end)) or _PERIOD_FOLLOWS.match(text, end)
    if (high == 0 and match.group() != "0") or (is_cut and not is_next):
        return None
    return Numeral(low, high, unit, end)


def _read_idiom(idiom: re.Match[str]) -> Numeral:
    low, high = _IDIOMS[idiom["idiom"]]
    scale = 10_000 if idiom["wan"] else 1
    unit = scale if scale > 1 else 1000 if high == 10_000 else 100
    return Numeral(Decimal(low * scale), Decimal(high * scale), unit, idiom.end())


def _add_up(match: re.Match[str]) -> tuple[Decimal, Decimal, int]:
    """Low and high of everything but the tail, and the largest unit."""
    low = high = Decimal(0)
    largest = 1
    for level, factor in (("yi", 10**8), ("wan", 10**4), ("rest", 1)):
        section_low = section_high = Decimal(0)
        for name, step in _STEPS.items():
            atom = match[f"{level}_{name}"]
            if atom is None:
                continue
            if name == "tens":
                atom, step = atom[:-1], _UNITS[atom[-1]]
            atom_low, atom_high = _read_atom(atom, is_first=not (high or section_high))
            section_low += atom_low * step
            section_high += atom_high * step
            largest = max(largest, step)
        if decimals := match[f"{level}_decimals"]:
            fraction = Decimal("0." + "".join(str(_DIGITS.get(digit, digit)) for digit in decimals))
            section_low, section_high = section_low + fraction, section_high + fraction
        if factor > 1 and match[level]:
            largest = max(largest, factor)
            if not section_high and match.group().startswith("万"):
                section_low = section_high = Decimal(1)
        low += section_low * factor
        high += section_high * factor
    return low, high, largest


def _read_atom(atom: str, is_first: bool) -> tuple[Decimal, Decimal]:
    """Low and high of what stands before a unit: nothing (the 十 of 十五), 三, 三五, 几, 20几, 1,100 or 一零五."""
    if atom == "几":
        return Decimal(2 if is_first else 1), Decimal(9)
    if atom.endswith("几"):
        return Decimal(atom[:-1]) + 1, Decimal(atom[:-1]) + 9
    if atom[:1] not in _DIGITS:
        value = Decimal(atom.replace(",", "") or 1)
        return value, value
    if len(atom) > 1 and "零" not in atom:
        return Decimal(_DIGITS[atom[0]]), Decimal(_DIGITS[atom[-1]])
    value = Decimal("".join(str(_DIGITS[digit]) for digit in atom))
    return value, value
