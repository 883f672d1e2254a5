"""Judges a number by what surrounds it: dates, rates, codes and counted things."""

import re

from kit.numerals import COUNTED, ENDS_NUMBER, NUMERAL

_CHINESE = "零一二三四五六七八九十廿"
_UNIT = " ?[万亿w亩元块年千k个期分]"
_OTHER_NUMBERS = re.compile(
    "|".join(
        (
            f"(?:(?<=万)|(?<!{NUMERAL})(?<!w)(?<![0-9] ))万一",
            # 加一块: all together
            "(?<=[加合在凑搁放])一块儿?(?!钱)|一块儿?(?=还|算|办|交)",
            # Telephone and card numbers in groups; those in one piece are too long to be read as a number.
            "(?<![0-9])1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])",
            "(?<![0-9])[0-9]{3,4}(?:[ -][0-9]{3,4}){2,}(?![0-9万wk元])",
            # 第3期, 第一到第三年, 百分之五, 三分之一
            f"第 ?{NUMERAL}{{1,6}}(?: ?[-~到至] ?{NUMERAL}{{1,6}})?",
            f"{NUMERAL}{{1,4}}分之(?:{NUMERAL}|[.点]){{1,8}}",
            # 年利率是4.9
            "(?:利率|年化|年息|月息|费率)[是为在约到降才按大概只: ]{0,4}"
            rf"[0-9]{{1,3}}(?:\.[0-9]{{1,4}})?(?!\.?[0-9]|{_UNIT})(?:[-~到至][0-9.]{{1,7}})?%?",
            # 2026年, 二零二六年, 26年3月, 15年开的店, 下半年, 一年半载
            f"(?<!{NUMERAL})(?:(?:19|20)[0-9]{{2}}|[一二][{_CHINESE}]{{3}}|零[{_CHINESE}])年",
            f"(?<!{NUMERAL})(?:[0-9]{{1,4}}|[{_CHINESE}]{{1,4}})年[0-9{_CHINESE}]{{1,3}}月",
            f"(?<!{NUMERAL})[0-9]{{2}}年(?=开|办|成立|注册|出生|生的|还[完清]|结清|[买借贷建盖]的|逾期|[底初末春夏秋冬]|[上下]半年)",
            "[上下前后]半年",
            "[一1]年半载",
            # 3月, 3月份, 3月5号, 三月五
            rf"(?<!{NUMERAL})(?<!\.)(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月"
            f"(?:份|[0-9{_CHINESE}]{{1,3}}(?!{NUMERAL}|[.]|{_UNIT})[日号]?)?",
            # 17:00, 8点半, 八点二十 (but not 三点五万)
            f"(?<![0-9])[0-9]{{1,2}}:[0-9]{{1,2}}(?::[0-9]{{2}})?(?!{NUMERAL}|[.]|{_UNIT})",
            f"(?<!{NUMERAL})[0-9{_CHINESE}]{{1,3}}点"
            f"(?:[半钟整]|[0-9{_CHINESE}]{{1,3}}(?!{NUMERAL}|{_UNIT})|[0-9{_CHINESE}]{{1,3}}分)",
        )
    )
)
_COUNTED = re.compile(f" ?[来多余]?(?:{COUNTED}|尾(?!款)|级)")

# A year's and a month's worth: 一年收入十万, 一个月还多少.
_WORTH = re.compile(
    "(?:大概|大约|差不多|能|可以|也|就|的|下来|纯|毛|净|总|家庭|全家|家里|店里|地里){0,3}"
    "(?:收入|挣|赚|流水|营业|营收|利润|销售|卖|盈利|产值|进账|入账|开销)"
)
_INSTALMENT = re.compile(
    f"个月(?:要|得|需要|应|该|大概)?(?:还|交|付|供)(?:款|息|贷)?(?:多少|{NUMERAL}|不)"
    "|个月的?(?:单是|光是?|连本带[息利])?(?:利息|月供|压力|[得要该]|多少|好多|几(?!个月)|掏|出多少)(?!用)"
)
_BORROWS = re.compile("[借贷用期款][个了]?$")

_FREE = re.compile(r"(?:^|[\s,。!?;:、(【「“\"'借贷要给拿用是为到种有了来就约概多款改成])$")
_BOUND = re.compile(r"[a-z0-9_.\-/#@&=*×+$€£\0第之分点周拜初双儿元块年月日号]$")
_MINUS = re.compile(r"(?:^|[\s,。!?;:、是])-$")
_PERIOD = re.compile("[年月日]$")


def hide_other_numbers(text: str) -> str:
    """A normalised text with dates, times, rates, ordinals and telephone numbers blanked out, of the same length."""
    return _OTHER_NUMBERS.sub(lambda match: "\0" * len(match.group()), text)


def counts_things(text: str, end: int) -> bool:
    """Whether the number before `end` counts something other than yuan: 5万斤, 3千只鸡, 10万美元."""
    return bool(_COUNTED.match(text, end))


def is_ended(text: str, end: int) -> bool:
    """Whether the bare number before `end` is complete and counts nothing."""
    return bool(ENDS_NUMBER.match(text, end))


def is_free(text: str, start: int, end: int) -> bool:
    """Whether the bare number text[start:end] stands alone, not in a word (统一), a date or a code (A20)."""
    before = text[max(start - 2, 0) : start]
    if end - start == 1 and text[start] > "9":
        return bool(_FREE.search(before))
    # 每月5000, 一年60000: what is this long is no day of a month.
    is_after_period = end - start >= 3 and _PERIOD.search(before)
    return bool(is_after_period or _MINUS.search(before) or not _BOUND.search(before))


def is_rhythm(text: str, start: int) -> bool:
    """Whether the span at `start` says how often, not how long: 每3个月."""
    return text[max(start - 1, 0) : start] in ("每", "隔")


def is_worth(text: str, start: int, end: int) -> bool:
    """Whether the year or month text[start:end] is the period of a sum and not a term: 一年收入, 一个月还多少."""
    is_instalment = _INSTALMENT.match(text, end - 2) and not _BORROWS.search(text[max(start - 2, 0) : start])
    return bool(_WORTH.match(text, end) or is_instalment)
