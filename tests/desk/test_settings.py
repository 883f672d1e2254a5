"""Settings of the desk, with those of the ways to notify staff: what is refused, and that no secret is told."""

import pytest
from pydantic import ValidationError

from desk.settings import DeskSettings
from tests.settings import OIDC, PRODUCTION, WECOM, set_environment

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


def test_the_provider_needs_a_client_and_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    for changed, problem in (
        ({"XIAOHE_OIDC_CLIENT_SECRET": ""}, "must be set: XIAOHE_OIDC_CLIENT_SECRET"),
        ({"XIAOHE_OIDC_CLIENT_ID": ""}, "XIAOHE_OIDC_CLIENT_ID must be set"),
        ({"XIAOHE_OIDC_ISSUER": "http://id.bank.example"}, "XIAOHE_OIDC_ISSUER must be https"),
        ({"XIAOHE_OIDC_ISSUER": "ftp://127.0.0.1"}, "XIAOHE_OIDC_ISSUER must be https"),
        ({"XIAOHE_OIDC_ISSUER": "http://127.0.0.1:1"}, "XIAOHE_OIDC_ISSUER must be https"),  # in production
    ):
        set_environment(monkeypatch, PRODUCTION | OIDC | changed)
        with pytest.raises(ValidationError, match=problem) as refused:
            DeskSettings()
        assert "-secret" not in str(refused.value)
    monkeypatch.setenv("XIAOHE_ENVIRONMENT", "demo")
    assert DeskSettings().oidc.login_claim == "preferred_username"


def test_passwords_are_off_only_where_staff_have_another_way_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOHE_DESK_PASSWORD_SIGN_IN", "off")
    with pytest.raises(ValidationError, match="XIAOHE_DESK_PASSWORD_SIGN_IN=off needs XIAOHE_OIDC_ISSUER"):
        DeskSettings()
    set_environment(monkeypatch, OIDC)
    assert not DeskSettings().desk_password_sign_in


@pytest.mark.parametrize(
    ("environment", "value", "roles"),
    [
        ("demo", None, set()),
        ("production", None, {"agent", "account_manager", "editor", "approver", "supervisor", "admin"}),
        ("production", "none", set()),
        ("demo", "admin, supervisor", {"admin", "supervisor"}),
        ("demo", "", set()),
    ],
)
def test_who_must_have_a_second_factor(
    environment: str, value: str | None, roles: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_environment(monkeypatch, PRODUCTION | {"XIAOHE_ENVIRONMENT": environment})
    if value is not None:
        monkeypatch.setenv("XIAOHE_DESK_SECOND_FACTOR_ROLES", value)
    assert DeskSettings().second_factor_roles == roles


def test_a_role_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOHE_DESK_SECOND_FACTOR_ROLES", "admin,superviser")
    with pytest.raises(ValidationError, match="no such role: superviser"):
        DeskSettings()


def test_a_core_is_asked_over_tls_and_with_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, PRODUCTION | {"XIAOHE_CORE_URL": "http://core.bank.example"})
    with pytest.raises(ValidationError, match="XIAOHE_CORE_URL must be https"):
        DeskSettings()
    monkeypatch.setenv("XIAOHE_CORE_URL", "https://core.bank.example")
    with pytest.raises(ValidationError, match="XIAOHE_CORE_URL needs XIAOHE_CORE_SECRET"):
        DeskSettings()
    monkeypatch.setenv("XIAOHE_CORE_SECRET", "a-secret-of-the-core-of-a-bank")
    assert DeskSettings().core_url == "https://core.bank.example"


@pytest.mark.parametrize("address", ["http://map.example/?q={place}", "https://map.example/", "javascript:{place}"])
def test_a_map_is_a_link_that_leads_to_the_place(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOHE_MAP_URL", address)
    with pytest.raises(ValidationError, match="a map looks like"):
        DeskSettings()
    monkeypatch.setenv("XIAOHE_MAP_URL", "")
    assert DeskSettings().map_url == ""
