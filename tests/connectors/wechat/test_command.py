"""`python -m connectors wechat …`: what an operator sets up, and sees when it fails."""

from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.wechat.command import run
from connectors.wechat.menu import load_menu
from connectors.wechat.settings import WeChatSettings
from tests.platforms.wechat import WeChatPlatform
from tests.platforms.wechat_api import Fault


@pytest.fixture
def platform() -> WeChatPlatform:
    return WeChatPlatform()


def test_the_menu_is_set_and_shown(
    platform: WeChatPlatform, settings: WeChatSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["menu"], settings, platform.transport) == 0
    assert platform.menu == load_menu().to_platform()
    printed = capsys.readouterr().out
    assert all(column.name in printed for column in load_menu().columns)
    assert "人工客服" in printed


def test_each_scene_gets_a_code_of_its_own(
    platform: WeChatPlatform, settings: WeChatSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    scenes = ["village:青山镇", "manager:zhang"]
    arguments = ["qrcode", *(word for scene in scenes for word in ("--scene", scene))]
    assert run(arguments, settings, platform.transport) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    tickets = [parse_qs(urlsplit(url).query)["ticket"][0] for _, url in lines]
    assert [scene for scene, _ in lines] == scenes
    assert [platform.scenes[ticket] for ticket in tickets] == scenes


def test_an_account_can_be_checked(
    platform: WeChatPlatform, settings: WeChatSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check"], settings, platform.transport) == 0
    assert "accepts" in capsys.readouterr().out
    assert platform.calls == {"token": 1}


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["unknown"],
        ["qrcode"],
        ["qrcode", "--scene", "青山镇"],
        ["qrcode", "--scene", "village:"],
        ["qrcode", "--scene", "village:" + "a" * 57],
        ["menu", "--force"],
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_called(
    platform: WeChatPlatform, settings: WeChatSettings, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        run(arguments, settings, platform.transport)
    assert left.value.code == 2
    assert "usage" in capsys.readouterr().err
    assert not platform.calls


@pytest.mark.parametrize(
    ("call", "fault", "words"),
    [
        ("token", 40164, "errcode 40164: 本机IP不在公众号的IP白名单里"),
        ("token", 40125, "AppSecret"),
        ("token", 40001, "AppSecret"),
        ("token", "garbage", "无法识别"),
        ("menu", 40018, "菜单不合微信的要求"),
        ("menu", 48001, "没有"),
        ("menu", "500", "没有应答"),
        ("menu", 12345, "错误码12345"),
    ],
)
def test_an_operator_reads_why_wechat_refused(
    platform: WeChatPlatform,
    settings: WeChatSettings,
    call: str,
    fault: Fault,
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    platform.fail(call, fault)
    result = run(["menu"], settings, platform.transport)
    assert isinstance(result, str)
    assert words in result
    printed = capsys.readouterr()
    assert not any(secret in result + printed.out + printed.err for secret in platform.list_secrets())


def test_without_an_account_nothing_is_called(platform: WeChatPlatform) -> None:
    assert run(["menu"], WeChatSettings(), platform.transport) == "XIAOHE_WECHAT_APP_ID is not set"
    assert not platform.calls
