"""Leaves out the values that a message takes back: 不是8万是10万, 8万写错了 10万, 从10万改到5万."""

import re
from collections.abc import Sequence

from understanding.schemas import Fact

_NOT = re.compile(
    "(?:(?<![是要可])不是|并非|(?<![要想])不要|(?<![用])不用|别[写填要借贷按]|(?<!想)不想|"
    "(?<![能要])不(?:再)?[借贷](?!不)|没(?:说|讲|提|报|填|写)过?(?:要|是|想)?|not )(?![是])[^是,， 0-9]{0,7}$"
)
_WRONG = re.compile(
    "(?:元|块钱?|钱|亩地?|地)?[ ,，、]*(?:是|这个|那个|那|我|刚才|刚刚|之前|前面|上面|给|都)*"
    "(?:(?:写|说|填|打|输|弄|搞|讲|报|记|算|按|点|听|看|选|想)?(?:错|岔)了(?!吗)|[写说填打输弄搞讲报记算]错的|错的|"
    "不对(?![吗?])|不算了?|作废|划掉|不要了|不是的|wrong|was wrong)"
)
_UNFIT = re.compile("(?:元|块钱?|钱|亩?地?)?(?:有点|还是|好像|实在)?(?:太|有点)(?:短|长|多|少|高|低)")
_INSTEAD = re.compile(
    "(?:元|块钱?|钱|亩地?|地|的)?[ ,，。]*(?:应该是|应当是|应该|其实是|改成|改为|改到|改|换成|换|变成|变更为|变为|"
    "降到|降为|降至|减到|减成|加到|增加到|"
    "增到|提高到|提到|涨到|调到|调成|调为|调整到|调整为|延长到|延长至|缩短到|→|=>|不对|不是(?=[ ,，])|不,|哦不|"
    "噢不|呃不|"
    "说错了|写错了|错了|打错了|no)[ ,，。]*(?:应该)?(?:是)?(?:要|借|贷)?"
)
# 十来万吧，就10万; 三五万，算4万: the second settles the first.
_SETTLED = re.compile(
    "(?:元|块钱?|钱|亩地?|地)?(?:左右|上下|的?样子|吧|呢|嘛|反正)*[ ,，、]*(?:那|反正|你)*"
    "(?:就(?:是|算|写|填|按|说|当|记)?|算(?:是|作)?|按|写|填|记)(?:它|他|个|成)?"
)
# 把8万写成80万了: the second is the slip.
_SLIP = re.compile("(?:元|块钱?|钱)?(?:给|都|你|我)*[写填打输说记弄看算报按当][成做](?:了|是)?")
_FORMERLY = re.compile("(?:原来|原先|本来|刚才|刚刚|之前|前面|刚)[^,，。0-9]{0,7}$")
_ANEW = re.compile("(?:改|换|变|应该?是?|不如|还是)[^,，。0-9]{0,4}$")
_REACHES = re.compile("(?:就|才|就要|就是)?(?:满|够|到|不到|就到|就满|就是|就有|就)了?")
_LACKS = re.compile("(?:还|就|只)?差(?:了|个|着)?")


# 能贷几万, 哪一年, 一年一次: a question, or how often.
_ASKED = re.compile("几[十百千]?[万亿千百]?")
_ASKS = re.compile("(?:能|够|可以|最[多高少低]|封顶|顶格|上限|限额?|一次|单笔|起|给|批)[^,，。想]{0,6}$")
_WHICH = re.compile("[哪同当]$")
_RHYTHM = re.compile("一(?:[交还付算结调年月天]|次|回)")
_BEFORE, _BEHIND = 12, 14


def drop_retracted(text: str, values: Sequence[Fact]) -> tuple[list[Fact], list[tuple[int, int]]]:
    """The values that stand at the end of the message, and the places of those that do not.

    A value that only says how much another lacks is left out too; the other is "almost": 差两个月满一年.
    """
    kept: list[Fact] = []
    retracted: list[tuple[int, int]] = []
    for place, value in enumerate(values):
        since = values[place - 1].end if place else 0
        if place_taken := _find_retraction(text, since, values, place):
            retracted.append(place_taken)
        elif any(_lacks(text, values, other, place) for other in (place - 1, place + 1)):
            retracted.append((value.start, value.end))
        else:
            is_almost = any(_lacks(text, values, place, other) for other in (place - 1, place + 1))
            kept.append(value.model_copy(update={"bound": "almost"}) if is_almost else value)
    return kept, retracted


def is_alike(one: Fact, other: Fact) -> bool:
    """Whether two values may be of the same thing: a number without a unit may be a sum."""
    sums = ("sum", "number")
    return one.kind == other.kind or (one.kind in sums and other.kind in sums)


def _find_retraction(text: str, since: int, values: Sequence[Fact], place: int) -> tuple[int, int] | None:
    """From where to where a value and the words reach that take it back or make it none; None if it stands."""
    value = values[place]
    start, end = value.start, value.end
    if _is_no_value(text, value) or _is_former(text, since, value, values[place + 1 :]):
        return start, end
    if denied := _NOT.search(text, max(since, start - _BEFORE), start):
        return denied.start(), end
    if wrong := _WRONG.match(text, end, end + _BEHIND):
        return start, wrong.end()
    if _UNFIT.match(text, end) and any(is_alike(value, other) for other in values if other is not value):
        return start, end
    if place + 1 < len(values) and is_alike(value, values[place + 1]):
        following = values[place + 1].start
        if _INSTEAD.fullmatch(text, end, following) or _is_settled(text, value, values[place + 1]):
            return start, following
    is_slip = place > 0 and is_alike(values[place - 1], value) and _SLIP.fullmatch(text, since, start)
    return (since, end) if is_slip else None


def _is_settled(text: str, value: Fact, following: Fact) -> bool:
    is_within = (value.low or 0) <= (following.low or 0) and (following.high or 0) <= (value.high or 0)
    return is_within and bool(_SETTLED.fullmatch(text, value.end, following.start))


def _is_no_value(text: str, value: Fact) -> bool:
    before = text[max(value.start - _BEFORE, 0) : value.start]
    if value.kind == "span":
        return bool(_WHICH.search(before) or _RHYTHM.match(text, value.end))
    return bool(_ASKED.match(text[value.start : value.end]) and _ASKS.search(before))


def _is_former(text: str, since: int, value: Fact, later: Sequence[Fact]) -> bool:
    """Whether the value is what was said before, and a later one replaces it: 原来说借一年 … 改成一年半."""
    if not _FORMERLY.search(text, max(since, value.start - _BEFORE), value.start):
        return False
    return any(is_alike(value, new) and _ANEW.search(text, max(value.end, new.start - 8), new.start) for new in later)


def _lacks(text: str, values: Sequence[Fact], whole: int, lack: int) -> bool:
    """Whether one value lacks the other beside it: 差两个月满一年, 一年还差两个月."""
    if not (0 <= whole < len(values) and 0 <= lack < len(values) and is_alike(values[whole], values[lack])):
        return False
    if whole < lack:
        return bool(_LACKS.fullmatch(text, values[whole].end, values[lack].start))
    start = values[lack].start
    is_short = text[max(start - 3, 0) : start].rstrip("了个着").endswith("差")
    return is_short and bool(_REACHES.fullmatch(text, values[lack].end, values[whole].start))
