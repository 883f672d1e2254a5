"""Judges whether a text can be what a person is called, by surname and characters: names.yml, words_like_names.yml."""

import re
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from understanding.districts import list_outside, list_short_names, load_districts
from understanding.normalise import simplify
from understanding.pinyin import is_spelling, spell

Verdict = Literal["name", "odd", "none"]

HAN = "[〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]"
_FOLDER = Path(__file__).parent
_DOTTED = re.compile(f"{HAN}{{1,8}}(?:[·.]{HAN}{{1,8}}){{1,3}}")
_LATIN = re.compile(r"[a-z][a-z'-]*\.?(?: [a-z][a-z'-]*\.?){1,3}", re.IGNORECASE)
# Words of other answers.
_ENGLISH = re.compile(
    r"\b(?:i|me|my|you|your|we|our|it|is|am|are|was|be|do|does|did|have|has|had|can|could|will|would|should|want|need|like"
    r"|know|to|of|in|on|at|for|from|with|the|a|an|and|or|not|no|yes|ok|okay|hi|hello|please|thanks?|help|how|what|when|where"
    r"|why|who|which|loans?|money|rate|interest|borrow|lend|pay|repay|farmer|shop|company|human|agent|bank|account|card|phone"
    r"|number|name|this|that|there|here|good|bad|fine|sure|later|wait|cancel|back|stop|skip|next|continue|new|buy|sell)\b",
    re.IGNORECASE,
)
# Keys struck at random.
_UNSPEAKABLE = re.compile("[bcdfghjklmnpqrstvwxz]{5}|^[^aeiouy]{4,}$")
_PINYIN_OF_WORDS = frozenset(("wo", "ni", "bu", "mei", "hao", "you", "zen", "na", "zhe", "shi", "yao", "xiang", "kehu"))
_NUMBER = re.compile("[零〇一二两三四五六七八九十百千万亿半]+")
_VERBS = frozenset("盖包付解查计管封扶展代谈揭谢任游关单连应施")
_TITLES = (
    "先生|女士|小姐|太太|夫人|老师|老板娘?|经理|师傅|大[哥姐爷妈叔婶伯]|[哥姐叔婶姨伯嫂爷总工某]|阿姨|主任|书记|[村校厂社科局处所队]长"
    "|支书|会计|医生|大夫|律师|同志|奶奶|爷爷|伯伯|叔叔|某某"
)
_LONGEST_DOTTED = 20


def judge_name(text: str) -> Verdict:
    """Whether a text may be a full name, an odd one (王先生, 安心, John Smith), or none; in any script."""
    plain = simplify(text)
    if _LATIN.fullmatch(plain):
        return "odd" if not _ENGLISH.search(plain) and _is_latin_name(plain.lower().split()) else "none"
    if _DOTTED.fullmatch(plain):
        letters = re.sub("[·.]", "", plain)
        foreign = sum(letter in _load_set("syllables") for letter in letters)
        return "name" if 3 <= len(letters) <= _LONGEST_DOTTED and foreign * 2 >= len(letters) else "none"
    if (
        not re.fullmatch(f"{HAN}+", plain)
        or _NUMBER.fullmatch(plain)
        or plain in _load_words("words")
        or _is_place(plain)
    ):
        return "none"
    if is_title(plain):
        return "odd"
    return _judge_foreign(plain) or _judge_chinese(plain)


def is_title(plain: str) -> bool:
    """Whether a text is a form of address: 王先生, 老王, 小李, 李总."""
    titled = re.fullmatch(f"({HAN}{{1,2}}?)(?:{_TITLES})", plain)
    if titled and split_surname(titled[1] + "某")[0] == titled[1]:
        return plain not in _load_words("words")
    return len(plain) == 2 and plain[0] in "老小阿" and plain[1] in _load_set("common")


def strip_title(plain: str) -> str:
    """A full name without the form of address after it: 王秀英女士."""
    titled = None if is_title(plain) else re.fullmatch(f"({HAN}{{2,4}})(?:{_TITLES})", plain)
    return titled[1] if titled and judge_name(titled[1]) == "name" else plain


def split_surname(plain: str) -> tuple[str, str]:
    """Surname and given name; an empty surname if it begins with none."""
    if plain[:2] in _load_words("compound") and len(plain) > 2:
        return plain[:2], plain[2:]
    is_surname = any(plain[:1] in _load_set(kind) for kind in ("common", "wordy", "rare")) if plain else False
    return (plain[:1], plain[1:]) if is_surname else ("", plain)


def is_possible(plain: str) -> bool:
    """Whether nothing speaks against a name of two to four characters that was introduced as one."""
    is_word = plain in _load_words("words") or _is_place(plain)
    return bool(re.fullmatch(f"{HAN}{{2,4}}", plain)) and not is_word and not any(map(_is_never_in_names, plain))


def is_given_name(plain: str) -> bool:
    """Whether one or two characters look like a given name: 秀梅."""
    if _NUMBER.fullmatch(plain):
        return False
    return 1 <= len(plain) <= 2 and plain not in _load_words("words") and all(map(_is_for_names, plain))


def _judge_chinese(plain: str) -> Verdict:
    surname, given = split_surname(plain)
    if len(plain) == 4 and len(surname) == 1 and plain[1] in _load_set("common") and surname in _load_set("common"):
        return "odd" if is_given_name(plain[2:]) else "none"  # of two surnames
    if not surname or not 1 <= len(given) <= 2 or any(map(_is_never_in_names, given)):
        return "none"
    if plain in _load_words("doubtful") or plain in _load_words("compound"):
        return "odd"
    others = sum(not _is_for_names(character) for character in given)
    is_common = len(surname) == 2 or surname in _load_set("common")
    if len(surname) == 1 and len(plain) == 3 and plain[:2] in _load_words("words"):
        return "none" if others else "odd"
    # One everyday character makes a name with a common surname odd if it stands alone: 李来, but not 李来福.
    allowed = len(given) - 1 if is_common else 0
    if others <= allowed:
        return "name"
    # 钱七: whoever writes so may only try the form out.
    may_be_odd = is_common or (len(given) == 2 and surname not in _VERBS) or bool(_NUMBER.fullmatch(given))
    return "odd" if others == allowed + 1 and may_be_odd else "none"


def _is_latin_name(words: list[str]) -> bool:
    """Whether words in pinyin begin or end with a surname; others may be a name."""
    if not all(map(is_spelling, words)):
        return not any(map(_UNSPEAKABLE.search, words))
    return words[0] not in _PINYIN_OF_WORDS and bool({words[0], words[-1]} & _list_spelt_surnames())


def _judge_foreign(plain: str) -> Verdict | None:
    """Names without surname: of known parts (才让多杰), or of characters that write foreign sounds."""
    if not 2 <= len(plain) <= 15:
        return None
    if _compile_foreign().fullmatch(plain):
        return "name"
    return "odd" if len(plain) >= 4 and all(character in _load_set("syllables") for character in plain) else None


def _is_place(plain: str) -> bool:
    return plain in load_districts() or plain in list_short_names() or plain in list_outside()


def _is_for_names(character: str) -> bool:
    return character in _load_set("given") or not _is_everyday(character)


def _is_never_in_names(character: str) -> bool:
    return character in _load_set("never")


def _is_everyday(character: str) -> bool:
    """Whether it is among the 3,755 most used: the first level of GB 2312."""
    code = character.encode("gb2312", errors="ignore")
    return bool(code) and code[0] <= 0xD7


@cache
def _list_spelt_surnames() -> frozenset[str]:
    return frozenset(map(spell, _load_set("common") | _load_set("wordy") | _load_words("compound")))


@cache
def _compile_foreign() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(sorted(_load_words('foreign'), key=len, reverse=True))})+")


@cache
def _load_set(key: str) -> frozenset[str]:
    return frozenset("".join(_load()[key]))


@cache
def _load_words(key: str) -> frozenset[str]:
    return frozenset(_load()[key].split())


@cache
def _load() -> dict[str, Any]:
    content: dict[str, Any] = {}
    for name in ("names.yml", "words_like_names.yml"):
        content |= yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8"))
    return content
