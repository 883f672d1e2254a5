"""WeCom through the channel: what its members see, and every way it can fail."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from desk.notifications.channel import SendError
from desk.notifications.settings import WeComSettings
from desk.notifications.wecom import WeCom
from tests.desk.notifications.people import make_staff
from tests.fakes import FixedClock
from tests.platforms.wecom import Call, WeComPlatform

URL = "https://desk.bank.example/handoffs/7"
ZHANG = make_staff(wecom_id="zhangmin")


@pytest.fixture
def platform(clock: FixedClock) -> WeComPlatform:
    return WeComPlatform(clock=clock)


def make_wecom(platform: WeComPlatform, **other: Any) -> WeCom:
    account = {"corp_id": platform.corp_id, "agent_id": platform.agent_id, "secret": platform.secret}
    account = {name: other.pop(name, value) for name, value in account.items()}
    settings = WeComSettings(api_url="https://qyapi.test", **account)
    return WeCom(settings, clock=platform.clock, transport=platform.transport, **other)


@pytest.fixture
async def channel(platform: WeComPlatform) -> AsyncIterator[WeCom]:
    opened = make_wecom(platform)
    yield opened
    await opened.close()


async def send(
    channel: WeCom, text: str = "有客户在等您", key: str = "handoff:7", member: str = "zhangmin"
) -> SendError | None:
    """What went wrong."""
    try:
        await channel.send(make_staff(wecom_id=member), text, URL, key)
    except SendError as error:
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
    channel: WeCom, platform: WeComPlatform, text: str, title: str, description: str
) -> None:
    assert await send(channel, text) is None
    (card,) = platform.seen["zhangmin"]
    assert (card.title, card.description) == (title, description)
    assert card.url.partition("#")[0] == URL


async def test_the_same_notification_is_shown_once_and_another_of_the_same_words_too(
    channel: WeCom, platform: WeComPlatform
) -> None:
    for key in ("handoff:7", "handoff:7", "handoff:8"):
        assert await send(channel, key=key) is None
    assert platform.list_titles("zhangmin") == ["有客户在等您"] * 2


async def test_a_notification_that_was_not_confirmed_may_be_sent_again(
    platform: WeComPlatform,
) -> None:
    channel = make_wecom(platform, call_seconds=0.05)
    platform.fail("send", "lost")
    error = await send(channel)
    assert error
    assert error.kind == "retry"
    assert await send(channel) is None
    await channel.close()
    assert len(platform.seen["zhangmin"]) == 1


@pytest.mark.parametrize("wecom_id", ["", "@all", "zhangmin|limei", "张敏", "zhang min", "z" * 65, "zhangmin\n"])
def test_who_has_no_plain_id_cannot_be_reached(wecom_id: str) -> None:
    channel = make_wecom(WeComPlatform())
    assert not channel.can_reach(make_staff(wecom_id=wecom_id))
    assert channel.can_reach(ZHANG)


# errcode: kind of error, from how many seconds on it may be tried again
ERRORS: dict[int, tuple[str, float]] = {
    -1: ("retry", 0),
    40001: ("retry", 600),
    40013: ("retry", 600),
    40056: ("retry", 600),
    60020: ("retry", 600),
    45009: ("retry", 60),
    60011: ("permanent", 0),
    60111: ("permanent", 0),
    81013: ("permanent", 0),
    99999: ("permanent", 0),
}


@pytest.mark.parametrize(("errcode", "expected"), ERRORS.items())
@pytest.mark.parametrize("call", ["token", "send"])
async def test_every_error_code_has_its_kind_and_a_reason_for_the_staff(
    channel: WeCom, platform: WeComPlatform, call: Call, errcode: int, expected: tuple[str, float]
) -> None:
    platform.fail(call, errcode)
    error = await send(channel)
    assert error
    assert (error.kind, error.retry_after) == expected
    assert 4 <= len(error.reason) <= 40
    assert not error.reason.isascii()


@pytest.mark.parametrize(
    ("wrong", "word"),
    [({"corp_id": "ww1"}, "企业ID"), ({"secret": SecretStr("no")}, "Secret"), ({"agent_id": 1}, "AgentId")],
)
async def test_a_wrong_setting_is_named(platform: WeComPlatform, wrong: dict[str, Any], word: str) -> None:
    channel = make_wecom(platform, **wrong)
    error = await send(channel)
    await channel.close()
    assert error
    assert word in error.reason


async def test_success_that_left_out_the_member_is_a_failure(channel: WeCom, platform: WeComPlatform) -> None:
    platform.members.add("limei")
    platform.unlicensed.add("limei")
    for member, word in [("LiSi", "可见范围"), ("limei", "许可")]:
        error = await send(channel, member=member)
        assert error
        assert error.kind == "permanent"
        assert word in error.reason


async def test_what_is_above_the_limit_is_not_sent_but_postponed(
    channel: WeCom, platform: WeComPlatform, clock: FixedClock
) -> None:
    platform.members.add("limei")
    errors = [await send(channel, key=f"{number}") for number in range(31)]
    assert errors[:30] == [None] * 30
    assert errors[30]
    assert (errors[30].kind, errors[30].retry_after) == ("retry", 60)
    assert platform.calls["send"] == 30
    assert await send(channel, member="limei") is None  # each has a limit of their own
    clock.move(seconds=61)
    assert await send(channel, key="30") is None
    assert len(platform.seen["zhangmin"]) == 31


async def test_an_hour_has_a_limit_too(platform: WeComPlatform, clock: FixedClock) -> None:
    channel = make_wecom(platform, per_hour=40)
    for number in range(40):
        clock.move(seconds=3)
        assert await send(channel, key=f"{number}") is None
    error = await send(channel, key="40")
    await channel.close()
    assert error
    assert (error.kind, error.retry_after) == ("retry", 600)
