"""Hostile inputs: mutations of real ones, and what has broken parsers before."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

RARE = 400  # one input in so many is a megabyte long
MEGABYTE = 1_000_000
STRANGE = (
    *("\x00", "\x0b", "\x1b[31m", "\x7f", "\u200b", "\u200d", "\u202e", "\u2066", "\ufeff", "\ufffe", "\U0010ffff"),
    *(
        "\ud800",
        "\udfff",
        "e\u0301\u0302\u0303",
        "ﷺ",
        "👨‍👩‍👧‍👦",
        "𝟙𝟛𝟠",
        "１３８",
        "①",
        "Ⅻ",
        "½",
        "²",
        "٣",
        "७",
        "〇",
        "壹",
    ),
    *("%00", "%s%n", "../", "${jndi:}", "{{7*7}}", "{0}", "]]>", "<![CDATA[", "&amp;", "<!DOCTYPE a>", "\\u0000", "\\"),
    *("'", '"', "`", ";--", "[[", "]]", "[[encrypted:", "/", "\r\n", "\n", "\t", "NaN", "Infinity", "-0", "1e999"),
    *(
        "9" * 30,
        "9" * 400,
        "-1",
        "0.1",
        "万亿",
        "亿亿亿",
        "点",
        "负",
        "半",
        "一",
        "来",
        "多",
        "几",
        "第",
        "百分之",
        "年",
        "月",
    ),
)
REPEATED = (
    "1",
    " ",
    "a",
    "一",
    "零",
    "万",
    "\n",
    "-",
    "1 ",
    "1-",
    "a1",
    "，",
    "的",
    "不",
    "(",
    "<a>",
    "[",
    "没有",
    "138",
    "=",
)
NUMBERS = (0, -1, 2**31, 2**63, -(2**63), 2**64, 10**400, 0.1, 1e308, float("nan"), float("inf"), True, None)


class Inputs:
    """Draws inputs; the same dice give the same ones."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice

    def text(self, seeds: Sequence[str], length_max: int = MEGABYTE) -> str:
        """A text near one of the seeds, or near nothing."""
        dice = self.dice
        if length_max >= MEGABYTE and dice.randrange(RARE) == 0:
            part = dice.choice((*REPEATED, dice.choice(seeds)))
            return (part * (MEGABYTE // max(1, len(part))))[:MEGABYTE]
        text = dice.choice(seeds) if dice.random() < 0.9 else self.noise()
        for _ in range(dice.randrange(4)):
            at = dice.randint(0, len(text))
            match dice.randrange(6):
                case 0:
                    text = text[:at] + dice.choice(STRANGE) + text[at:]
                case 1:
                    text = text[:at] + text[min(len(text), at + dice.randint(1, 9)) :]
                case 2:
                    text = text[:at] + dice.choice(seeds)[: dice.randrange(30)] + text[at:]
                case 3:
                    text = text[:at] + dice.choice(REPEATED) * dice.choice((2, 20, 300)) + text[at:]
                case 4:
                    text = text[at:] + text[:at]
                case _:
                    text = text[:at] + self.noise() + text[at:]
        return text[:length_max]

    def noise(self) -> str:
        """A few characters of any script, lone halves of surrogate pairs too."""
        tops = (0x7F, 0x7F, 0xFF, 0x9FFF, 0xFFFF, 0x10FFFF)
        return "".join(chr(self.dice.randrange(self.dice.choice(tops))) for _ in range(self.dice.randrange(12)))

    def data(self, seeds: Sequence[bytes]) -> bytes:
        """Bytes near one of the seeds: cut, flipped, doubled, or with a strange text in them."""
        dice = self.dice
        if dice.random() < 0.4:
            return self.text([seed.decode(errors="replace") for seed in seeds]).encode(errors="surrogatepass")
        data = bytearray(dice.choice(seeds))
        for _ in range(dice.randrange(1, 5)):
            at = dice.randint(0, len(data))
            match dice.randrange(4):
                case 0:
                    data[at:at] = dice.choice(STRANGE).encode(errors="surrogatepass")
                case 1:
                    del data[at : at + dice.randint(1, 30)]
                case 2 if at < len(data):
                    data[at] = dice.randrange(256)
                case _:
                    data[at:at] = data[: dice.randint(0, 60)]
        return bytes(data)

    def json(self, seeds: Sequence[Any], texts: Sequence[str] = ("你好",)) -> Any:
        """A JSON value near one of the seeds: fields replaced, removed, added or nested."""
        value = json.loads(json.dumps(self.dice.choice(seeds)))
        for _ in range(self.dice.randint(1, 3)):
            value = self._mutate(value, texts)
        return value

    def dump(self, value: Any) -> bytes:
        """The JSON of a value, now and then malformed or endlessly nested."""
        if self.dice.randrange(50) == 0:
            depth = self.dice.choice((100, 5000, 100_000))
            return self.dice.choice((b"[", b'{"a":')) * depth + b"]" * self.dice.choice((0, depth))
        encoded = json.dumps(value, ensure_ascii=self.dice.random() < 0.7).encode(errors="surrogatepass")
        return self.data([encoded]) if self.dice.random() < 0.2 else encoded

    def value(self, texts: Sequence[str]) -> Any:
        """Any JSON value."""
        dice = self.dice
        nested: Any = dice.choice(NUMBERS)
        for _ in range(dice.choice((0, 1, 3, 60))):
            nested = [nested] if dice.random() < 0.5 else {dice.choice(("id", "text", "")): nested}
        return dice.choice((nested, dice.choice(NUMBERS), self.text(texts, 2000), "", [], {}))

    def _mutate(self, value: Any, texts: Sequence[str]) -> Any:
        dice = self.dice
        if not value or not isinstance(value, dict | list) or dice.random() < 0.15:
            return self.value(texts)
        if isinstance(value, list):
            at = dice.randrange(len(value))
            if dice.randrange(8) == 0:
                return value[:20] * 50
            return [*value[:at], self._mutate(value[at], texts), *value[at + 1 :]]
        key = dice.choice(list(value))
        match dice.randrange(4):
            case 0:
                return {name: each for name, each in value.items() if name != key}
            case 1:
                return value | {self.text([key], 100): self.value(texts)}
            case _:
                return value | {key: self._mutate(value[key], texts)}
