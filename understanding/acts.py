"""Reads what a message does as a whole (acts.yml): agrees, cancels, asks for a human; nothing on a word within it."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

from understanding.word_rules import WordRule, expand, fill_in, read_rule, read_words

_FILE = Path(__file__).with_name("acts.yml")
_SEPARATORS = re.compile(r"[\s,，。.!！;；:：、~…\"'“”()（）]+|(?<=[\u4e00-\u9fff])(?=[👍👌🙏✅❌👎🌹🤝])")
# Longer messages do more than one of these things.
_LENGTH_MAX = 60
# What these say is said by another one as well.
_IMPLIED = {"submit": "yes", "none": "no", "some": "yes"}
_CONTINUED = ("continue_quota", "continue_application", "continue_calculation")
# Said beside anything, and changes nothing.
_BESIDES = frozenset({"thank", "greet", "yes", "goodbye"})
# 我女儿来了 先不弄了: one clause that only tells why may come before these.
_EXPLAINED = frozenset(
    (
        *(
            "cancel",
            "withdraw",
            "cancel_call",
            "wait",
            "think",
            "human",
            "restart",
            "back",
            "goodbye",
            "repeat",
            "skip",
        ),
        *("not_apply", "not_human", "return_to_bot", "continue", *_CONTINUED),
    )
)
_REASON_LENGTH_MAX = 12
# 可以是可以, 行倒是行: a but follows, said or not.
_CONCEDES = re.compile("(?!是)(.{1,3})(?:是|倒是|归|也是)\\1")
# Nothing but sounds may stand beside these: 我老婆同意 is no yes.
_STRICT = frozenset({"yes", "submit", "no", "none", "some"})
# 算了 lets go of a form or of the wait for a human alike.
_LETTING_GO = frozenset({"cancel", "return_to_bot"})


class _Act(NamedTuple):
    """What a clause that does an act must match as a whole, or consist of; and what it must not match."""

    expression: re.Pattern[str]
    rules: tuple[WordRule, ...]
    unless: re.Pattern[str]

    def is_done_by(self, clause: str) -> bool:
        is_like_it = self.expression.fullmatch(clause) or any(rule.is_followed_by(clause) for rule in self.rules)
        return bool(is_like_it) and not self.unless.fullmatch(clause)


def find_acts(plain: str, spans: Sequence[tuple[int, int]] = ()) -> tuple[tuple[str, ...], str]:
    """What a normalised message does as a whole, and the rest that no act, filler or span explains.

    `spans` are parts that were understood as facts. With facts beside it a yes must be a clause of its own.
    """
    acts, rest = _read(plain, spans)
    first = _SEPARATORS.search(plain, 1) if rest and not spans else None
    if first and len(before := plain[: first.start()]) <= _REASON_LENGTH_MAX:
        explained, _ = _read(plain[first.end() :], ())
        # What is withdrawn is asked back anyway: 我儿子给我打钱了 把申请退了.
        if _EXPLAINED.intersection(explained) and (_is_reason(before) or "withdraw" in explained):
            return tuple(act for act in explained if act in _EXPLAINED), ""
    return acts, rest


def _read(plain: str, spans: Sequence[tuple[int, int]]) -> tuple[tuple[str, ...], str]:
    done: list[frozenset[str]] = []
    rest: list[str] = []
    for clause, is_beside_fact in _split(plain, spans):
        acts = _match(clause) if not is_beside_fact else frozenset()
        if acts:
            done.append(acts)
        elif not _is_filler(clause):
            rest.append(clause)
    left = "".join(rest)
    if left or not done:
        return (), left
    return _settle(done), ""


def _split(plain: str, spans: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The clauses without the facts, and whether each touched one."""
    marked = list(plain[:2_000])
    for start, end in spans:
        marked[start:end] = "\0" * (end - start)
    text = "".join(marked)
    whole = _match(text.strip()) if not spans and len(text) <= _LENGTH_MAX else frozenset()
    if whole:
        return [(text.strip(), False)]
    pieces = [piece for piece in _SEPARATORS.split(text) if piece]
    return [(piece.replace("\0", ""), "\0" in piece) for piece in pieces if piece.replace("\0", "")]


def _settle(done: Sequence[frozenset[str]]) -> tuple[str, ...]:
    """The acts of all clauses together; what they contradict each other in is none."""
    if (told := frozenset.union(*done)) <= _LETTING_GO:
        return _imply(told)  # 算了，不等了: of what, the situation says
    common = frozenset.intersection(*done)
    if common:
        return _imply(common)
    # 算了，不要人工了: only that they let go of something.
    named = [acts for acts in done if not acts >= _LETTING_GO]
    grave = [acts for acts in named or done if not acts & _BESIDES]
    if not grave:
        return _imply(done[-1] if not {"yes", "no"} <= frozenset.union(*done) else frozenset())
    shared = frozenset.intersection(*grave)
    if shared:
        return _imply(shared)
    if all(acts & {"yes", "no", "none", "some"} for acts in done):
        return ()
    if any("not_cancel" in acts for acts in grave):
        return ("not_cancel",)  # 别取消 我还要办: nothing is begun by it
    # 取消 算了还是继续吧: what is said last counts.
    return _imply(grave[-1])


def _imply(acts: frozenset[str]) -> tuple[str, ...]:
    implied = {_IMPLIED[act] for act in acts if act in _IMPLIED}
    if acts & set(_CONTINUED):
        implied.add("continue")
    return tuple(sorted(acts | implied))


@cache
def _load() -> tuple[WordRule, re.Pattern[str], dict[str, _Act]]:
    """What is a filler, what is in no reason, and each act."""
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    words = read_words(content["words"])
    near = {True: (words["sounds"], words["particles"])}
    near[False] = (f"{words['sounds']}|{words['before']}", f"{words['particles']}|{words['behind']}")
    joined = {
        name: "|".join(fill_in(each, words) for each in listed if isinstance(each, str)) or "(?!)"
        for name, listed in content["acts"].items()
    }
    behind = _join(near[True][1])
    joined["yes"] = f"(?:(?:{joined['yes']}) ?{behind}{{0,1}}){{1,3}}"  # 同意同意, 是的没错
    # 可以了提交: said in one breath.
    joined["submit"] = f"(?:(?:{joined['yes']}) ?{behind}{{0,2}})?(?:{joined['submit']})"
    acts = {}
    for name, listed in content["acts"].items():
        fillers = near[name in _STRICT]
        before, behind = map(_join, fillers)
        others = [each for each in listed if not isinstance(each, str)]
        unless = "|".join(fill_in(each["unless"], words) for each in others if "unless" in each)
        acts[name] = _Act(
            re.compile(f"{before}{{0,4}}(?:{joined[name]}) ?{behind}{{0,4}}"),
            tuple(read_rule(each, words, fillers) for each in others if "all" in each),
            re.compile(unless or "(?!)"),
        )
    return read_rule({"all": []}, words, near[False]), re.compile(content["never_in_reasons"]), acts


def _join(listed: str) -> str:
    """A regular expression for one of the words, the longest first."""
    return f"(?:(?:{'|'.join(sorted(expand(listed), key=len, reverse=True))}) ?)"


@lru_cache(maxsize=4096)
def _match(clause: str) -> frozenset[str]:
    if not clause or len(clause) > _LENGTH_MAX or (clause.endswith(("?", "？")) and len(clause) < 2):
        return frozenset()
    said = clause.rstrip("?？")
    is_question = said != clause
    *_, acts = _load()
    found = frozenset(name for name, act in acts.items() if act.is_done_by(said))
    is_doubtful = is_question or _CONCEDES.search(said)
    return found - {"yes", "submit", "some"} if is_doubtful else found


def _is_filler(clause: str) -> bool:
    filler, *_ = _load()
    return filler.is_followed_by(clause)


def _is_reason(clause: str) -> bool:
    _, never, _ = _load()
    return not never.search(clause)
