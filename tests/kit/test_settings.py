"""Settings: a production without secrets does not start, a wrong value is named, nothing secret is told."""

from datetime import time

import pytest
from pydantic import SecretStr, ValidationError

from kit.settings import Settings, load_settings, split_address
from kit.working_time import OfficeHours

SECRETS = {
    "XIAOHE_RASA_TOKEN": "first-secret",
    "XIAOHE_SERVICE_TOKEN": "second-secret",
}

WECHAT = {
    "XIAOHE_WECHAT_APP_ID": "wx1",
    "XIAOHE_WECHAT_APP_SECRET": "fourth-secret",
    "XIAOHE_WECHAT_TOKEN": "fifth-secret",
    "XIAOHE_WECHAT_AES_KEY": "sixth-secret" + "k" * 31,
}
TELEGRAM = {"XIAOHE_TELEGRAM_BOT_TOKEN": "1:seventh-secret", "XIAOHE_TELEGRAM_WEBHOOK_SECRET": "eighth-secret-of-many"}
WECOM = {"XIAOHE_WECOM_CORP_ID": "ww1", "XIAOHE_WECOM_SECRET": "ninth-secret"}
OPTIONAL = {"smtp_password"}  # a mail server in the house may want none


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"XIAOHE_{name.upper()}", raising=False)


def set_environment(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_a_demo_needs_nothing() -> None:
    settings = load_settings()
    assert settings.environment == "demo"
    assert settings.database_url.startswith("sqlite+aiosqlite:///")


def test_values_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, XIAOHE_MESSAGE_LENGTH_MAX="200", XIAOHE_TURN_SECONDS="3")
    assert (load_settings().message_length_max, load_settings().turn_seconds) == (200, 3.0)


@pytest.mark.parametrize(
    ("values", "hours"),
    [
        ({}, OfficeHours(time(8, 30), time(17, 30))),
        ({"XIAOHE_OFFICE_HOURS": "9:00-12:00"}, OfficeHours(time(9), time(12))),
        (
            {"XIAOHE_OFFICE_HOURS": "00:00-24:00", "XIAOHE_OFFICE_DAYS": "all"},
            OfficeHours(time.min, time.min, is_daily=True),
        ),
    ],
)
def test_office_hours_are_read(values: dict[str, str], hours: OfficeHours, monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, **values)
    assert load_settings().hours == hours


def test_production_with_every_secret_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, XIAOHE_ENVIRONMENT="production", **SECRETS)
    assert load_settings().service_token.get_secret_value() == "second-secret"


@pytest.mark.parametrize("missing", SECRETS)
@pytest.mark.parametrize("is_empty", [True, False])
def test_production_without_a_secret_is_refused(missing: str, is_empty: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, XIAOHE_ENVIRONMENT="production", **SECRETS)
    if is_empty:
        monkeypatch.setenv(missing, "")
    else:
        monkeypatch.delenv(missing)
    with pytest.raises(ValidationError, match=f"must be set: {missing}") as refused:
        load_settings()
    assert "-secret" not in str(refused.value)


def test_every_secret_that_exists_is_required_by_what_uses_it() -> None:
    secret = {name for name, field in Settings.model_fields.items() if field.annotation is SecretStr}
    tested = {name.removeprefix("XIAOHE_").lower() for name in [*SECRETS, *WECHAT, *TELEGRAM, *WECOM]}
    assert secret - OPTIONAL <= tested


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XIAOHE_WECHAT_API_URL", "http://api.weixin.qq.com"),
        ("XIAOHE_TELEGRAM_API_URL", "http://api.telegram.org"),
        ("XIAOHE_WIDGET_ORIGINS", "https://www.bank.example,http://m.bank.example"),
        ("XIAOHE_TELEGRAM_WEBHOOK_SECRET", "short-secret"),
    ],
)
def test_production_takes_no_channel_that_can_be_listened_to_or_guessed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    everything = {"XIAOHE_ENVIRONMENT": "production", **SECRETS, **WECHAT, **TELEGRAM, name: value}
    set_environment(monkeypatch, **everything)
    with pytest.raises(ValidationError, match=name) as refused:
        load_settings()
    assert "short-secret" not in str(refused.value)
    set_environment(monkeypatch, **(everything | {"XIAOHE_ENVIRONMENT": "demo"}))
    load_settings()


def test_a_channel_with_its_secrets_is_switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, XIAOHE_ENVIRONMENT="production", **SECRETS, **WECHAT, **TELEGRAM)
    settings = load_settings()
    assert (settings.wechat_app_id, settings.wechat_mode, settings.telegram_mode) == ("wx1", "safe", "webhook")


@pytest.mark.parametrize("environment", ["demo", "production"])
@pytest.mark.parametrize(
    "missing",
    [
        "XIAOHE_WECHAT_APP_SECRET",
        "XIAOHE_WECHAT_TOKEN",
        "XIAOHE_WECHAT_AES_KEY",
        "XIAOHE_TELEGRAM_WEBHOOK_SECRET",
        "XIAOHE_WECOM_SECRET",
    ],
)
def test_a_channel_without_a_secret_is_refused(missing: str, environment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, XIAOHE_ENVIRONMENT=environment, **SECRETS, **WECHAT, **TELEGRAM, **WECOM)
    monkeypatch.setenv(missing, "")
    with pytest.raises(ValidationError, match=f"must be set: {missing}") as refused:
        load_settings()
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
    set_environment(monkeypatch, **needless)
    load_settings()


def test_a_mail_server_needs_an_address_that_notifications_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOHE_SMTP_HOST", "mail.bank.example")
    with pytest.raises(ValidationError, match="XIAOHE_SMTP_FROM must be set"):
        load_settings()
    monkeypatch.setenv("XIAOHE_SMTP_FROM", "xiaohe@bank.example")
    assert load_settings().smtp_from == "xiaohe@bank.example"


@pytest.mark.parametrize("mode", ["compatible", "plain"])
def test_production_takes_wechat_in_safe_mode_only(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, **SECRETS, **WECHAT, XIAOHE_WECHAT_MODE=mode)
    assert load_settings().wechat_mode == mode
    monkeypatch.setenv("XIAOHE_ENVIRONMENT", "production")
    with pytest.raises(ValidationError, match="XIAOHE_WECHAT_MODE must be safe in production") as refused:
        load_settings()
    assert "-secret" not in str(refused.value)
    monkeypatch.setenv("XIAOHE_WECHAT_APP_ID", "")
    load_settings()  # without WeChat it does not matter


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
    assert load_settings().widget_origins == origins


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
        load_settings()


def test_secrets_are_not_shown() -> None:
    settings = Settings(rasa_token=SecretStr("first-secret"))
    assert "first-secret" not in f"{settings!r} {settings.model_dump()}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XIAOHE_ENVIRONMENT", "staging"),
        ("XIAOHE_MESSAGE_LENGTH_MAX", "19"),
        ("XIAOHE_MESSAGE_LENGTH_MAX", "2001"),
        ("XIAOHE_TURN_SECONDS", "0.5"),
        ("XIAOHE_TURN_SECONDS", "soon"),
        ("XIAOHE_TURNS_AT_ONCE", "0"),
        ("XIAOHE_MESSAGES_PER_MINUTE", "0"),
        ("XIAOHE_OFFICE_HOURS", "8点半到5点半"),
        ("XIAOHE_OFFICE_HOURS", "08:30-25:00"),
        ("XIAOHE_OFFICE_HOURS", "17:30-08:30"),
        ("XIAOHE_OFFICE_DAYS", "weekdays"),
        ("XIAOHE_PROMISE_HOURS", "0"),
        ("XIAOHE_PROMISE_HOURS", "41"),
        ("XIAOHE_WECHAT_REPLY_SECONDS", "5"),
        ("XIAOHE_WECHAT_MODE", "open"),
        ("XIAOHE_WECHAT_BUTTONS", "all"),
        ("XIAOHE_TELEGRAM_MODE", "push"),
        ("XIAOHE_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.removeprefix("XIAOHE_").lower()):
        load_settings()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8000", ("127.0.0.1", 8000)),
        ("http://localhost:80/path", ("localhost", 80)),
        ("http://[::1]:8000", ("::1", 8000)),
        ("https://user:pass@bank.example:443", ("bank.example", 443)),
    ],
)
def test_an_address_is_split(url: str, address: tuple[str, int]) -> None:
    assert split_address(url) == address


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1", "127.0.0.1:8000", "http://:8000", "", "http://h:port", "http://h:0", "http://h:70000"]
)
def test_an_address_without_host_or_port_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"port|Port"):
        split_address(url)
