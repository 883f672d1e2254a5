"""The bank's towns and villages, and places elsewhere, read from districts.yml."""

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from understanding.pinyin import read_merged_sounds, sounds_like, spell

_FILE = Path(__file__).with_name("districts.yml")
# Without its ending such a village is an ordinary word.
_ORDINARY = frozenset(("平安", "和睦", "渡口", "梨花"))
# Characters that look like one in a name of ours, for a slip of the eye or the finger, and that one.
_LOOKS = str.maketrans(
    "大犬右玉主季杏材付树清弯搭娇侨河可注评披保占冈构豪压百自又",
    "太太石王王李李村村村青湾塔桥桥何何洼坪坡堡店岗沟家庄白白双",
)


@cache
def load_districts() -> Mapping[str, str]:
    """The town of each town (itself) and of each village, by the full name."""
    towns: dict[str, list[str]] = _load()["towns"]
    return MappingProxyType({name: town for town, villages in towns.items() for name in (town, *villages)})


@cache
def list_towns() -> tuple[str, ...]:
    """The towns with their endings."""
    return tuple(_load()["towns"])


def get_county() -> str:
    """The county's name with its ending."""
    return str(_load()["county"])


def get_county_code() -> str:
    """The first six digits of the identity numbers of the county's people."""
    return str(_load()["county_code"])


@cache
def list_outside() -> frozenset[str]:
    """Provinces, cities and counties elsewhere, without endings."""
    return frozenset(name for province, cities in _load()["outside"].items() for name in (province, *cities))


@cache
def list_short_names() -> dict[str, str]:
    """What is said for a full name: 白塔 and 白塔镇 for the town, 五里铺 for a village."""
    towns = {town[:-1] + ending: town for town in list_towns() for ending in ("", "镇", "乡")}
    villages = {name.removesuffix("村"): name for name, town in load_districts().items() if name != town}
    return {stem: name for stem, name in (villages | towns).items() if stem not in _ORDINARY}


@cache
def list_spellings() -> Mapping[str, str]:
    """Full and short names by their pinyin."""
    names = {spell(short): name for short, name in list_short_names().items()}
    return MappingProxyType(names | {spell(name): name for name in load_districts()})


@cache
def _list_names() -> Mapping[str, str]:
    """Full names, by themselves and by their short names."""
    return MappingProxyType({**list_short_names(), **{name: name for name in load_districts()}})


def find_similar(text: str) -> str | None:
    """The one town or village that a misspelt name of three characters and more means, by sound or look."""
    if not 3 <= len(text) <= 6:
        return None
    near = [
        (name, full) for name, full in _list_names().items() if len(name) == len(text) and _shares_character(text, name)
    ]
    alike = {full for name, full in near if sounds_like(text, name)} or {
        full for name, full in near if _is_slip(text, name)
    }
    return alike.pop() if len(alike) == 1 else None


def find_unknown(names: Iterable[str]) -> list[str]:
    """The names that are neither the county's nor those of its towns and villages."""
    return [name for name in names if name != get_county() and name not in _list_names()]


def is_within(place: str, names: Collection[str]) -> bool:
    """Whether a place may lie in one of the districts: also where it, or one of these, is not known to us."""
    if not names or find_unknown(names):
        return True
    around = _find_around(place)
    return not around or any(_list_names().get(name, name) in around for name in names)


def _find_around(place: str) -> frozenset[str]:
    """The county, the town and the village of a place; none if it names no town or village of ours."""
    towns = [town for town in list_towns() if town in place]
    villages = [
        name
        for name, town in load_districts().items()
        if name in place and name != town and (not towns or town in towns)
    ]
    named = {*towns, *(load_districts()[name] for name in villages), *villages}
    return frozenset(named | {get_county()}) if named else frozenset()


def _shares_character(text: str, name: str) -> bool:
    return any(mine == yours for mine, yours in zip(text, name, strict=True))


def _is_slip(text: str, name: str) -> bool:
    """Whether one character is wrong, and close to the right one."""
    wrong = [(mine, right) for mine, right in zip(text, name, strict=True) if mine != right]
    if len(wrong) != 1:
        return False
    mine, right = wrong[0]
    looks_alike = mine.translate(_LOOKS) == right.translate(_LOOKS)
    return looks_alike or bool(read_merged_sounds(mine) & read_merged_sounds(right))


@cache
def _load() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return content
