"""Finds the product that a customer names, or that their trade suggests, with the words of products.yml."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from products.catalogue import list_products
from understanding.pinyin import sounds_like

_FILE = Path(__file__).with_name("products.yml")
_FARMER, _TRADER, _FIRM = "农户贷", "商户贷", "小微企业贷"
_CHANGED = re.compile("^[^。]*?[改换](?:成|为|到)?(?=[^,。]{0,2}(?:农户|商户|小微|企业))")  # 农户贷改商户贷
_SPELT_BY_EAR = (_FARMER, _TRADER)
_LOAN = "贷代带待袋"
# 我是开|店|的
_BEFORE_TRADE = "我俺咱家是个做搞干开就在也主要"
_BEHIND_TRADE = "的地了人户生意"


class Product(NamedTuple):
    """A product's name, whether it was named outright or guessed from the trade, and the words that say so."""

    name: str
    is_named: bool
    start: int
    end: int


def find_product(plain: str) -> Product | None:
    """The product that a normalised message names, or else the trade suggests: 种地的 -> 农户贷.

    None where none or more than one fits.
    """
    # Of the same length, so that places stay.
    affirmed = _compile_denied().sub(lambda denied: "," * len(denied[0]), plain)
    affirmed = _CHANGED.sub(lambda former: "," * len(former[0]), affirmed)
    if added := _find_added(affirmed):
        return Product(added, True, start := affirmed.find(added), start + len(added))
    names = {name for name, words in _compile("names").items() if words.search(affirmed)} | _find_by_ear(affirmed)
    if names:
        return _locate(affirmed, names.pop(), is_named=True) if len(names) == 1 else None
    trade = _find_trade(affirmed)
    return _locate(affirmed, trade, is_named=False) if trade else None


def list_names(text: str) -> list[tuple[str, int, int]]:
    """The products that a text of the bank's names, in Chinese or English, each with its place."""
    plain = text.lower()
    found = {
        (match.start(), match.end()): name
        for name, words in _compile("names").items()
        for match in words.finditer(plain)
    }
    for product in list_products():
        found |= {(m.start(), m.end()): product.name for m in re.finditer(re.escape(product.name), text)}
    return [(name, start, end) for (start, end), name in sorted(found.items())]


def names_trade(plain: str) -> bool:
    """Whether a normalised message names a trade, be it one that suggests a product or several."""
    return any(words.search(plain) for words in _compile("trades").values())


def _find_added(text: str) -> str | None:
    """The name of a product that staff added to the catalogue, if it stands there as it is; the longest of several."""
    known = _compile("names")
    said = [product.name for product in list_products() if product.name not in known and product.name in text]
    return max(said, key=len, default=None)


def _locate(text: str, name: str, *, is_named: bool) -> Product:
    found = _compile("names" if is_named else "trades")[name].search(text)
    start, end = found.span() if found else (0, 0)
    if not is_named:
        start = len(text[:start].rstrip(_BEFORE_TRADE))
        end = len(text) - len(text[end:].lstrip(_BEHIND_TRADE))
    return Product(name, is_named, start, end)


def _find_trade(text: str) -> str | None:
    found = {name: list(words.finditer(text)) for name, words in _compile("trades").items()}
    if found[_FIRM]:
        return _FIRM
    if found[_TRADER] and found[_FARMER]:
        if re.search(_load()["grown"], text):
            return _FARMER
        main = [name for name in (_TRADER, _FARMER) if not all(_is_beside(text, match) for match in found[name])]
        return main[0] if len(main) == 1 else None
    return next((name for name, matches in found.items() if matches), None)


def _is_beside(text: str, match: re.Match[str]) -> bool:
    return bool(re.search(_load()["beside"], text[: match.start()]))


def _find_by_ear(text: str) -> set[str]:
    """Names of three characters that only sound right: 弄户带."""
    windows = (text[start : start + 3] for start in range(len(text) - 2))
    return {
        name
        for window in windows
        if window[2] in _LOAN
        for name in _SPELT_BY_EAR
        if any(mine == right for mine, right in zip(window[:2], name, strict=False))
        and sounds_like(window[:2], name[:2])
    }


@cache
def _compile(key: str) -> Mapping[str, re.Pattern[str]]:
    content = _load()
    return {
        name: re.compile("|".join(words).replace("{loan}", content["loan"])) for name, words in content[key].items()
    }


@cache
def _compile_denied() -> re.Pattern[str]:
    return re.compile("|".join(_load()["denied"]))


@cache
def _load() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return content
