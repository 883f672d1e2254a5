"""Times that customers wish for, in their words."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.wished_time import AHEAD_MAX, find_wish
from kit.clock import CHINA

NOW = datetime(2026, 7, 1, 10, 0, tzinfo=CHINA)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("明天上午", "7月2日上午"),
        ("明天下午行不行", "7月2日下午"),
        ("后天下午三点", "7月3日15:00左右"),
        ("大后天早上", "7月4日上午"),
        ("下周二", "7月7日"),
        ("周五上午10点", "7月3日10:00左右"),
        ("7月13号下午", "7月13日下午"),
        ("13号下午", "7月13日下午"),
        ("改到后天上午", "7月3日上午"),
        ("明天吧", "7月2日"),
        ("礼拜五", "7月3日"),
        ("tomorrow afternoon", "7月2日下午"),
        ("the day after tomorrow at 3pm", "7月3日15:00左右"),
        ("next tuesday", "7月7日"),
        ("friday 10 am please", "7月3日10:00左右"),
        ("on thursday in the morning", "7月2日上午"),
    ],
)
def test_a_time_is_found(text: str, stored: str) -> None:
    found = find_wish(text, NOW, is_day_enough=True)
    assert found
    assert str(found[0]) == stored
    again = find_wish(stored, NOW, is_day_enough=True)
    assert again
    assert again[0] == found[0]


@pytest.mark.parametrize("text", ["", "昨天", "能上门吗", "我家3口人", "31月2号", "明白了", "以后再说", "12月25号"])
def test_there_is_none(text: str) -> None:
    assert find_wish(text, NOW, is_day_enough=True) is None


@pytest.mark.parametrize(("now", "expected"), [("2026-12-30", "1月2日"), ("2026-01-30", "2月2日")])
def test_a_day_without_its_month_may_be_in_the_next(now: str, expected: str) -> None:
    found = find_wish("2号", datetime.fromisoformat(now).replace(tzinfo=CHINA), is_day_enough=True)
    assert found
    assert str(found[0]) == expected


@given(st.text("今明后大天下周一二三四五六日上中午晚早点半月号0123456789:：到前后 ，", max_size=20))
def test_whatever_is_found_lies_ahead(text: str) -> None:
    found = find_wish(text, NOW, is_day_enough=True)
    assert found is None or NOW < found[0].end < NOW + AHEAD_MAX + timedelta(minutes=1)


@pytest.mark.parametrize("text", ["王家村3组12号", "解放路12号", "5栋3号", "石桥村18号"])
def test_the_number_of_a_house_is_no_day(text: str) -> None:
    assert find_wish(text, NOW, is_day_enough=True) is None
