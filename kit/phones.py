"""Finds telephone numbers in what customers write, in whatever spelling: 137-0000-4321, 一三八1234五六七八, +86 138…"""

import re
from typing import NamedTuple


class NumberSpan(NamedTuple):
    """A number and its place: text[start:end] spells it in some way."""

    number: str
    start: int
    end: int


class _Group(NamedTuple):
    """Digits of one script without a break; `gap` is what stands between the group before and this one."""

    digits: str
    start: int
    end: int
    is_han: bool
    gap: str


_HAN = "零〇○一二三四五六七八九幺两洞拐壹贰貳叁參肆伍陆陸柒捌玖"
_HAN_VALUES = "000" + "123456789" + "1207" + "122334566789"
_WIDE = "".join(map(chr, [*range(0xFF10, 0xFF1A), *range(0x1D7CE, 0x1D800)]))
# Digits of every script to ASCII, a character for a character.
HALF_WIDTH_DIGITS = str.maketrans(_HAN + _WIDE, _HAN_VALUES + "0123456789" * 6)
_VALUES = HALF_WIDTH_DIGITS | str.maketrans("么lIoO", "11100")
_DIGIT = f"[0-9{_WIDE}]"
# A letter for a digit only beside digits: l38, 5678O.
_LETTERED = "(?<![a-zA-Z0-9])(?=[a-zA-Z]*[0-9])[0-9]*[lIoO][0-9lIoO]*(?![a-zA-Z0-9])"
_IN_HAN = f"(?:(?<![什怎那这多要])么(?=[三四五六七八九]))?[{_HAN}]+"
# In 一三八一二三四五六七八五万 the last digit belongs to a sum.
_BEFORE_SUM = f"(?=[{_HAN}][万千百十亿年月个块元亩点])"
_GROUP = re.compile(f"(?P<plain>{_LETTERED}|{_DIGIT}+)|(?P<han>{_IN_HAN}{_BEFORE_SUM}|{_IN_HAN})")
_GAP = re.compile(r"[\s()（）.．,，、。_·•‐-―－-]{0,3}")
_LIST_GAP = re.compile("[.．,，、。]")
# How people break a number up; other ways are those of sums, cards and identity numbers.
_PATTERNS = {(11,), (3, 4, 4), (3, 8), (3, 4, 2, 2), (3, 2, 2, 2, 2), (2, 3, 3, 3), (1,) * 11}
_LIST_PATTERNS = {(3, 4, 4), (1,) * 11}
_PREFIX = re.compile("(?:00)?86(?=1[3-9])")
_PLUS = re.compile("[(（]?[+＋]$")
_MOBILE = re.compile("1[3-9][0-9]{9}")
_CARD_GROUP = 4
_LONGEST = 15  # digits, with 0086

# What makes the digits before or after something else: codes, numbers of orders, decimals, sums.
_BEFORE = re.compile(
    "(?:(?<![a-zA-Z])(?!(?:tel|phone|mobile|mob|cell|call|wx|vx|v|is|no|at|number|whatsapp|me)[-_]?$)[a-zA-Z]+[-_]?"
    "|(?:qq|(?:订|运|快递|单|合同|流水|发票|交易|凭证|批|编|申请|业务|序列)单?)号?码?(?:[是为:：,， ])*"
    f"|{_DIGIT}[.．])$",
    re.IGNORECASE,
)
_AFTER = re.compile(f"[.．]{_DIGIT}|(?: ?[元块亿亩斤吨]|万(?!一))")
_LANDLINE = re.compile(
    "(?<![0-9])[(（]?0[0-9]{2,3}[)）]?[ –—－-]?[1-9][0-9]{2,3}[ -]?[0-9]{4}(?![0-9])"
    "|(?:座机|固话|固定电话)(?:号码?)?[是为:： ]*(?P<local>[1-9][0-9]{2,3}[ -]?[0-9]{4})(?![0-9])"
)


def find_phones(text: str) -> list[NumberSpan]:
    """Mobile numbers, from left to right, with their country code; any text is allowed."""
    found: list[NumberSpan] = []
    groups = _list_groups(text)
    first = unread = 0
    while first < len(groups):
        end, phone = _read_at(text, groups, first, unread)
        if phone:
            found.append(phone)
            unread = end
        first = end
    return found


def read_phone(text: str) -> str | None:
    """The one mobile number in a text as 11 digits; None where there is none, or more than one."""
    numbers = {phone.number for phone in find_phones(text)}
    return numbers.pop() if len(numbers) == 1 else None


def find_landline(text: str) -> str | None:
    """The first number of a fixed telephone, digits only, to tell somebody why it is not taken for a mobile."""
    found = _LANDLINE.search(text.translate(HALF_WIDTH_DIGITS))
    return re.sub("[^0-9]", "", found["local"] or found[0]) if found else None


def _list_groups(text: str) -> list[_Group]:
    groups: list[_Group] = []
    for match in _GROUP.finditer(text):
        between = text[groups[-1].end : match.start()] if groups else "?"
        gap = between if _GAP.fullmatch(between) else "?"
        groups.append(_Group(match[0].translate(_VALUES), match.start(), match.end(), match["plain"] is None, gap))
    return groups


def _read_at(text: str, groups: list[_Group], first: int, unread: int) -> tuple[int, NumberSpan | None]:
    """The index of the group to go on with, and the number that begins with group `first`, if one does."""
    digits = ""
    for last in range(first, len(groups)):
        if last > first and groups[last].gap == "?":
            break
        digits += groups[last].digits
        if len(digits) > _LONGEST:
            break
        prefix = _PREFIX.match(digits)
        number = digits[prefix.end() :] if prefix else digits
        if _MOBILE.fullmatch(number) and _is_written_so(groups[first : last + 1], prefix.end() if prefix else 0):
            start, end = groups[first].start, groups[last].end
            is_part = _is_part(groups[unread:], first - unread, last - unread)
            if is_part or _BEFORE.search(text, max(start - 20, 0), start) or _AFTER.match(text, end):
                return last + 1, None
            plus = _PLUS.search(text, max(start - 2, 0), start) if prefix else None
            return last + 1, NumberSpan(number, plus.start() if plus else start, end)
    return first + 1, None


def _is_written_so(groups: list[_Group], prefix: int) -> bool:
    """Whether the digits without their first `prefix` are broken up as a telephone number is."""
    lengths: list[int] = []
    gaps = ""
    for group in groups:
        if lengths and not group.gap:
            lengths[-1] += len(group.digits)
        else:
            gaps += group.gap if lengths else ""
            lengths.append(len(group.digits))
    lengths[0] -= prefix
    pattern = tuple(length for length in lengths if length)
    if all(group.is_han for group in groups):
        return True
    return pattern in (_LIST_PATTERNS if _LIST_GAP.search(gaps) else _PATTERNS) or pattern == (11,)


def _is_part(groups: list[_Group], first: int, last: int) -> bool:
    """Whether a number in groups goes on before or after, as a card's does."""
    if first == last:
        return False
    before = groups[first - 1] if first and groups[first].gap != "?" else None
    after = groups[last + 1] if last + 1 < len(groups) and groups[last + 1].gap != "?" else None
    return any(
        group and len(group.digits) == _CARD_GROUP and group.is_han == groups[first].is_han for group in (before, after)
    )
