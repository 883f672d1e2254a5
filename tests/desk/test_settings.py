"""Settings of the desk, with those of the ways to notify staff: what is refused, and that no secret is told."""

import pytest
from pydantic import ValidationError

from desk.settings import DeskSettings
from tests.settings import PRODUCTION, WECOM, set_environment

pytestmark = pytest.mark.usefixtures("empty_environment")


def test_values_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    times = {"XIAOHE_ACCEPT_SECONDS": "30", "XIAOHE_AGENT_GRACE_SECONDS": "40", "XIAOHE_WAIT_ALERT_SECONDS": "90"}
    set_environment(monkeypatch, PRODUCTION | WECOM | times | {"XIAOHE_DESK_URL": "http://127.0.0.1:1"})
    settings = DeskSettings()
    assert (settings.accept_seconds, settings.agent_grace_seconds, settings.wait_alert_seconds) == (30, 40, 90)
    assert (settings.wecom.corp_id, settings.wecom.agent_id) == ("ww1", 7)
    assert settings.wecom.secret.get_secret_value() == "ninth-secret"
    assert settings.desk_url == "http://127.0.0.1:1"
    assert "-secret" not in f"{settings!r} {settings.model_dump()}"


@pytest.mark.parametrize("environment", ["demo", "production"])
def test_wecom_without_its_secret_is_refused(environment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, PRODUCTION | WECOM | {"XIAOHE_ENVIRONMENT": environment, "XIAOHE_WECOM_SECRET": ""})
    with pytest.raises(ValidationError, match="must be set: XIAOHE_WECOM_SECRET") as refused:
        DeskSettings()
    assert "-secret" not in str(refused.value)


def test_production_takes_no_wecom_that_can_be_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, PRODUCTION | WECOM | {"XIAOHE_WECOM_API_URL": "http://qyapi.weixin.qq.com"})
    with pytest.raises(ValidationError, match="XIAOHE_WECOM_API_URL must be https"):
        DeskSettings()
    monkeypatch.setenv("XIAOHE_ENVIRONMENT", "demo")
    DeskSettings()


def test_a_mail_server_needs_an_address_that_notifications_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, {"XIAOHE_SMTP_HOST": "mail.bank.example", "XIAOHE_SMTP_PASSWORD": "tenth-secret"})
    with pytest.raises(ValidationError, match="XIAOHE_SMTP_FROM must be set") as refused:
        DeskSettings()
    assert "-secret" not in str(refused.value)
    monkeypatch.setenv("XIAOHE_SMTP_FROM", "xiaohe@bank.example")
    settings = DeskSettings()
    assert settings.smtp.sender == "xiaohe@bank.example"
    assert settings.smtp.password.get_secret_value() == "tenth-secret"


def test_the_gateways_wrong_settings_are_not_the_desks_affair(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, {"XIAOHE_WECHAT_APP_ID": "wx1", "XIAOHE_WECHAT_MODE": "open"})
    DeskSettings()


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("XIAOHE_ACCEPT_SECONDS", "9", "accept_seconds"),
        ("XIAOHE_WAIT_ALERT_SECONDS", "59", "wait_alert_seconds"),
        ("XIAOHE_AGENT_GRACE_SECONDS", "4", "agent_grace_seconds"),
        ("XIAOHE_PROMISE_HOURS", "0", "promise_hours"),
        ("XIAOHE_WECOM_AGENT_ID", "-1", "wecom.agent_id"),
        ("XIAOHE_SMTP_PORT", "0", "smtp.port"),
        ("XIAOHE_SMTP_SECURITY", "ssl", "smtp.security"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=field):
        DeskSettings()
