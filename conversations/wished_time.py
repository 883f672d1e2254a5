"""When a customer would like a call or a visit, in their words: 下午三点, 下周二, 11月28日15:00前, Friday 3pm."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from kit.clock import CHINA
from kit.working_time import NEAR_DAYS

# Hours of each time of day; "" is the whole day.
PERIODS = {
    "上午": (time(6), time(12)),
    "中午": (time(11, 30), time(13, 30)),
    "下午": (time(12), time(18)),
    "晚上": (time(18), time(22)),
    "": (time(0), time(23, 59)),
}
AHEAD_MAX = timedelta(days=30)
_SAME = {"早上": "上午", "早晨": "上午", "早": "上午", "傍晚": "晚上", "晚": "晚上"}
_DAYS = {"今": 0, "明": 1, "后": 2, "大后": 3}
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九十")} | {"两": 2}
_QUARTERS = {"半": 30, "一刻": 15, "三刻": 45}
_NUMBER = "[0-9]{1,2}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九]"
_CLOCK = rf"(?:{_NUMBER})点钟?(?:整|半|[一三]刻|(?:{_NUMBER}|零[一二三四五六七八九])分?)?|[0-9]{{1,2}}[:：][0-5][0-9]"
_WISH = re.compile(
    r"(?:(?P<near>大后|[今明后])[天日]?|(?P<next>下个?)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])"
    r"|(?:(?P<month>[0-9]{1,2})月)?(?<![0-9组队栋幢街路巷弄楼院村道])(?P<day>[0-9]{1,2})[日号])?的?"
    r"(?P<period>早上|早晨|上午|中午|下午|傍晚|晚上|(?<=[今明])[早晚])?"
    rf"(?P<clock>{_CLOCK})?(?:[到至~-](?:{_CLOCK}))?(?P<bound>左右|以?前|之前|以?后|之后)?"
)
_TIME = re.compile(rf"(?P<hour>{_NUMBER})[点:：]钟?(?P<rest>.*?)分?")
_WEEKDAYS = ("mon", "tues?", "wed(?:nes)?", "thu(?:rs)?", "fri", "sat(?:ur)?", "sun")
# English words for a time, one after the other; what is left reads like Chinese.
_ENGLISH = [
    (r"\b(?:the )?day after tomorrow\b", "后天"),
    (r"\btomorrow\b", "明天"),
    (r"\btoday\b", "今天"),
    *((rf"\bnext {name}(?:day)?\b", f"下周{day}") for name, day in zip(_WEEKDAYS, "一二三四五六日", strict=True)),
    *((rf"\b(?:on )?{name}(?:day)?\b", f"周{day}") for name, day in zip(_WEEKDAYS, "一二三四五六日", strict=True)),
    (r"\b(?:at )?(\d{1,2}) ?a\.?m\b\.?", r"上午\1点"),
    (r"\b(?:at )?(\d{1,2}):(\d\d) ?a\.?m\b\.?", r"上午\1:\2"),
    (r"\b(?:at )?(\d{1,2}) ?p\.?m\b\.?", r"下午\1点"),
    (r"\b(?:at )?(\d{1,2}):(\d\d) ?p\.?m\b\.?", r"下午\1:\2"),
    (r"\b(?:in the )?morning\b", "上午"),
    (r"\b(?:in the )?afternoon\b", "下午"),
    (r"(?<=[一二三四五六日天午]) (?=[上下]午)", ""),
    (r"([上下]午[0-9:点]*) ([今明后]天|下?周.)", r"\2\1"),
]
_IN_ENGLISH = [(re.compile(pattern), chinese) for pattern, chinese in _ENGLISH]


@dataclass(frozen=True, slots=True)
class WishedTime:
    """A day, with either a time (`bound`: 左右, 前 or 后), a time of day such as the afternoon, or neither."""

    day: date
    period: str = ""
    at: time | None = None
    bound: str = "左右"

    def __str__(self) -> str:
        """As stored and read again: 11月26日15:00左右, 11月26日下午."""
        return f"{self.day.month}月{self.day.day}日{self._time}"

    @property
    def _time(self) -> str:
        return self.period if self.at is None else f"{self.at.hour}:{self.at.minute:02}{self.bound}"

    @property
    def start(self) -> datetime:
        """The earliest time."""
        return datetime.combine(self.day, self.at or PERIODS[self.period][0], CHINA)

    @property
    def end(self) -> datetime:
        """The latest time, if they named one."""
        return datetime.combine(self.day, self.at or PERIODS[self.period][1], CHINA)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when on and until when a visit may begin; a minute for an exact time."""
        midnight = datetime.combine(self.day, time.min, CHINA)
        if self.at is None:
            return self.start, self.end
        return {
            "前": (midnight, self.start),
            "后": (self.start, midnight + timedelta(days=1)),
        }.get(self.bound, (self.start, self.start + timedelta(minutes=1)))

    def describe(self, now: datetime) -> str:
        """In words for customers: 今天15:00左右, 明天下午."""
        near = NEAR_DAYS.get((self.day - now.astimezone(CHINA).date()).days)
        return f"{near or f'{self.day.month}月{self.day.day}日'}{self._time}"


def find_wish(text: str, now: datetime, *, is_day_enough: bool = False) -> tuple[WishedTime, str] | None:
    """The first time in a text, and the text without it; None if there is none.

    Without a day the next such time is meant; a time that has passed or is too far away is no wish. A day alone is one
    if `is_day_enough`.
    """
    text, found = _find(text, is_day_enough)
    if found is None:
        return None
    now = now.astimezone(CHINA)
    period = _SAME.get(found["period"] or "", found["period"] or "")
    at = _read_time(found["clock"], period) if found["clock"] else None
    day = _read_day(found, now.date())
    if (found["clock"] and at is None) or (day is None and found["day"]):
        return None
    bound = next((bound for bound in ("前", "后") if bound in (found["bound"] or "")), "左右")
    wish = WishedTime(day or now.date(), "" if at else period, at, bound)
    if day is None and wish.end <= now:
        wish = replace(wish, day=wish.day + timedelta(days=1))
    is_ahead = now < wish.end < now + AHEAD_MAX
    return (wish, _cut(text, found)) if is_ahead else None


def find_rest(text: str) -> str | None:
    """A text without the first time or day in it, whenever that is; None if there is none."""
    text, found = _find(text, is_day_enough=True)
    return _cut(text, found) if found else None


def _find(text: str, is_day_enough: bool) -> tuple[str, re.Match[str] | None]:
    for pattern, chinese in _IN_ENGLISH:
        text = pattern.sub(chinese, text)
    return text, next((match for match in _WISH.finditer(text) if _is_time(match, is_day_enough)), None)


def _cut(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]}，{text[found.end() :]}"


def _is_time(match: re.Match[str], is_day_enough: bool) -> bool:
    # 明: a day by itself needs its 天.
    is_day = bool(match["weekday"] or match["day"] or re.match("(?:大后|[今明后])[天日]", match[0]))
    return bool(match["period"] or match["clock"] or (is_day_enough and is_day))


def _read_day(found: re.Match[str], today: date) -> date | None:
    if found["near"]:
        return today + timedelta(days=_DAYS[found["near"]])
    if found["weekday"]:
        weekday = "一二三四五六日".index(found["weekday"].replace("天", "日"))
        monday = today - timedelta(days=today.weekday())
        if found["next"]:
            return monday + timedelta(days=7 + weekday)
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    if found["day"]:
        return _find_date(int(found["month"] or 0), int(found["day"]), today)
    return None


def _find_date(month: int, day: int, today: date) -> date | None:
    """The next such date; without a month (0) in this one or the next."""
    if month:
        candidates = [(today.year, month), (today.year + 1, month)]
    else:
        candidates = [(today.year, today.month), (today.year + today.month // 12, today.month % 12 + 1)]
    for year, in_month in candidates:
        try:
            found = date(year, in_month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    return None


def _read_time(clock: str, period: str) -> time | None:
    found = _TIME.fullmatch(clock)
    if found is None:
        return None
    rest = found["rest"].removesuffix("整")
    hour, minute = _read_number(found["hour"]), _QUARTERS.get(rest) or _read_number(rest or "0")
    is_afternoon = period in ("下午", "晚上") or (period == "中午" and hour < 11)
    # Banks neither call nor come before eight: 三点 is in the afternoon.
    if hour < 12 and (is_afternoon or (not period and hour < 8 and ":" not in clock and "：" not in clock)):
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _read_number(text: str) -> int:
    """Up to 99: 15, 十五, 三, 零五."""
    if text.isascii():
        return int(text)
    tens, has_ten, ones = text.rpartition("十")
    value = _DIGITS.get(ones.removeprefix("零"), 0)
    return value + (_DIGITS.get(tens, 1) * 10 if has_ten else 0)
