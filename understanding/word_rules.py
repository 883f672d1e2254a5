"""Rules of words: a text follows one if it is made of the rule's words and pauses, in any order, with all it needs."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

PAUSES = frozenset(" ,，。.!！;；:：、~…'\"")


class WordRule(NamedTuple):
    """Words with the bits of the lists that hold them, how long those with the same first character are, all bits."""

    words: Mapping[str, int]
    lengths: Mapping[str, tuple[int, ...]]
    needed: int

    def is_followed_by(self, text: str) -> bool:
        """Whether the text is made of its words and pauses, with all that it needs; in linear time."""
        reached: list[set[int]] = [{0}, *(set() for _ in text)]
        for place, character in enumerate(text):
            found = reached[place]
            if not found:
                continue
            if character in PAUSES:
                reached[place + 1] |= found
            for length in self.lengths.get(character, ()):
                end = place + length
                bits = self.words.get(text[place:end]) if end <= len(text) else None
                if bits is not None:
                    reached[end] |= {before | bits for before in found}
        return self.needed in reached[-1]


def read_words(lists: Mapping[str, str]) -> dict[str, str]:
    """The lists of words by name, each with those that it names in braces."""
    words: dict[str, str] = {}
    for name, listed in lists.items():
        words[name] = fill_in(listed, words)
    return words


def read_rule(listed: Mapping[str, Any], words: Mapping[str, str], fillers: Sequence[str] = ()) -> WordRule:
    """A rule {all: [...], with: [...]}: lists by name, or words that stand there themselves."""
    bits: dict[str, int] = {}
    needed = listed["all"]
    for number, name in enumerate((*needed, *listed.get("with", ()), *fillers)):
        bit = 1 << number if number < len(needed) else 0
        for word in expand(words[name] if re.fullmatch("[a-z_]+", name) else fill_in(name, words)):
            bits[word] = bits.get(word, 0) | bit
    lengths: dict[str, set[int]] = {}
    for word in bits:
        lengths.setdefault(word[0], set()).add(len(word))
    return WordRule(bits, {first: tuple(found) for first, found in lengths.items()}, (1 << len(needed)) - 1)


def fill_in(expression: str, words: Mapping[str, str]) -> str:
    """The regular expression with word lists for their names in braces; `_` is a space."""
    return re.sub(r"\{([a-z_]+)\}", lambda name: f"(?:{words[name[1]]})", expression).replace("_", " ?")


def expand(listed: str) -> list[str]:
    """All words of a list: 不(?:办|弄)了?|算了 means 不办, 不办了, 不弄, 不弄了 and 算了."""
    ended: list[list[str]] = [[]]
    open_: list[list[str]] = [[""]]
    for part in re.findall(r"\(\?:|[^()|]\??|\)\??|\|", listed):
        if part == "(?:":
            ended.append([])
            open_.append([""])
        elif part == "|":
            ended[-1] += open_[-1]
            open_[-1] = [""]
        else:
            pieces = [part[0]] if part[0] != ")" else ended.pop() + open_.pop()
            pieces += [""] * part.endswith("?")
            open_[-1] = [begun + piece for begun in open_[-1] for piece in pieces]
    return ended[0] + open_[0]
