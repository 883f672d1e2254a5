"""Reads what a message says of overdue loans: none, some now, or what only hints at either."""

import re
from typing import Literal

from understanding.schemas import Fact

_TOPIC = re.compile(
    "逾|拖|晚|迟|忘|断|征信|信用|信誉|不良|坏账|污点|按时|准时|按期|黑名单|赖|overdue|late|default|credit"
)
_NO = (
    "(?<!有)(?:没有过?|没得|没|莫得|木有|冇|无|并无|从没有?过?|从来没有?过?|从来都?没有?过?|从未有?过?|未曾?有?过?|"
    "未|不存在|不会|绝不|"
    "从不|从来不|没(?:有)?(?:出现|发生)过?)"
)
_NONE = re.compile(
    f"{_NO}(?:任何|什么|啥子?|一次|一笔|过|现在|当前|银行|信用卡|贷款|不良|的|发生|出现|和| )*逾期(?!费|利息|罚|怎|"
    f"几|多|[0-9])"
    "|逾期(?:记录|情况|贷款|啥的|什么的|这种事)?(?:都|也|倒是|是|从来|肯定|绝对|一次|一笔|目前|:| )*"
    "(?:没有过?|没得|莫得|木有|没(?=$|[ ,，。的])|无(?=$|[ ,，。])|不存在)"
    "|没有?逾过期|从?没有?拖欠过"
    "|(?:no|never|not|without any|n't (?:have|had) any)(?: been| had any)? (?:overdue|late payments?|default(?:ed|s)?)"
)
_IMPLIES_NONE = re.compile(
    "(?<!不)(?:征信|信用|信誉)(?:记录|报告|情况|方面|分|度|一直|都|很|非常|挺|蛮|也|还|是|绝对|完全|什么的|啥的|上|"
    ",| )*"
    "(?:良好|没有?(?:任何|什么|啥)?(?:问题|毛病|污点|不良)|好的(?=$|[ ,，。呢])|好着|好(?=$|[ ,，。得])|不错|优秀|"
    "清白|干净|正常|杠杠的|完美)"
    "|(?<!有)(?:没有?|无)(?:任何|什么|啥|过)*(?:不良|坏账|征信问题|信用问题|污点)(?:记录|信用)?"
    "|(?:从不|从来不|从没有?|没有?|不)(?:拖|拖欠|赖账|赖过账)(?:过|的)?(?=$|[ ,，。])"
    "|(?:一直|每个?[月期次回笔]|从来|向来|都|月月|期期|次次|年年)[^,，。没不忘]{0,6}(?:按时|准时|按期)|good credit|"
    "clean credit"
)
_SOME = re.compile(
    "(?:现在|目前|还|正|手上)?(?:(?<![没哪])有|出现)(?!没有)(?:过|了|着)?"
    "(?:一?[笔次个点些]|好?几[笔次个]|两[笔次]|贷款|信用卡|网贷|房贷|车贷|的)*逾期(?:记录|了|的|中)*"
    "|(?:正在?|在|已经|还在?|现在|目前)逾期(?:着|中|了|没还)*|逾期(?:过|了|着|中|还?没还|在)|"
    "逾期(?=[0-9一二两三四五六七八九十几])"
    "|(?<![没过])晚还?(?:了|过)?(?=[0-9一二两三四五六七八九十几]+来?多?(?:天|次|回))|晚还过|断过?供"
    "|(?:have|had|am|is|was) (?:had )?(?:an? )?(?:overdue|late)"
)
# What the bank does not ask about, or must ask about once more: days, what was paid, what lies far back.
_LONG = re.compile(
    "(?:9[1-9]|[1-9][0-9]{2,}|一百|两百|三百)多?天|(?:[4-9]|1[0-9]|[四五六七八九十半])个?多?月|半年|年了"
)
_STILL = re.compile("现在|目前|正|没还|还在|着|中$|am|is")
_SHORT = re.compile("(?<![0-9])[0-9一二两三四五六七八九十几]{1,3}来?多?天|几天|当天|一个?礼拜|一周|days?(?![a-z])")
_SETTLED = re.compile("还清|结清|还上|还完|还了|处理|补上|补齐|paid")
_OLD = re.compile(
    "以前|之前|早年|早些年|大学|上学|年轻|[三四五六七八九十3-9]年前|多年前|前几年|大前年|(?<![0-9])(?:20)?(?:0[0-9]|"
    "1[0-9]|2[0-3])年"
)
_PAST = re.compile("过(?!期)|[次回]|曾经?|去年|前年|had|was")
_HEDGED = re.compile("应该|好像|可能|大概|估计|印象|记得|貌似|也许|maybe|think")
# 说我有逾期, 征信上写逾期一次: what others say.
_SUPPOSED = re.compile(
    "如果|要是|假如|万一|若|是不是|是否|只要|怕|担心|会不会|不能|别|防止|避免|为什么|为啥|不想|有没有|提醒|一旦|"
    "什么|说我?|显示|写|挂|报|短信|会|if"
)
_OTHERS = re.compile(
    "[他她爸妈爹娘哥弟姐妹叔]|老公|老婆|媳妇|家人|夫妻|对象|男人|丈夫|儿子|女儿|朋友|担保人|别人|男友|女友|未婚"
)
_ASKS = re.compile(
    "[吗么?？]|怎么|咋|什么|啥|多少|能|可以|影响|会|算|几|多久|行不|要不要|办|利息|罚|后果|上征信|上报|咨询"
)
_ASKS_AT_ONCE = re.compile("(?:[的了过]|记录)*(?:吗|么|[?？]|的话)")
_BREAK = re.compile("[,，。.!！;；\n]")
_AROUND = 12


def find_overdue(text: str) -> list[Fact]:
    """What is said of `has_overdue`: none or some, at most one fact of each kind.

    The `note` of some that must be asked about once more: `unsure` (probably none: 信用良好), `short` (days),
    `settled` (paid, or over), `old` (beyond the two years that count).
    """
    if not _TOPIC.search(text):
        return []
    found: list[Fact] = []
    denials = list(_NONE.finditer(text))
    none = next((match for match in denials if not _is_supposed(text, match)), None)
    if none:
        is_sure = not _is_hedged(text, none)
        found.append(_make("none", none) if is_sure else _make("some", none, "unsure"))
    some = next((m for m in _SOME.finditer(text) if not _overlaps(m, denials) and not _is_asked(text, m)), None)
    if some:
        found.append(_make("some", some, _judge(text, some)))
    implied = _IMPLIES_NONE.search(text)
    if not found and implied and not _is_asked(text, implied):
        found.append(_make("some", implied, "unsure"))
    return found


def _make(kind: Literal["none", "some"], match: re.Match[str], note: str = "") -> Fact:
    return Fact(kind=kind, role="has_overdue", note=note, start=match.start(), end=match.end())


def _judge(text: str, match: re.Match[str]) -> str:
    """The note of an overdue loan, none for what is overdue now or was for long."""
    around = text[max(match.start() - _AROUND, 0) : match.end() + _AROUND]
    if _LONG.search(around):
        return ""
    if _SHORT.search(around):
        return "short"
    if _SETTLED.search(around):
        return "settled"
    if _STILL.search(match.group()):
        return ""
    if _OLD.search(around):
        return "old"
    return "settled" if _PAST.search(around) or _is_hedged(text, match) else ""


def _overlaps(match: re.Match[str], others: list[re.Match[str]]) -> bool:
    return any(other.start() < match.end() and match.start() < other.end() for other in others)


def _is_hedged(text: str, match: re.Match[str]) -> bool:
    return bool(_HEDGED.search(text[max(match.start() - 8, 0) : match.start()]))


def _is_supposed(text: str, match: re.Match[str]) -> bool:
    before = _BREAK.split(text[max(match.start() - _AROUND, 0) : match.start()])[-1]
    return bool(_SUPPOSED.search(before) or _OTHERS.search(before) or _ASKS_AT_ONCE.match(text, match.end()))


def _is_asked(text: str, match: re.Match[str]) -> bool:
    behind = _BREAK.split(text[match.end() : match.end() + _AROUND])[0]
    return _is_supposed(text, match) or bool(_ASKS.search(behind))
