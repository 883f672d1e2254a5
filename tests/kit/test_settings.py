"""Settings: a production without secrets does not start, a wrong value is named, nothing secret is told."""

import pytest
from pydantic import SecretStr, ValidationError

from kit.settings import Settings, load_settings, split_address

SECRETS = {
    "XIAOHE_RASA_TOKEN": "first-secret",
    "XIAOHE_SERVICE_TOKEN": "second-secret",
    "XIAOHE_STAFF_PASSWORD": "third-secret",
}


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


def test_production_with_every_secret_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, XIAOHE_ENVIRONMENT="production", **SECRETS)
    assert load_settings().staff_password.get_secret_value() == "third-secret"


@pytest.mark.parametrize("missing", SECRETS)
@pytest.mark.parametrize("is_empty", [True, False])
def test_production_without_a_secret_is_refused(missing: str, is_empty: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, XIAOHE_ENVIRONMENT="production", **SECRETS)
    if is_empty:
        monkeypatch.setenv(missing, "")
    else:
        monkeypatch.delenv(missing)
    with pytest.raises(ValidationError, match=f"set in production: {missing}") as refused:
        load_settings()
    assert "-secret" not in str(refused.value)


def test_every_secret_that_exists_is_required_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, XIAOHE_ENVIRONMENT="production")
    with pytest.raises(ValidationError) as refused:
        load_settings()
    secret = [name for name, field in Settings.model_fields.items() if field.annotation is SecretStr]
    assert len(secret) >= 3
    assert all(f"XIAOHE_{name.upper()}" in str(refused.value) for name in secret)


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
