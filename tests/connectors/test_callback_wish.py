"""When customers would like to be called, in their words, as it is stored, and whether somebody is there then."""

from datetime import datetime

import pytest

from connectors.callback_wish import mentions_call, read_wish
from conversations.handoff.promised_call import find_due
from kit.clock import CHINA
from kit.working_time import OfficeHours

OFFICE = OfficeHours.parse("08:30-17:30")
WITH_LUNCH = OfficeHours.parse("08:30-12:00,14:00-17:30")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=CHINA)


NOW = at("07-01 10:00")  # a Wednesday


@pytest.mark.parametrize(
    ("text", "stored", "said"),
    [
        ("下午三点打13712345678", "7月1日15:00左右", "今天15:00左右"),
        ("下午3点半给我打137 1234 5678", "7月1日15:30左右", "今天15:30左右"),
        ("三点打给我", "7月1日15:00左右", "今天15:00左右"),
        ("15:00打我电话13712345678", "7月1日15:00左右", "今天15:00左右"),
        ("请明天上午9点回电话，13712345678", "7月2日9:00左右", "明天9:00左右"),
        ("明天上午打给我吧", "7月2日上午", "明天上午"),
        ("今天下午", "7月1日下午", "今天下午"),
        ("下午", "7月1日下午", "今天下午"),
        ("上午九点", "7月2日9:00左右", "明天9:00左右"),  # today's has passed
        ("后天十点一刻以前联系我", "7月3日10:15前", "后天10:15前"),
        ("下午四点以后打", "7月1日16:00后", "今天16:00后"),
        ("晚上八点打给我", "7月1日20:00左右", "今天20:00左右"),
        ("周五下午两点", "7月3日14:00左右", "后天14:00左右"),
        ("下周一上午", "7月6日上午", "7月6日上午"),
        ("7月8号下午3点到5点打13712345678", "7月8日15:00左右", "7月8日15:00左右"),
        ("中午12点", "7月1日12:00左右", "今天12:00左右"),
        ("明早8点半", "7月2日8:30左右", "明天8:30左右"),
    ],
)
def test_a_wish_is_read_stored_and_said(text: str, stored: str, said: str) -> None:
    wish = read_wish(text, NOW)
    assert wish
    assert (str(wish), wish.describe(NOW)) == (stored, said)
    assert len(stored) <= 20
    assert read_wish(stored, NOW) == wish


@pytest.mark.parametrize(
    "text",
    [
        "13712345678",
        "打给我",
        "昨天下午三点打13712345678你们没接",
        "我下午三点要去银行吗",
        "下午三点半的利率是多少",
        "今天上午八点",  # has passed
        "25:00打给我",
        "2月30日打给我",
        "12月1日打给我",  # too far away
        "",
    ],
)
def test_anything_else_is_no_wish(text: str) -> None:
    assert read_wish(text, NOW) is None


@pytest.mark.parametrize(
    ("text", "due_at"),
    [
        ("下午三点打", "07-01 15:00"),
        ("下午三点以后打", "07-01 17:00"),
        ("今天下午", "07-01 17:30"),
        ("明天上午", "07-02 12:00"),
        ("晚上八点", None),
        ("晚上", None),
        ("周六上午", None),
        ("下周一上午九点", "07-06 09:00"),
        ("明天七点半打", None),  # the evening: nobody is there
    ],
)
def test_it_is_due_when_somebody_is_there(text: str, due_at: str | None) -> None:
    wish = read_wish(text, NOW)
    assert wish
    assert find_due(wish, OFFICE, NOW) == (at(due_at) if due_at else None)


@pytest.mark.parametrize(
    ("text", "due_at"),
    [("中午12点", None), ("中午", "07-01 12:00"), ("今天下午", "07-01 17:30"), ("十一点以后打", "07-01 15:00")],
)
def test_nobody_calls_in_the_lunch_break(text: str, due_at: str | None) -> None:
    wish = read_wish(text, NOW)
    assert wish
    assert find_due(wish, WITH_LUNCH, NOW) == (at(due_at) if due_at else None)


def test_speaking_of_a_call() -> None:
    assert mentions_call("下午三点打给我")
    assert not mentions_call("下午三点")
