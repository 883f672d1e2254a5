"""Finds where a customer lives in what they write: a town or village of the bank, another place, or no place."""

import re
from typing import NamedTuple

from understanding.districts import (
    find_similar,
    get_county,
    list_short_names,
    list_spellings,
    list_towns,
    load_districts,
)
from understanding.pinyin import sounds_like
from understanding.place_patterns import (
    AT_HOME,
    CORRECTED,
    DENIED,
    DETAIL,
    IN_TOWN,
    LEAD,
    NO_PLACE,
    QUESTION,
    TRAIL,
    UNKNOWN,
    VAGUE,
    compile_known,
    is_elsewhere,
)

_DETAILS = re.compile(f"{DETAIL}{{1,4}}$")
_IN_THE_MIDDLE = re.compile("(?:街上?$|镇上$|乡里$|场上$)?")
_CLAUSE = re.compile("[^,。;! ]+")
_SPEAKS_OF_HOME = re.compile("[地住]址|住|搬|嫁|[村镇](?:子|名)?(?:是|应该|不?对|没?错)")
_LONGEST = 30
# Wangjia Village, Liuhe Town: the names in pinyin, the smaller place first.
_ENGLISH = re.compile(
    r"(?:(?:(?:i|we) (?:live|farm|am|are)(?: in| at)?|(?:my|our) (?:home|address|shop|farm) is(?: in| at)?|in|at) )?"
    r"(?P<names>(?:(?P<village>[a-z' -]{2,20}?) (?:village|community)(?:,| in| of)* ?)?"
    r"(?:(?P<town>[a-z' -]{2,20}?) (?:town|township))?)(?:,? (?:in )?qinghe(?: county)?)?[. ]*"
)


class Place(NamedTuple):
    """A place as text[start:end] writes it.

    `town` and `village` are the bank's own names, but an unknown village keeps the customer's. `is_known`: in the
    bank's districts; `is_outside`: in another county or province; `is_vague`: 县城, 乡下.
    """

    text: str
    start: int
    end: int
    town: str = ""
    village: str = ""
    is_known: bool = False
    is_outside: bool = False
    is_vague: bool = False


def find_place(plain: str) -> Place | None:
    """The place in a normalised message; None in questions, sentences about something else, and other answers."""
    if not plain or QUESTION.search(plain):
        return None
    if english := _ENGLISH.fullmatch(plain):
        return _read_english(english)
    corrected = CORRECTED.match(plain)
    begin = corrected.end() if corrected else 0
    lead, trail = LEAD.match(plain, begin), TRAIL.search(plain, begin)
    end = trail.start() if trail else len(plain)
    start = min(lead.end() if lead else begin, end)
    core = plain[start:end]
    home = AT_HOME.sub("", plain[begin:end])
    if VAGUE.fullmatch(home) or core in (get_county(), get_county()[:-1], f"{get_county()}城"):
        start = end - len(home) if VAGUE.fullmatch(home) else start
        return Place(plain[start:end], start, end, is_vague=True)
    return (
        _read_address(core, start)
        or _find_inside(plain, begin)
        or _read_elsewhere(core, start)
        or (_find_clause(plain) if _SPEAKS_OF_HOME.search(plain) else None)
    )


def _read_english(found: re.Match[str]) -> Place | None:
    if not found["names"]:
        return None
    spellings = list_spellings()
    town, village = (spellings.get(re.sub("[^a-z]", "", found[part] or "")) for part in ("town", "village"))
    if (found["town"] and town not in list_towns()) or (found["village"] and not (village or town)):
        return None
    unknown = f"{found['village'].title()}村" if found["village"] else ""
    return _make(found["names"], found.start("names"), town or "", village or unknown)


def _read_address(core: str, start: int) -> Place | None:
    """A text that is nothing but a place that may be the bank's."""
    if not 2 <= len(core) <= _LONGEST or is_elsewhere(core) or NO_PLACE.fullmatch(core):
        return None
    if core.isascii():
        names = _read_pinyin(core)
        return _make(core, start, *names) if names else None
    rest = _strip_county(core)
    town, length = _match_town(rest)
    rest = rest[length:].removeprefix("的")
    body = _DETAILS.sub("", rest)
    village = _match_village(body)
    if village or not body:
        return _make(core, start, town, village) if town or village else None
    if town:
        found = IN_TOWN.fullmatch(rest)
        return _make(core, start, town, found["village"] or "") if found else None
    return _make(core, start, "", body) if UNKNOWN.fullmatch(rest) else None


def _find_inside(plain: str, begin: int) -> Place | None:
    """A town or village by its full name in a longer message, with what belongs to the address."""
    for found in compile_known().finditer(plain, begin):
        before = plain[begin : found.start()]
        if DENIED.search(before):
            continue
        if not found["county"] and (led := _measure_elsewhere(before)):
            start = found.start() - led
            return Place(plain[start : found.end()], start, found.end(), is_outside=True)
        village = found["village"] or found["after"] or found["alone"] or ""
        town = list_short_names()[found["stem"]] if found["stem"] else found["town"] or ""
        return _make(found[0], found.start(), town, village or found["more"] or "")
    return None


def _find_clause(plain: str) -> Place | None:
    """An address that is a clause of its own: 金额改8万，地址改成白塔镇李家坝."""
    for clause in _CLAUSE.finditer(plain):
        lead = LEAD.match(plain, clause.start(), clause.end())
        start = lead.end() if lead else clause.start()
        trail = TRAIL.search(plain, start, clause.end())
        if place := _read_address(plain[start : trail.start() if trail else clause.end()], start):
            return place
    return None


def _read_elsewhere(core: str, start: int) -> Place | None:
    return Place(core, start, start + len(core), is_outside=True) if core and is_elsewhere(core) else None


def _make(text: str, start: int, town: str, village: str) -> Place:
    home = load_districts().get(village, "")
    return Place(text, start, start + len(text), town or home, village, is_known=bool(town or home))


def _strip_county(core: str) -> str:
    """What follows the county's own name, also if that is misspelt: 青河县柳河镇."""
    county = get_county()
    if any(core.startswith(name) for name in load_districts()):
        return core
    found = re.match(f"(?:[\u4e00-\u9fff]{{2,3}}[省市])?([\u4e00-\u9fff]{{2}}){county[-1]}?(?=[^镇乡村])", core)
    return core[found.end() :] if found and sounds_like(found[1], county[:-1]) else core


def _match_town(text: str) -> tuple[str, int]:
    """The town that a text begins with and how many characters name it."""
    for town in list_towns():
        if text.startswith(town):
            middle = _IN_THE_MIDDLE.match(text, len(town))
            return town, middle.end() if middle else len(town)
        after = text[len(town) - 1 :]
        if text.startswith(town[:-1]) and (_IN_THE_MIDDLE.fullmatch(after) or _match_village(after)):
            return town, len(text) if _IN_THE_MIDDLE.fullmatch(after) else len(town) - 1
    similar = find_similar(text[:3]) if text[2:3] in ("镇", "乡") else None
    return (similar, 3) if similar in list_towns() else ("", 0)


def _match_village(text: str) -> str:
    """The bank's village that a text names, also by its short name or misspelt; "" if none."""
    name = text if text in load_districts() else list_short_names().get(text) or find_similar(text) or ""
    return "" if name in list_towns() else name


def _read_pinyin(core: str) -> tuple[str, str] | None:
    """Town and village of liuhezhen wangjiacun."""
    letters = re.sub("[^a-z]", "", core)
    spellings = list_spellings()
    for length in range(len(letters), 3, -1):
        first, rest = spellings.get(letters[:length]), letters[length:]
        if first in list_towns() and (not rest or rest in spellings):
            return first or "", spellings.get(rest, "")
        if first and not rest:
            return "", first
    return None


def _measure_elsewhere(before: str) -> int:
    """How many characters before a name are another county or province: 吉林柳河镇."""
    return max((length for length in range(2, min(len(before), 8) + 1) if is_elsewhere(before[-length:])), default=0)
