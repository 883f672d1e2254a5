"""WeCom through the way: what its members see, and what becomes of every way it can fail."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from desk.notices.way import NotTold
from desk.notices.wecom import WeCom
from tests.desk.notices.people import make_staff
from tests.fakes import FixedClock
from tests.platforms.wecom import Call, WeComPlatform

URL = "https://desk.bank.example/handoffs/7"
ZHANG = make_staff(wecom_id="zhangmin")


@pytest.fixture
def platform(clock: FixedClock) -> WeComPlatform:
    return WeComPlatform(clock=clock)


def make_wecom(platform: WeComPlatform, **other: Any) -> WeCom:
    settings: dict[str, Any] = {
        "corp_id": platform.corp_id,
        "agent_id": platform.agent_id,
        "secret": SecretStr(platform.secret),
    } | other
    return WeCom(**settings, api_url="https://qyapi.test", clock=platform.clock, transport=platform.transport)


@pytest.fixture
async def way(platform: WeComPlatform) -> AsyncIterator[WeCom]:
    opened = make_wecom(platform)
    yield opened
    await opened.close()


async def send(
    way: WeCom, text: str = "有客户在等您", key: str = "handoff:7", member: str = "zhangmin"
) -> NotTold | None:
    """What went wrong."""
    try:
        await way.send(make_staff(wecom_id=member), text, URL, key)
    except NotTold as error:
        return error
    return None


@pytest.mark.parametrize(
    ("text", "title", "description"),
    [
        ("有客户在等您", "有客户在等您", "点击查看详情"),
        ("有客户在等您\n青山镇\n农户贷", "有客户在等您", "青山镇 农户贷"),
        ("<b>王</b>\n<br>", "＜b＞王＜/b＞", "＜br＞"),
        ("长" * 50 + "\n青山镇", "长" * 41 + "…", "长" * 50 + " 青山镇"),
        ("短\n" + "长" * 200, "短", "长" * 169 + "…"),
    ],
)
async def test_a_member_sees_a_card_within_the_limits(
    way: WeCom, platform: WeComPlatform, text: str, title: str, description: str
) -> None:
    assert await send(way, text) is None
    (card,) = platform.seen["zhangmin"]
    assert (card.title, card.description) == (title, description)
    assert card.url.partition("#")[0] == URL


async def test_the_same_news_is_shown_once_and_other_news_of_the_same_words_too(
    way: WeCom, platform: WeComPlatform
) -> None:
    for key in ("handoff:7", "handoff:7", "handoff:8"):
        assert await send(way, key=key) is None
    assert platform.list_titles("zhangmin") == ["有客户在等您"] * 2


async def test_news_that_was_not_confirmed_may_be_sent_again(
    platform: WeComPlatform,
) -> None:
    way = make_wecom(platform, call_seconds=0.05)
    platform.fail("send", "lost")
    error = await send(way)
    assert error
    assert error.retry
    assert await send(way) is None
    await way.close()
    assert len(platform.seen["zhangmin"]) == 1


@pytest.mark.parametrize("wecom_id", ["", "@all", "zhangmin|limei", "张敏", "zhang min", "z" * 65, "zhangmin\n"])
def test_who_has_no_plain_id_cannot_be_reached(wecom_id: str) -> None:
    way = make_wecom(WeComPlatform())
    assert not way.can_reach(make_staff(wecom_id=wecom_id))
    assert way.can_reach(ZHANG)


# errcode: retry, from how many seconds on
FATES: dict[int, tuple[bool, float]] = {
    -1: (True, 0),
    40001: (True, 600),
    40013: (True, 600),
    40056: (True, 600),
    60020: (True, 600),
    45009: (True, 60),
    60011: (False, 0),
    60111: (False, 0),
    81013: (False, 0),
    99999: (False, 0),
}


@pytest.mark.parametrize(("errcode", "fate"), FATES.items())
@pytest.mark.parametrize("call", ["token", "send"])
async def test_every_error_code_has_its_fate_and_a_reason_for_the_staff(
    way: WeCom, platform: WeComPlatform, call: Call, errcode: int, fate: tuple[bool, float]
) -> None:
    platform.fail(call, errcode)
    error = await send(way)
    assert error
    assert (error.retry, error.retry_after) == fate
    assert 4 <= len(error.reason) <= 40
    assert not error.reason.isascii()


@pytest.mark.parametrize(
    ("wrong", "word"),
    [({"corp_id": "ww1"}, "企业ID"), ({"secret": SecretStr("no")}, "Secret"), ({"agent_id": 1}, "AgentId")],
)
async def test_a_wrong_setting_is_named(platform: WeComPlatform, wrong: dict[str, Any], word: str) -> None:
    way = make_wecom(platform, **wrong)
    error = await send(way)
    await way.close()
    assert error
    assert word in error.reason


async def test_success_that_left_out_the_member_is_a_failure(way: WeCom, platform: WeComPlatform) -> None:
    platform.members.add("limei")
    platform.unlicensed.add("limei")
    for member, word in [("LiSi", "可见范围"), ("limei", "许可")]:
        error = await send(way, member=member)
        assert error
        assert not error.retry
        assert word in error.reason


async def test_what_is_above_the_limit_is_not_sent_but_postponed(
    way: WeCom, platform: WeComPlatform, clock: FixedClock
) -> None:
    platform.members.add("limei")
    errors = [await send(way, key=f"{number}") for number in range(31)]
    assert errors[:30] == [None] * 30
    assert errors[30]
    assert (errors[30].retry, errors[30].retry_after) == (True, 60)
    assert platform.calls["send"] == 30
    assert await send(way, member="limei") is None  # each has a limit of their own
    clock.move(seconds=61)
    assert await send(way, key="30") is None
    assert len(platform.seen["zhangmin"]) == 31


async def test_an_hour_has_a_limit_too(platform: WeComPlatform, clock: FixedClock) -> None:
    way = make_wecom(platform, per_hour=40)
    for number in range(40):
        clock.move(seconds=3)
        assert await send(way, key=f"{number}") is None
    error = await send(way, key="40")
    await way.close()
    assert error
    assert (error.retry, error.retry_after) == (True, 600)
