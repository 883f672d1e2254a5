"""`python -m connectors wecom-service …`: what an operator sets up, and sees when it fails."""

from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.wecom_service.command import run
from connectors.wecom_service.parse import parse_message
from connectors.wecom_service.settings import WeComServiceSettings
from kit.clock import read_clock
from tests.platforms.wechat_api import Fault
from tests.platforms.wecom_service import ServicePlatform
from tests.platforms.wecom_service_api import OPEN_KFID


def test_the_application_can_be_checked(
    platform: ServicePlatform, settings: WeComServiceSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check"], settings, platform.transport) == 0
    printed = capsys.readouterr().out
    assert "accepts" in printed
    assert f"{OPEN_KFID}\t青禾农商银行" in printed


def test_a_link_says_where_a_customer_came_from(
    platform: ServicePlatform, settings: WeComServiceSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    scenes = ["village:青山镇", "manager:zhang"]
    arguments = ["link", "--account", OPEN_KFID, *(word for scene in scenes for word in ("--scene", scene))]
    assert run(arguments, settings, platform.transport) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [scene for scene, _ in lines] == scenes
    for scene, url in lines:
        (param,) = parse_qs(urlsplit(url).query)["scene_param"]
        received = parse_message(platform.enter("farmer", param), read_clock())
        assert received
        assert received.message
        assert received.message.source == scene


@pytest.mark.parametrize(
    "arguments",
    [[], ["unknown"], ["link"], ["link", "--account", "wk"], ["link", "--account", "wk", "--scene", "青山镇"]],
)
def test_wrong_arguments_are_explained(settings: WeComServiceSettings, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run(arguments, settings)
    assert left.value.code == 2


@pytest.mark.parametrize(
    ("call", "fault"), [("token", 40001), ("token", 60020), ("accounts", 48002), ("accounts", "500")]
)
def test_what_fails_is_explained_without_secrets(
    platform: ServicePlatform, settings: WeComServiceSettings, call: str, fault: Fault
) -> None:
    platform.fail(call, fault)
    told = run(["check"], settings, platform.transport)
    assert str(told).startswith("WeCom did not do it")
    assert not any(secret in str(told) for secret in platform.list_secrets())


def test_without_a_corp_id_there_is_nothing_to_do() -> None:
    assert run(["check"], WeComServiceSettings()) == "XIAOHE_WECOM_SERVICE_CORP_ID is not set"
