"""When a customer would like to be called: 下午三点, 明天上午, 11月28日15:00前."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from conversations.working_time import NEAR_DAYS, OfficeHours
from kit.clock import CHINA
from kit.phones import find_phones

# Hours of each time of day.
PERIODS = {
    "上午": (time(6), time(12)),
    "中午": (time(11, 30), time(13, 30)),
    "下午": (time(12), time(18)),
    "晚上": (time(18), time(22)),
}
AHEAD_MAX = timedelta(days=30)
_SAME = {"早上": "上午", "早晨": "上午", "早": "上午", "傍晚": "晚上", "晚": "晚上"}
_DAYS = {"今": 0, "明": 1, "后": 2}
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九十")} | {"两": 2}
_QUARTERS = {"半": 30, "一刻": 15, "三刻": 45}
_NUMBER = "[0-9]{1,2}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九]"
_CLOCK = rf"(?:{_NUMBER})点钟?(?:整|半|[一三]刻|(?:{_NUMBER}|零[一二三四五六七八九])分?)?|[0-9]{{1,2}}[:：][0-5][0-9]"
_WISH = re.compile(
    r"(?:(?P<near>[今明后])[天日]?|(?P<next>下个?)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])"
    r"|(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})[日号])?的?"
    r"(?P<period>早上|早晨|上午|中午|下午|傍晚|晚上|(?<=[今明])[早晚])?"
    rf"(?P<clock>{_CLOCK})?(?:[到至~-](?:{_CLOCK}))?(?P<bound>左右|以?前|之前|以?后|之后)?"
)
# Words a request for a call may contain beside the number and the time.
_FILLER = re.compile(
    r"(?:请|麻烦|能不能|可不可以|行不行|还是|等|换|改|成|时间|让|叫|你们?|您|我|给|跟|再|打|拨|回|个|电话|手机|号码?|这|那|联系|吧|啊|呢|可以|能|在|就|的|要|希望|最好|方便|有空"
    r"|行|吗|好|谢谢|同事|客服|人工|经理|来|到|是|嗯|[\s，。,.!！?？：:、])*"
)
_CALL = re.compile(r"打|拨|电话|联系|回电")
_TIME = re.compile(rf"(?P<hour>{_NUMBER})[点:：]钟?(?P<rest>.*?)分?")


@dataclass(frozen=True, slots=True)
class CallbackWish:
    """A day, with either a time (`bound`: 左右, 前 or 后) or a time of day such as the afternoon."""

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
        """The earliest time they may be called."""
        return datetime.combine(self.day, self.at or PERIODS[self.period][0], CHINA)

    @property
    def end(self) -> datetime:
        """The latest time, if they named one."""
        return datetime.combine(self.day, self.at or PERIODS[self.period][1], CHINA)

    def describe(self, now: datetime) -> str:
        """In words for customers: 今天15:00左右, 明天下午."""
        near = NEAR_DAYS.get((self.day - now.astimezone(CHINA).date()).days)
        return f"{near or f'{self.day.month}月{self.day.day}日'}{self._time}"

    def find_due(self, hours: OfficeHours, promise: timedelta, now: datetime) -> datetime | None:
        """When the call is due; None if the office is closed at that time."""
        opening = hours.find_opening(max(self.start, now) if self.at is None else self.start)
        if self.at is not None:
            if opening != self.start:
                return None
            return hours.add(self.start, promise) if self.bound == "后" else self.start
        return min(self.end, hours.find_closing(opening)) if opening < self.end else None


def read_wish(text: str, now: datetime) -> CallbackWish | None:
    """Reads the wish in a message that only asks for a call, or a stored wish; None if there is none.

    Without a day the next such time is meant; a time that has passed is no wish.
    """
    for phone in reversed(find_phones(text)):
        text = f"{text[: phone.start]}，{text[phone.end :]}"
    found = next((m for m in _WISH.finditer(text) if m["period"] or m["clock"]), None)
    if found is None or not _FILLER.fullmatch(text[: found.start()] + "，" + text[found.end() :]):
        return None
    now = now.astimezone(CHINA)
    period = _SAME.get(found["period"] or "", found["period"] or "")
    at = _read_time(found["clock"], period) if found["clock"] else None
    day = _read_day(found, now.date())
    if (found["clock"] and at is None) or (day is None and found["month"]):
        return None
    bound = next((bound for bound in ("前", "后") if bound in (found["bound"] or "")), "左右")
    wish = CallbackWish(day or now.date(), "" if at else period, at, bound)
    if day is None and wish.end <= now:
        wish = replace(wish, day=wish.day + timedelta(days=1))
    return wish if now < wish.end < now + AHEAD_MAX else None


def mentions_call(text: str) -> bool:
    """Whether a text mentions a call."""
    return bool(_CALL.search(text))


def _read_day(found: re.Match[str], today: date) -> date | None:
    if found["near"]:
        return today + timedelta(days=_DAYS[found["near"]])
    if found["weekday"]:
        weekday = "一二三四五六日".index(found["weekday"].replace("天", "日"))
        monday = today - timedelta(days=today.weekday())
        if found["next"]:
            return monday + timedelta(days=7 + weekday)
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    if found["month"]:
        for year in (today.year, today.year + 1):
            try:
                day = date(year, int(found["month"]), int(found["day"]))
            except ValueError:
                return None
            if day >= today:
                return day
    return None


def _read_time(clock: str, period: str) -> time | None:
    found = _TIME.fullmatch(clock)
    if found is None:
        return None
    rest = found["rest"].removesuffix("整")
    hour, minute = _read_number(found["hour"]), _QUARTERS.get(rest) or _read_number(rest or "0")
    is_afternoon = period in ("下午", "晚上") or (period == "中午" and hour < 11)
    # Banks do not call before eight: 三点 is in the afternoon.
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
