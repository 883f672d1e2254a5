"""Hides personal numbers, e-mail addresses and secrets in any text, however they are written.

Numbers are phones, identity numbers, cards and landlines.

For logs, notices, exports and staff pages: it would rather hide too much than too little. To read a number that a
customer gives, see kit/phones.py.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from kit.identity_numbers import IDENTITY
from kit.phones import HALF_WIDTH_DIGITS, NumberSpan, find_phones


class _Group(NamedTuple):
    """Digits without a break, as they stand in the text, and what stands between the group before and this one."""

    digits: str
    start: int
    end: int
    gap: str


_SIGNS = r"[\s()（）.．·•‐-―－_/,，、。-]{1,3}"
# 138~1234~5678: part one number only if its groups are those in which such numbers are written.
_ODD_SIGNS = r"(?:[^\w\n]|_){1,6}|[和跟加杠点]"
_WRITTEN_GROUPS = {(3, 4, 4), (3, 8), (7, 4), (6, 8, 4), (6, 4, 4, 4)}
# 138然后1234最后5678, 前三位138，后面是12345678
_WORDS = (
    r"[\s,，、。]?(?:然后|接着|接下来|后面|后边|后头|跟着|再|中间|最后)"
    r"(?:[一二三四五六七八几0-9]位|是|就|呢|的)*[:：,，\s]?"
)
_PLAIN_GAP = re.compile(f"{_SIGNS}|{_WORDS}")
_GAP = re.compile(f"{_PLAIN_GAP.pattern}|{_ODD_SIGNS}")
_DIGITS = re.compile("[0-9]+[xX]?")
_HALF_WIDTH_X = str.maketrans("ｘＸ", "xX")
_ONE_PIECE = 11  # sums have fewer digits
_THOUSANDS = re.compile("[,，]")
_UNIT = re.compile(" ?[元块万亿亩斤吨%]")
_MOBILE = re.compile("(?:(?:00)?86|0)?1[3-9][0-9]{9}")
_LANDLINE = re.compile("(?:010|02[0-9]|0[3-9][0-9]{2})[2-9][0-9]{6,7}")
_LOCAL = re.compile(r"(?<=座机|固话)[^0-9\n]{0,6}(?P<number>[2-9][0-9]{2,3}[ -]?[0-9]{4})(?![0-9])")
_CARD_LENGTHS = range(15, 20)
_BROKEN_UP_LENGTHS = range(10, 20)  # from a landline to a card
_CARD_GROUP = 4
_UNION_PAY = "62"
_GROUPS_MAX = 20
# From where a word begins, so that a long one without an @ is read once. Full-width as an input method writes it.
_MAIL = re.compile(
    r"(?<![\w.%+-])(?P<first>\w)[\w.%+-]{0,63}(?P<domain> ?@ ?[\w-]{1,63}(?:\.[\w-]{1,63}){1,5})", re.ASCII
)
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {ord("。"): "."}
_SECRET = re.compile(r"(?i)(bearer\s+|token=|secret=|/bot\d{6,}:)[\w.~+/=-]+")


def mask_personal_data(text: str) -> str:
    """The text with the middle of each personal number and the names of e-mail addresses hidden, and without tokens."""
    text, before = _hide_mail(text), None
    while text != before:  # hiding one may uncover another beside it
        before = text
        for number, start, end in reversed(find_personal_numbers(text)):
            text = f"{text[:start]}{_hide_middle(number)}{text[end:]}"
    return _SECRET.sub(r"\1***", text)


def find_personal_numbers(text: str) -> list[NumberSpan]:
    """Numbers with their places, from left to right; they do not overlap."""
    plain = text.translate(HALF_WIDTH_DIGITS).translate(_HALF_WIDTH_X)  # a character for a character
    found = find_phones(text)
    found += [NumberSpan(match["number"], *match.span("number")) for match in _LOCAL.finditer(plain)]
    for groups in _list_chains(plain):
        found += _find_in_chain(plain, groups)
    kept: list[NumberSpan] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
        elif span.end > kept[-1].end:  # what two readings cover together
            first = kept.pop()
            whole = re.sub("[^0-9xX]", "", plain[first.start : span.end])
            kept.append(NumberSpan(whole, first.start, span.end))
    return kept


def _list_chains(plain: str) -> Iterator[list[_Group]]:
    """Groups of digits with no more between them than what parts one number."""
    chain: list[_Group] = []
    for match in _DIGITS.finditer(plain):
        gap = plain[chain[-1].end : match.start()] if chain else ""
        if chain and not _GAP.fullmatch(gap):
            yield chain
            chain, gap = [], ""
        chain.append(_Group(match[0], match.start(), match.end(), gap))
    if chain:
        yield chain


def _find_in_chain(plain: str, groups: Sequence[_Group]) -> Iterator[NumberSpan]:
    totals = [0, *accumulate(len(group.digits) for group in groups)]
    first = 0
    while first < len(groups):
        for end in range(min(len(groups), first + _GROUPS_MAX), first, -1):
            if end - first > 1 and totals[end] - totals[first] not in _BROKEN_UP_LENGTHS:
                continue
            part = groups[first:end]
            number = "".join(group.digits for group in part)
            if _is_personal(number, part) and not (len(part) > 1 and _UNIT.match(plain, part[-1].end)):
                yield NumberSpan(number, part[0].start, part[-1].end)
                first = end
                break
        else:
            first += 1


def _is_personal(number: str, groups: Sequence[_Group]) -> bool:
    if len(groups) == 1:
        return len(number) >= _ONE_PIECE
    lengths = [len(group.digits) for group in groups]
    if all(_THOUSANDS.fullmatch(group.gap) for group in groups[1:]) and set(lengths[1:]) == {3}:
        return False  # 13,800,001,234
    if len(number) in _CARD_LENGTHS and set(lengths[:-1]) == {_CARD_GROUP} and lengths[-1] <= _CARD_GROUP:
        return True  # as it is printed
    if not all(_PLAIN_GAP.fullmatch(group.gap) for group in groups[1:]) and tuple(lengths) not in _WRITTEN_GROUPS:
        return False
    if _MOBILE.fullmatch(number) or IDENTITY.fullmatch(number):
        return True
    if _LANDLINE.fullmatch(number):
        return lengths[0] in (3, 4) and number.startswith("0")
    return len(number) in _CARD_LENGTHS and number.startswith(_UNION_PAY) and has_check_digit(number)


def has_check_digit(number: str) -> bool:
    """Whether the last digit is right for a card (Luhn, ISO/IEC 7812)."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _hide_mail(text: str) -> str:
    """Leaves the first letter and where the address is: z***@bank.cn."""
    plain = text.translate(_HALF_WIDTH)  # a character for a character
    if "@" not in plain:
        return text
    for match in reversed(list(_MAIL.finditer(plain))):
        at = match.start("domain")
        text = f"{text[: match.end('first')]}***{text[at:]}"
    return text


def _hide_middle(number: str) -> str:
    return f"{number[:3]}****{number[-4:]}"
