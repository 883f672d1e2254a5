"""Settings of the gateway, with those of its platforms: what is refused, and that no secret is told."""

import pytest
from pydantic import ValidationError

from connectors.settings import GatewaySettings
from tests.settings import PRODUCTION, TELEGRAM, WECHAT, WECOM_SERVICE, set_environment

pytestmark = pytest.mark.usefixtures("empty_environment")


def test_values_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, {"XIAOHE_MESSAGE_LENGTH_MAX": "200", "XIAOHE_TURN_SECONDS": "3"})
    settings = GatewaySettings()
    assert (settings.message_length_max, settings.turn_seconds) == (200, 3.0)


def test_a_channel_with_its_secrets_is_switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, PRODUCTION | WECHAT | TELEGRAM | WECOM_SERVICE)
    settings = GatewaySettings()
    assert (settings.wechat.app_id, settings.wechat.mode, settings.telegram.mode) == ("wx1", "safe", "webhook")
    wechat, telegram = settings.wechat, settings.telegram
    secrets = (wechat.app_secret, wechat.token, wechat.aes_key, telegram.bot_token, telegram.webhook_secret)
    assert [secret.get_secret_value() for secret in secrets] == [*WECHAT.values(), *TELEGRAM.values()][1:]
    service = settings.wecom_service
    assert service.corp_id == "ww1"
    its_secrets = (service.secret, service.token, service.aes_key)
    assert [secret.get_secret_value() for secret in its_secrets] == [*WECOM_SERVICE.values()][1:]
    assert "-secret" not in f"{settings!r} {settings.model_dump()}"


@pytest.mark.parametrize("environment", ["demo", "production"])
@pytest.mark.parametrize(
    "missing",
    [
        "XIAOHE_WECHAT_APP_SECRET",
        "XIAOHE_WECHAT_TOKEN",
        "XIAOHE_WECHAT_AES_KEY",
        "XIAOHE_TELEGRAM_WEBHOOK_SECRET",
        "XIAOHE_WECOM_SERVICE_SECRET",
        "XIAOHE_WECOM_SERVICE_TOKEN",
        "XIAOHE_WECOM_SERVICE_AES_KEY",
    ],
)
def test_a_channel_without_a_secret_is_refused(missing: str, environment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    channels = WECHAT | TELEGRAM | WECOM_SERVICE
    set_environment(monkeypatch, PRODUCTION | channels | {"XIAOHE_ENVIRONMENT": environment, missing: ""})
    with pytest.raises(ValidationError, match=f"must be set: {missing}") as refused:
        GatewaySettings()
    assert "-secret" not in str(refused.value)


@pytest.mark.parametrize(
    "needless",
    [
        pytest.param({**WECHAT, "XIAOHE_WECHAT_AES_KEY": "", "XIAOHE_WECHAT_MODE": "plain"}, id="plain needs no key"),
        pytest.param(
            {**TELEGRAM, "XIAOHE_TELEGRAM_WEBHOOK_SECRET": "", "XIAOHE_TELEGRAM_MODE": "polling"},
            id="nobody calls who polls",
        ),
        pytest.param({"XIAOHE_WECHAT_APP_SECRET": "", "XIAOHE_TELEGRAM_WEBHOOK_SECRET": ""}, id="both switched off"),
    ],
)
def test_what_nobody_uses_is_not_required(needless: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, needless)
    GatewaySettings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XIAOHE_WECHAT_API_URL", "http://api.weixin.qq.com"),
        ("XIAOHE_TELEGRAM_API_URL", "http://api.telegram.org"),
        ("XIAOHE_WECOM_SERVICE_API_URL", "http://qyapi.weixin.qq.com"),
        ("XIAOHE_WIDGET_ORIGINS", "https://www.bank.example,http://m.bank.example"),
        ("XIAOHE_TELEGRAM_WEBHOOK_SECRET", "short-secret"),
    ],
)
def test_production_takes_no_channel_that_can_be_listened_to_or_guessed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    set_environment(monkeypatch, PRODUCTION | WECHAT | TELEGRAM | {name: value})
    with pytest.raises(ValidationError, match=name) as refused:
        GatewaySettings()
    assert "short-secret" not in str(refused.value)
    monkeypatch.setenv("XIAOHE_ENVIRONMENT", "demo")
    GatewaySettings()


@pytest.mark.parametrize("mode", ["compatible", "plain"])
def test_production_takes_wechat_in_safe_mode_only(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, PRODUCTION | WECHAT | {"XIAOHE_ENVIRONMENT": "demo", "XIAOHE_WECHAT_MODE": mode})
    assert GatewaySettings().wechat.mode == mode
    monkeypatch.setenv("XIAOHE_ENVIRONMENT", "production")
    with pytest.raises(ValidationError, match="XIAOHE_WECHAT_MODE must be safe") as refused:
        GatewaySettings()
    assert "-secret" not in str(refused.value)
    monkeypatch.setenv("XIAOHE_WECHAT_APP_ID", "")
    GatewaySettings()  # without WeChat it does not matter


@pytest.mark.parametrize(
    ("value", "origins"),
    [
        ("", ()),
        (" , ,", ()),
        ("https://www.bank.example", ("https://www.bank.example",)),
        ("http://127.0.0.1:8000", ("http://127.0.0.1:8000",)),
        (
            " https://www.bank.example , https://m.bank.example:8443,",
            ("https://www.bank.example", "https://m.bank.example:8443"),
        ),
    ],
)
def test_origins_of_the_banks_pages_are_written_with_commas(
    value: str, origins: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIAOHE_WIDGET_ORIGINS", value)
    assert GatewaySettings().widget_origins == origins


@pytest.mark.parametrize(
    "origin",
    [
        "www.bank.example",
        "https://",
        "https://www.bank.example/",
        "https://www.bank.example/loans",
        "https://www.bank.example?x=1",
        "https://*.bank.example",
        "*",
        "https://*",
        "'self'",
        "https://bank.example'",
        'https://bank.example"',
        "https://bank.example;",
        "https://bank.example; script-src *",
        "https://a.example https://b.example",
        "https://bank.example\nX-Header: 1",
        "https://user@bank.example",
        "https://bank.example:",
        "https://bank.example:port",
        "ftp://bank.example",
        "javascript:alert(1)",
        "https://银行.example",
    ],
)
def test_what_is_no_origin_is_refused(origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOHE_WIDGET_ORIGINS", f"https://www.bank.example,{origin}")
    with pytest.raises(ValidationError, match="an origin looks like"):
        GatewaySettings()


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("XIAOHE_MESSAGE_LENGTH_MAX", "19", "message_length_max"),
        ("XIAOHE_MESSAGE_LENGTH_MAX", "2001", "message_length_max"),
        ("XIAOHE_TURN_SECONDS", "0.5", "turn_seconds"),
        ("XIAOHE_TURN_SECONDS", "soon", "turn_seconds"),
        ("XIAOHE_TURNS_AT_ONCE", "0", "turns_at_once"),
        ("XIAOHE_MESSAGES_PER_MINUTE", "0", "messages_per_minute"),
        ("XIAOHE_OFFICE_DAYS", "weekdays", "office_days"),
        ("XIAOHE_WECHAT_REPLY_SECONDS", "5", "wechat.reply_seconds"),
        ("XIAOHE_WECHAT_MODE", "open", "wechat.mode"),
        ("XIAOHE_WECHAT_BUTTONS", "all", "wechat.buttons"),
        ("XIAOHE_TELEGRAM_MODE", "push-secret", "telegram.mode"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=field) as refused:
        GatewaySettings()
    assert "push-secret" not in str(refused.value)
