"""How Chinese characters sound: for place and product names that are spelt by ear."""

import json
import re
import unicodedata
from functools import cache, lru_cache
from importlib.metadata import distribution
from pathlib import Path

_FIRST, _LAST = 0x4E00, 0x9FFF
# Sounds that many dialects do not tell apart: zh and z, n and l, f and h, ing and in.
_MERGED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"), ("r", "l"))


@lru_cache(maxsize=4096)
def read_sounds(character: str) -> frozenset[str]:
    """All readings without tones, as 重 -> zhong, chong, tong; a character without any is its own."""
    return frozenset(_list_sounds(character))


@lru_cache(maxsize=4096)
def read_merged_sounds(character: str) -> frozenset[str]:
    """The readings as a speaker of a dialect may spell them: 柳 and 纽 are the same."""
    return frozenset(map(_merge, _list_sounds(character)))


def spell(text: str) -> str:
    """The first reading of each character, joined: 柳河镇 -> liuhezhen."""
    return "".join(_list_sounds(character)[0] for character in text)


def is_spelling(letters: str) -> bool:
    """Whether letters are the pinyin of some characters: liuhe, but not john."""
    return bool(_compile_spellings().fullmatch(letters))


def sounds_like(text: str, other: str) -> bool:
    """Whether two texts have the same sounds, character by character."""
    return len(text) == len(other) and all(
        mine == yours or read_sounds(mine) & read_sounds(yours) for mine, yours in zip(text, other, strict=True)
    )


def _list_sounds(character: str) -> list[str]:
    letters = unicodedata.normalize("NFD", _load_readings().get(ord(character), character)).replace("u\u0308", "v")
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).split(",")


def _merge(sound: str) -> str:
    for begins, merged in _MERGED:
        if sound.startswith(begins):
            sound = merged + sound[len(begins) :]
            break
    return sound[:-1] if sound.endswith("ng") else sound


@cache
def _compile_spellings() -> re.Pattern[str]:
    syllables = {sound for code in _load_readings() for sound in _list_sounds(chr(code)) if sound.isascii()}
    return re.compile(f"(?:{'|'.join(sorted(syllables, key=len, reverse=True))})+")


@cache
def _load_readings() -> dict[int, str]:
    """Readings with tones, separated by commas."""
    # Only the file: importing the package would load 58 MB of phrases.
    path = Path(str(distribution("pypinyin").locate_file("pypinyin/pinyin_dict.json")))
    entries = json.loads(path.read_text(encoding="utf-8"))
    return {int(code): sounds for code, sounds in entries.items() if _FIRST <= int(code) <= _LAST}
