"""Splits a message into clauses, within which words name values: at punctuation, spaces, 然后, 另外, 但是."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from understanding.schemas import Fact

Joint = Literal["stop", "comma", "space", "word"]

_JOINT = re.compile(
    r"(?P<stop>[。!?;！？；…\n]+|\.(?= |$))"
    r"|(?P<comma>[ \t]*[,，、][,，、 \t]*)"
    r"|(?P<word>[ \t]*(?:然后|另外|另有|还有(?!过)|而且|但是|但(?!凡)|不过|以及|同时|再就是|再一个|此外|除此之外|"
    r"其余|其中|再加上?|外加|加上|"
    r"剩下的|(?<![a-z])(?:and|but|plus|also)(?![a-z])))"
    r"|(?P<space>[ \t]+)"
)
# 我的流水呢，大概5万: what may stand between a word that names a value and a pause, and then before the value.
_FADING = re.compile(
    "(?:其实|实际|呢|嘛|么|啊|呀|的话|话|额|这一?块|方面|上|都?是|有|大概|大约|差不多|一共|总共|现在|目前|点|款|钱|"
    "个|的|得|也就那样|也|不[高多少低稳固]定?|还[可行]以?|一般|可以|凑合|马马虎虎|没多少|"
    "[一两二三四五六几0-9]+[台辆架部]|剩?不多了?|那[项个块里]|[多少]写了?一?个?[零0]|这[项个块]|亩数|数目?|我|刚才|"
    "之前|想|:| |"
    "(?:写|报|算|填|说|弄|打|输|搞|整)?(?:多|少|错|高|低|反|短|长|岔)了|不对|再?(?:改|拉|弄)?(?:长|短|多|少|高|"
    "低)一?点)*+"
)
_STARTING = re.compile(
    "(?:其实|实际|应该|应|为|改成|改为|改|换成|再加|再多|再|加|减|大概|大约|差不多|也就|就|一共|总共|合计|是|有|"
    "还有|还|能有|现在|目前|每年|一年|每个?月|一个月|一天|每天|快|约|不到|近|将近|:| )*+"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """text[start:end], the values in it, and what parts it from the clause before."""

    start: int
    end: int
    joint: Joint
    values: tuple[Fact, ...] = ()


def split_clauses(text: str, values: Sequence[Fact], name_ends: Collection[int]) -> list[Clause]:
    """The clauses of a normalised text that hold values, and those between, from left to right; no value is split.

    `name_ends`: where words end that name values. Such a word goes with the value after the next pause: 收入，8万.
    """
    clauses: list[Clause] = []
    for start, end, joint in _cut(text, values):
        inside = tuple(value for value in values if start <= value.start < end)
        before = clauses[-1] if clauses else None
        is_named_before = (
            before is not None
            and not before.values
            and joint != "stop"
            and inside
            and _STARTING.fullmatch(text, start, inside[0].start)
            and any(before.start < e <= before.end and _FADING.fullmatch(text, e, before.end) for e in name_ends)
        )
        if before and not inside and joint == "space" and _STARTING.fullmatch(text, start, end):
            clauses[-1] = Clause(before.start, end, before.joint, before.values)
        elif before and is_named_before:
            clauses[-1] = Clause(before.start, end, before.joint, inside)
        else:
            clauses.append(Clause(start, end, joint, inside))
    return clauses


def _cut(text: str, values: Sequence[Fact]) -> list[tuple[int, int, Joint]]:
    inside = {place for value in values for place in range(value.start, value.end)}
    pieces: list[tuple[int, int, Joint]] = []
    start = 0
    joint: Joint = "stop"
    for match in _JOINT.finditer(text):
        kind = cast(Joint, match.lastgroup)  # the names of its groups
        if match.start() in inside or match.end() - 1 in inside or (kind == "space" and _is_in_english(text, match)):
            continue
        if start < match.start():
            pieces.append((start, match.start(), joint))
            joint = kind
        elif kind == "stop":
            joint = kind
        # A word that joins is a part of what follows.
        start = match.end() if kind != "word" else match.start() + len(match.group()) - len(match.group().lstrip())
    if start < len(text):
        pieces.append((start, len(text), joint))
    return pieces


def _is_in_english(text: str, space: re.Match[str]) -> bool:
    before, after = text[max(space.start() - 1, 0) : space.start()], text[space.end() : space.end() + 1]
    return before.isascii() and after.isascii() and (before.isalpha() or after.isalpha())
