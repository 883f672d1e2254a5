"""Reads what the words beside a value say of it: 不到, 快, 多, 大概, 亏了, 再加, 少借."""

import re
from typing import Literal

from understanding.schemas import Bound, Fact

_SMALL_WORDS = "(?:得|是|有|到|满|够|就|了|能|在|个|也|才|用|做|开|干|卖|挣|赚|收|欠|种|借|贷|要|的| )*"
_UNDER = re.compile(
    "(?:不到|不足|没到|没满|不满|未满|还?没得?有?|少于|低于|小于|不超过?|[别莫]超过?|不要超过?|没超过?|最多|顶多|"
    "至多|撑死|最高|不够|[挣赚卖收有到]不[了到够]|"
    "(?<![a-z])(?:under|less than|below|at most|up to|not more than))"
    f"{_SMALL_WORDS}$"
)
_ALMOST = re.compile(
    "(?:(?<![愉赶凉痛勤爽最])快|将近|接近|(?<![最附])近|差一?点|马上|眼看|眼瞅着|即将|逼近|奔|(?<![a-z])(?:nearly|"
    "almost|close to))"
    f"{_SMALL_WORDS}$"
)
_OVER = re.compile(
    "(?:(?<![不别莫要没])超过?|多于|大于|不止|不只|少说|至少|起码|最少|最低|不低于|不少于|高于|"
    "(?<![a-z])(?:more than|over|"
    "at least|above)|大(?=半年))"
    f"{_SMALL_WORDS}$"
)
_ABOUT = re.compile(
    "大概|大约|约莫?|差不多|估计|可能|也许|应该有|估摸|大致|大体|around|about|roughly|approximately|some "
)
_UNDER_BEHIND = re.compile(
    "(?:元|块钱?|钱|亩地?|地)?(?:都|还|也)?(?:不到|没到|不足|不够|[挣赚卖收有到]不[了到够]|都没有|没有(?=$|"
    "[ ,，。])|不满|以内|之内|以下|"
    "内(?![蒙容])|or less)"
)
_WITHIN = re.compile("以?之?内")
_OVER_BEHIND = re.compile(
    "(?:元|块钱?|钱|地)?(?:还要?)?(?:多(?![少久长大])|出头|以上|往上|开外|冒头|挂零|有余|朝上|不止|打底|起步|\\+|＋|"
    "or more|plus)"
)
_ALMOST_BEHIND = re.compile("(?:元|块钱?|钱)?(?:就)?快(?:到|满|有|够)?了")
_ABOUT_BEHIND = re.compile("(?:元|块钱?|钱|亩地?|地)?(?:左右|上下|来往|的样子|样子|差不多|光景|or so)")
_OVER_INSIDE = re.compile("[多余]")
_ABOUT_INSIDE = re.compile("[来把]|(?<=[0-9]) ?来")
_LOSS = re.compile(
    "(?:亏损?|赔(?![偿付])|倒贴|负(?!债)|亏空|lost|loss of)(?:了|掉|损|进去|钱|本|得|出去|有|差不多|大概|将近|快|能|"
    "个|也|就|到| )*$"
)
_LOSS_BEHIND = re.compile("(?:元|块钱?|钱|多|左右)*的?(?:亏损|亏空)")
_MINUS = re.compile("(?:^|[^0-9a-z万千百十元块年月个亩号期])[-−]$")
_SUFFIX = "(?:个|上|借|贷|要|给|点|一点|用|些|来|它|报|填|写|算|加|一?下)*$"
_SAYING = "[说报算写填记讲打输]"
_WILL = "(?:^|比[^,，。0-9]{1,6}|再|能|可以|想|要|给我|帮我|还想|[ ,，。])"
_TAKE = "[借贷要用来给报填写算加]"
_MORE = re.compile(
    f"(?:(?<![最至顶不更许好挺很太差几0-9万千百十大众])多(?={_TAKE})|{_WILL}多|(?<![参增工])加|再添|添|增加|追加|增|"
    f"提高|提升|调高|涨|延长|延期|展期|宽限|(?:往上|再)[提涨调]|再[来欠种挣收]|add|more by){_SUFFIX}"
)
_LESS = re.compile(
    f"(?:(?<![最至不很太年])少(?={_TAKE})|{_WILL}少|减少?|降低|降|扣掉|去掉|缩短|缩减|压缩|砍掉?|调低|往下[降压调]|"
    f"下调|"
    f"reduce by){_SUFFIX}"
)
# 地多十亩呢, 流水少了10万
_THING = "[地田入水款债机额薪资]"
_MORE_OF = re.compile(f"{_THING}(?:再|能)?多(?:了|出|种|挣|收)?(?:个)?$")
_LESS_OF = re.compile(f"{_THING}(?:再|会)?少(?:了|掉|种|挣|收)?(?:个)?$")
# What was said before was too little, or too much: 地少说了5亩, 收入多报了1万.
_UNDERSTATED = re.compile(f"(?:(?:少|漏)(?:了|{_SAYING}了?)|多[种包租养]了?)(?:个)?$")
_OVERSTATED = re.compile(f"多{_SAYING}了?(?:个)?$")
_BEFORE, _BEHIND = 10, 8
_NOT_NEGATIVE = ("existing_debt", "amount", "land_mu", "machinery_value", "term", "other")


def qualify(text: str, fact: Fact, since: int, has_earlier: bool) -> Fact:
    """The fact with its bound, sign and difference. `since`: where its clause, or the value before it, ends.

    `has_earlier`: a value of the same role stands before it, so that 加 adds up rather than changes.
    """
    before = text[max(since, fact.start - _BEFORE) : fact.start]
    behind = text[fact.end : fact.end + _BEHIND]
    update: dict[str, object] = {}
    if (bound := _read_bound(before, behind, text[fact.start : fact.end])) and not (
        fact.role == "term" and _WITHIN.match(behind)
    ):
        update["bound"] = bound
    is_loss = (
        _LOSS.search(before) or _LOSS_BEHIND.match(behind) or _MINUS.search(text[max(fact.start - 2, 0) : fact.start])
    )
    if fact.kind in ("sum", "number") and fact.role not in _NOT_NEGATIVE and is_loss:
        update["is_negative"] = True
    change = None if has_earlier or fact.role == "other" else _read_change(before)
    if change:
        update["change"] = change
    return fact.model_copy(update=update) if update else fact


def _read_bound(before: str, behind: str, value: str) -> Bound:
    if _UNDER.search(before) or _UNDER_BEHIND.match(behind):
        return "under"
    if _ALMOST.search(before) or _ALMOST_BEHIND.match(behind):
        return "almost"
    if _OVER.search(before) or _OVER_BEHIND.match(behind) or _OVER_INSIDE.search(value):
        return "over"
    is_about = _ABOUT.search(before) or _ABOUT_BEHIND.match(behind) or _ABOUT_INSIDE.search(value)
    return "about" if is_about else ""


def _read_change(before: str) -> Literal["more", "less"] | None:
    if (
        _UNDERSTATED.search(before)
        or _MORE_OF.search(before)
        or (_MORE.search(before) and not _OVERSTATED.search(before))
    ):
        return "more"
    return "less" if _LESS.search(before) or _LESS_OF.search(before) or _OVERSTATED.search(before) else None
