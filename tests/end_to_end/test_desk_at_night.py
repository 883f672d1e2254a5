"""Out of hours: a message is left, a call is booked, and the morning begins with both."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from dev.environment import SECRETS
from dev.stack import Stack
from kit.clock import CHINA, read_clock
from tests.end_to_end.conftest import OpenDesk
from tests.end_to_end.customer import Customer, read_words
from tests.end_to_end.staff import Member, add_members

SHARED = ("knowledge", "scoring", "actions", "rasa")
pytestmark = pytest.mark.exhaustive


@pytest.fixture(scope="module")
def night(stack: Stack) -> Iterator[Stack]:
    """Another gateway and desk, with a record of their own, whose office opens in six hours for a minute."""
    opens = read_clock().astimezone(CHINA) + timedelta(hours=6)
    shared = {f"XIAOHE_{name.upper()}_URL": stack.urls[name] for name in SHARED}
    same = {name: stack.environment[name] for name in SECRETS}
    hours = {"XIAOHE_OFFICE_HOURS": f"{opens.hour:02}:00-{opens.hour:02}:01", "XIAOHE_OFFICE_DAYS": "all"}
    hours["XIAOHE_PROMISE_HOURS"] = "0.01"
    with Stack(("gateway", "desk"), **shared, **same, **hours) as running:
        add_members(running, Member("wanglei", "王磊", "agent"))
        yield running


def test_a_call_is_booked_and_made(open_desk: OpenDesk, night: Stack) -> None:
    with Customer(night.urls["gateway"]) as customer:
        turn = customer.say("转人工")
        assert "现在是下班时间" in read_words(turn)
        assert turn["holder"] == "queue"
        asked = customer.press("预约回电")
        assert "11位手机号" in read_words(asked)
        assert "没认出" in read_words(customer.say("1381234"))
        booked = customer.say("138 0000 4321")
        assert "138****4321" in read_words(booked)
        assert booked["holder"] == "bot"
        assert "户口簿" in read_words(customer.say("农户贷需要什么材料"))

        desk = open_desk("wanglei", house=night)
        calls = desk.get_by_role("region", name="待回电")
        expect(calls).to_contain_text("最晚")
        calls.get_by_role("link").last.click()
        desk.get_by_role("button", name="我来回电").click()
        desk.get_by_role("button", name="拨打").click()
        expect(desk.get_by_text("13800004321")).to_be_visible()
        desk.get_by_role("button", name="更多").click()
        desk.get_by_text("已回电，结束").click()
        desk.get_by_role("radio", name="已解决").click()
        desk.get_by_label("小结").fill("已回电，说清了材料")
        desk.get_by_role("dialog").get_by_role("button", name="结束").click()
        expect(desk.get_by_text("已结束").first).to_be_visible()


def test_a_message_is_left_and_taken_back(night: Stack) -> None:
    with Customer(night.urls["gateway"]) as customer:
        customer.say("转人工")
        assert customer.say("我想问问我那笔贷款")["holder"] == "queue"
        back = customer.say("不等了")
        assert back["holder"] == "bot"
        assert "小禾" in read_words(back)


def test_a_bot_that_does_not_understand_stays_at_night(night: Stack) -> None:
    with Customer(night.urls["gateway"]) as customer:
        customer.say("asdfgh qwer")
        assert customer.say("zxcvb uiop")["holder"] == "bot"
