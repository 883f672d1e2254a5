"""Reads one message once: all that it says by itself."""

import re
from collections.abc import Sequence
from decimal import Decimal

from forms.catalogue import Kind
from kit.identity_numbers import is_identity_number
from kit.masking import find_personal_numbers
from understanding.acts import find_acts
from understanding.danger import find_danger
from understanding.edits import CORRECTS, find_edits, find_named
from understanding.language import find_language
from understanding.leaked_secrets import MASK, mask_secrets
from understanding.normalise import normalise
from understanding.rates import find_method, find_rate
from understanding.schemas import Fact, Reading
from understanding.stated import find_all_facts

_QUESTION = re.compile(
    r"[?？]|吗|么$|(?<!没有)呢$|((?!不)[\u4e00-\u9fff])不\1|怎么|咋|多少|哪|谁|为什么|为啥|凭啥|啥|什么|几[时点个号]|能不能|可不可以|行不行|是不是|有没有|要不要|会不会"
    r"|多久|几多|好多(?:钱|$)|好久$|[^不]不$|没$|^(?:what|how|when|where|which|who|why|can|do|does|is|are|will)\b"
)
# 怎么没有, 谁不欠钱啊, 不欠才怪: a no that means a yes, which is asked again.
_MEANS_OPPOSITE = re.compile(
    "(?:怎么|咋|谁|哪能|哪会|岂)(?:会|能|可能|又)?(?:没|不(?!知|晓|清))|[不没][^,，。]{1,4}才怪"
)
_CLAUSE_END = re.compile(r"[\s,，。;；!！]+")
_APPLICATION_NUMBER = re.compile(r"qh-?\d{4,}[-a-z0-9]{0,12}")


def read_message(text: str, asked: Kind | None = None) -> Reading:
    """The reading of a text; `asked` is the kind of the question that it may answer."""
    plain = normalise(text)
    facts = find_all_facts(plain, asked)
    acts, rest = find_acts(plain)
    if not acts:  # 1 is an option, and may be a number as well
        acts, rest = find_acts(plain, [(fact.start, fact.end) for fact in facts])
    if _MEANS_OPPOSITE.search(plain):
        facts = [fact for fact in facts if fact.kind != "none"]
        acts = tuple(act for act in acts if act not in ("none", "no"))
    # 改土地 is a use of money only where that is asked.
    may_edit = not facts or (asked != "purpose" and all(fact.kind == "purpose" for fact in facts))
    edits = find_edits(plain) if may_edit else ()
    facts = [] if edits else facts
    is_correction = bool(CORRECTS.search(plain))
    number = _APPLICATION_NUMBER.search(plain)
    return Reading(
        text=text,
        plain=plain,
        language=find_language(plain, facts),
        acts=acts,
        mentions=_find_mentions(plain, facts),
        facts=tuple(facts),
        rest=rest,
        is_question=bool(_QUESTION.search(plain)),
        is_correction=is_correction,
        named=find_named(plain) if is_correction else (),
        edits=edits,
        danger=find_danger(plain),
        secret=mask_secrets(text)[1] or ("masked" if MASK in text else ""),
        tells_identity=any(is_identity_number(each.number) for each in find_personal_numbers(text)),
        application_number=number[0].upper() if number else "",
        rate=_write(find_rate(plain)),
        method=find_method(plain) or "",
    )


def _find_mentions(plain: str, facts: Sequence[Fact]) -> tuple[str, ...]:
    """The acts that a message ends or begins with beside its facts: 我有30亩地能贷多少."""
    if not facts:
        return ()
    last, before = max(fact.end for fact in facts), plain[: facts[0].start]
    # 没，想起来了，还欠信用社3万: the first clause answers.
    first = find_acts(before)[0] or find_acts(_CLAUSE_END.split(before)[0])[0]
    return tuple(dict.fromkeys((*find_acts(plain[last:])[0], *first)))


def _write(rate: Decimal | None) -> str:
    return "" if rate is None else f"{rate.normalize():f}"
