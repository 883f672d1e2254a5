"""What customers say about being overdue: that they never were, that they are, or something to be cleared up first."""

import re
from typing import Literal

from understanding.schemas import Fact

Detail = Literal["", "short", "settled", "old", "unsure"]

_OVERDUE = re.compile(
    r"逾期|征信|信用(?!卡|社)|黑名单|晚还|拖[欠过]|没按时|没按期|按[时期]还|断供|欠款不还|黑户|不良记录|呆账"
)
_NEVER = re.compile(
    r"(?:一[次回笔天]|半[次回天]|从来?|向来|压根)(?:都|也|就)?(?:没有?|没得|未|不曾|不)过?(?:拖|逾|晚|迟|断|欠)"
    r"|(?:一[次回笔天]|半[次回天])(?:都|也)?(?:没有?|没得|冇|木有)过?(?=$|[ ,，。!啊呀哦的])"
    r"|(?:从来?|向来|压根)(?:都|就)?没有?过?(?=$|[ ,，。!啊呀哦的])"
    r"|(?:从来?|一直|向来|历来|压根)?(?:都|就)?(?:没有?|没得|冇|木有|未曾?|不曾)(?:过|啥|什么|任何|得)?(?:逾期|拖欠|不良|晚还|断供|黑名单|进过黑名单)"
    r"|(?:逾期|拖欠|不良)(?:记录|的?情况)?(?:从来)?(?:没有?|没得|冇|木有|无|零)|不逾期|无逾期|没逾期"
    r"|(?:都|全|一直|每次|每月|回回)(?:都|是)?(?:按时|按期|准时|及时)(?:还|的)|按[时期]还(?:款|的|清|了)?"
)
# 信用良好, 应该没有: in all likelihood a no, but nobody is lent money, or refused, on a guess.
_UNSURE = re.compile(
    r"(?:征信|信用)(?:记录)?(?:都|很|挺|非常|一直|还|算)*(?:好|良好|不错|没问题|正常|干净|清白|ok|可以|没毛病|优秀|行)"
    r"|(?:应该|好像|可能|大概|估计|印象中|貌似|记得)(?:是|都)?(?:没有?|没得|冇|木有|不会有?|无)"
)
_ADMITS = re.compile("(?:但|不过|就是|只是|除了|可是|只有|可)[^。!！]{0,12}?(?:晚|迟|拖|没还|欠着|断|忘)")
# 没有逾期，有一次100天: the second clause takes the first back.
_TOLD = re.compile("(?<![没不未])有(?:过|[一两三四几0-9]+[次回笔])|[拖晚逾忘](?:了|过|还)")
_LONG = re.compile(
    "(?:[4-9]|1[0-9]|[四五六七八九十]+)个多?月|(?:[1-9][0-9]{2}|9[0-9]|[一二三]百)多?天|半年"
    "|[一两1-9]年(?!前|以前|之前)"
)
_NOW = re.compile(
    r"正(?:欠|拖|逾)着?|(?:没|没有|未)(?:还上|还清|还完|结清)|拖(?:了|着)[^没不]{0,8}(?:月|年|没还)|欠着没还|还欠着呢|(?:现在|目前|眼下|正|还|当前).{0,6}(?:逾期|没还上|拖着)|逾期(?:着|中)|还没还上|还在逾期|至今没还"
)
_SHORT = re.compile(
    r"(?:[1-9]|[1-5][0-9]|[一二两三四五六七八九十几]{1,3}|好几)(?:来|多)?(?:天|日)|(?:半|一|1)个?月(?!流水)|一两次|一两回|(?:晚|迟|忘)了?(?:还)?(?:几|一|两|[0-9])"
    r"|短(?:时间|期)|当天|第二天就还|马上(?:就)?还|没几天|才几天|不严重|几天就还"
)
_SETTLED = re.compile(r"(?:还清|结清|还上|还完|处理(?:好|完|掉|了)|补上|清了|了结|早就还|已经还|都还)")
_OLD = re.compile(
    r"(?:以前|之前|早些年|前些年|早年|好几年前|很久以前|多年前|[三四五六七八九十3-9]年(?:前|以前|之前)|大前年|上学(?:时|那会)|年轻时)"
    r"|(?:20(?:0[0-9]|1[0-9]|2[0-3])|(?<![0-9])1[0-9]|(?<![0-9])2[0-3])年(?!内)"
)
_SOME = re.compile(
    r"^(?:有|有的|有过|是的?有|嗯有)(?:[,，。!了啊呀哦的吧]|$)|(?<![没冇未木])有(?:过|一?[两几]?[笔次回个])|(?:逾期|拖欠)(?:过|了)|(?:现在|目前|正|还)(?:在|有)?逾期|进过?黑名单|是黑户|征信(?:不好|有问题|花|黑|差)"
)


def find_overdue(plain: str, is_asked: bool) -> Fact | None:
    """A fact about `has_overdue`: none, or some with a `note` when it must be cleared up first; None when unsaid.

    `note`: `short` (some days), `settled`, `old` (beyond the two years that count), `unsure` (probably none).
    """
    named = _OVERDUE.search(plain)
    if not (named or is_asked):
        return None
    if found := _UNSURE.search(plain):
        return _make("some", found, "unsure")
    if found := _NEVER.search(plain):
        if admitted := _ADMITS.search(plain, found.end()) or _TOLD.search(plain, found.end()):
            if _LONG.search(plain, admitted.start()):
                return _make("some", found)
            # 没逾期过，就是现在晚了3天
            return _make("some", found, "short" if _SHORT.search(plain, admitted.start()) else "unsure")
        return _make("none", found)
    if found := _NOW.search(plain):
        return _make("some", found)
    details: dict[Detail, re.Pattern[str]] = {"short": _SHORT, "settled": _SETTLED, "old": _OLD}
    some = _SOME.search(plain)
    for note, pattern in details.items():
        if (found := pattern.search(plain)) and (some or named or is_asked):
            return _make("some", found, note)
    return _make("some", some) if some and (named or is_asked) else None


def _make(kind: Literal["none", "some"], found: re.Match[str], note: Detail = "") -> Fact:
    return Fact(kind=kind, role="has_overdue", note=note, start=found.start(), end=found.end())
