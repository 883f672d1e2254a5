"""Finds when a business began: 2019年开的, 去年10月份开的张, 19年3月成立. What it lasted depends on today."""

import re
from datetime import date

from understanding.schemas import Fact

_DIGITS = str.maketrans("零一二三四五六七八九", "0123456789")
_YEARS_AGO = {"今年": 0, "去年": 1, "前年": 2, "大前年": 3}
_MONTHS = {"底": 12, "末": 12, "初": 1}
_YEAR = "(?:(?P<year>(?:19|20)[0-9]{2}|[0-9]{2}|[零一二三四五六七八九]{2,4})年|(?P<ago>今年|去年|大前年|(?<!大)前年))"
_MONTH = "(?:的?(?P<month>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月份?|年?(?P<part>[底末初]))?"
_BEGAN = (
    "(?:才|就|刚|刚刚|的时候|那会儿?|我|我们|自己|下半年|上半年|春天|夏天|秋天|冬天|春节后?|过完年"
    "|开始|从|那年|[,， ])*"
    "(?:开(?!始|的?户|卡|通|工资|销)|办起?的?(?:厂|店|公司|执照)|注册|成立|创[办立业]|起步|营业|干起|做起|开始[干做卖经]|[接盘]下来?的?店|入行)"
)
_ALONE = "(?:[的了吧左右份开始]|[,，。 ])*$"
_BEGINNING = re.compile(f"{_YEAR}{_MONTH}(?P<verb>{_BEGAN})")
_ANSWER = re.compile(f"^(?:[我从是,， ]|大[概约])*(?:{_YEAR}{_MONTH}|(?P<bare>(?:19|20)[0-9]{{2}})){_ALONE}")
_TRAIL = re.compile("[的了始张业门店呢吧啊 ]*")
_LAST_CENTURY = 50  # 98年 is 1998, 19年 is 2019
# From here on, the eleven months that a year leaves open make no difference worth asking about.
_LONG = 36


def find_beginning(plain: str, is_asked: bool) -> Fact | None:
    """When the customer's business began, as `since` with `low` and `high` the first and the last possible month.

    Months are counted from year 0 (12 a year, January is 0); negative ones, from -12 on, count back from this January.
    `is_asked`: the message answers the question how long it has been run, so that a year alone counts.
    """
    found = _BEGINNING.search(plain) or (_ANSWER.match(plain) if is_asked else None)
    if found is None:
        return None
    said = found.groupdict()
    first = -12 * _YEARS_AGO[said["ago"]] if said["ago"] else 12 * _read_year(said["year"] or said["bare"])
    month = _MONTHS[said["part"]] if said["part"] else _read_month(said["month"])
    low, high = (first + month - 1, first + month - 1) if month else (first, first + 11)
    trail = _TRAIL.match(plain, found.end())
    end = trail.end() if trail else found.end()
    return Fact(kind="since", role="years_in_business", low=low, high=high, start=found.start(), end=end)


def count_since(fact: Fact, today: date) -> Fact:
    """A `since` as the span until today, in months; any other fact as it is.

    A year that leaves the month open is a range; after three years the shorter end stands for it.
    """
    if fact.kind != "since":
        return fact
    now = 12 * today.year + today.month - 1
    this_january = 12 * today.year
    first, last = (float(end or 0) for end in (fact.low, fact.high))
    if last < 12:  # counted back from this January
        first, last = first + this_january, last + this_january
    shortest, longest = now - min(last, now), now - first
    if shortest >= _LONG:
        longest = shortest
    return fact.model_copy(update={"kind": "span", "low": max(shortest, min(longest, 1)), "high": max(longest, 0)})


def _read_year(text: str) -> int:
    year = int(text.translate(_DIGITS))
    if year >= 100:
        return year
    return year + (1900 if year > _LAST_CENTURY else 2000)


def _read_month(text: str | None) -> int:
    if not text:
        return 0
    if text.startswith("十"):
        return 10 + (int(text[1:].translate(_DIGITS)) if len(text) > 1 else 0)
    return int(text.translate(_DIGITS))
