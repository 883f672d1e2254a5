"""Settings of every process: a production without secrets does not start, a wrong value is named, no secret is told."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from connectors.settings import GatewaySettings
from desk.settings import DeskSettings
from kit.settings import Settings, split_address
from tests.settings import (
    OIDC,
    PROCESSES,
    PRODUCTION,
    SECRETS,
    SMS,
    TELEGRAM,
    WECHAT,
    WECOM,
    WECOM_SERVICE,
    list_variables,
    set_environment,
)

pytestmark = pytest.mark.usefixtures("empty_environment")


@pytest.mark.parametrize("process", PROCESSES)
def test_a_demo_needs_nothing(process: type[Settings]) -> None:
    settings = process()
    assert settings.environment == "demo"
    assert settings.database_url.startswith("sqlite+aiosqlite:///")


@pytest.mark.parametrize("process", PROCESSES)
def test_production_with_every_secret_starts(process: type[Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, PRODUCTION)
    assert process().service_token.get_secret_value() == SECRETS["XIAOHE_SERVICE_TOKEN"]


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("missing", SECRETS)
@pytest.mark.parametrize("is_empty", [True, False])
def test_production_without_a_secret_is_refused(
    process: type[Settings], missing: str, is_empty: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_environment(monkeypatch, PRODUCTION)
    if is_empty:
        monkeypatch.setenv(missing, "")
    else:
        monkeypatch.delenv(missing)
    with pytest.raises(ValidationError, match=f"must be set: {missing}") as refused:
        process()
    assert "-secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("process", "name", "value", "gap"),
    [
        (Settings, "XIAOHE_RASA_TOKEN", "short-secret", "XIAOHE_RASA_TOKEN needs 24 characters"),
        (Settings, "XIAOHE_RASA_TOKEN", SECRETS["XIAOHE_SERVICE_TOKEN"], "must differ"),
        (Settings, "XIAOHE_LOG_LEVEL", "DEBUG", "must not be DEBUG"),
        (Settings, "XIAOHE_DATABASE_URL", "postgresql+asyncpg://u:p@db.bank.example/x", "XIAOHE_DATABASE_URL must ask"),
        (Settings, "XIAOHE_TRACKER_URL", "postgresql://u:p@10.1.2.3/x?sslmode=prefer", "XIAOHE_TRACKER_URL must ask"),
        *(
            (Settings, "XIAOHE_DATABASE_URL", f"postgresql+asyncpg://u:p@{where}", "XIAOHE_DATABASE_URL must ask")
            for where in (
                "/x?host=db.bank.example",
                "localhost/x?host=127.0.0.1&host=db.bank.example:5432",
                "/x?host=/run/postgresql,db.bank.example",
                "127.0.0.1/x?hostaddr=10.1.2.3",
                "localhost:5432,db.bank.example:5432/x",
                "/x?service=bank",
            )
        ),
        *(
            (Settings, f"XIAOHE_{name}_URL", "http://10.1.2.3:8010", f"XIAOHE_{name}_URL must be https")
            for name in ("KNOWLEDGE", "SCORING", "RASA", "ACTIONS", "DESK")
        ),
        (DeskSettings, "XIAOHE_TRUSTED_PROXIES", "", "XIAOHE_TRUSTED_PROXIES must name the proxy"),
        (DeskSettings, "XIAOHE_TRUSTED_PROXIES", "10.0.0.1, *", "XIAOHE_TRUSTED_PROXIES must not be"),
        (GatewaySettings, "XIAOHE_PUBLIC_URL", "", "XIAOHE_PUBLIC_URL must be https"),
        (GatewaySettings, "XIAOHE_TRUSTED_PROXIES", "", "XIAOHE_TRUSTED_PROXIES must name the proxy"),
        (GatewaySettings, "XIAOHE_TRUSTED_PROXIES", "*", "XIAOHE_TRUSTED_PROXIES must not be"),
        (GatewaySettings, "XIAOHE_PUBLIC_URL", "http://chat.bank.example", "XIAOHE_PUBLIC_URL must be https"),
        (DeskSettings, "XIAOHE_DESK_PUBLIC_URL", "http://desk.bank.example", "XIAOHE_DESK_PUBLIC_URL must be https"),
    ],
)
def test_an_unsafe_production_is_refused(
    process: type[Settings], name: str, value: str, gap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_environment(monkeypatch, PRODUCTION | {name: value})
    with pytest.raises(ValidationError, match=gap) as refused:
        process()
    assert "-secret" not in str(refused.value)
    monkeypatch.setenv("XIAOHE_ENVIRONMENT", "demo")
    assert process().environment == "demo"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XIAOHE_DATABASE_URL", "postgresql+asyncpg://u:p@db.bank.example/x?ssl=verify-full"),
        ("XIAOHE_DATABASE_URL", "postgresql+asyncpg://u:p@127.0.0.1/x"),
        ("XIAOHE_DATABASE_URL", "postgresql+asyncpg:///x"),
        ("XIAOHE_DATABASE_URL", "postgresql+asyncpg://u:p@[::1]:5432/x?host=/run/postgresql"),
        ("XIAOHE_DATABASE_URL", "postgresql+asyncpg://u:p@/x?host=localhost:5432&host=[::1]:5432,::1"),
        ("XIAOHE_DATABASE_URL", "postgresql+asyncpg://u:p@/x?host=db.bank.example&ssl=verify-full"),
        ("XIAOHE_KNOWLEDGE_URL", "https://knowledge.bank.example:8010"),
        ("XIAOHE_RASA_URL", "http://localhost:5005"),
        ("XIAOHE_TRACKER_URL", "postgresql://u:p@db.bank.example/x?sslmode=require"),
    ],
)
def test_what_is_on_this_machine_or_over_tls_is_safe(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, PRODUCTION | {name: value})
    assert Settings().list_gaps() == []


def test_the_secrets_of_the_demo_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    demo = tmp_path / "demo.env"
    monkeypatch.setattr("kit.settings.DEMO_ENV", demo)
    set_environment(monkeypatch, PRODUCTION)
    assert Settings().list_gaps() == []
    demo.write_text(f"# the demo's\nXIAOHE_SCORING_TOKEN={SECRETS['XIAOHE_RASA_TOKEN']}\nXIAOHE_OTHER=\n")
    with pytest.raises(ValidationError, match=r"XIAOHE_RASA_TOKEN is the demo's") as refused:
        Settings()
    assert "-secret" not in str(refused.value)


def test_all_gaps_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, {"XIAOHE_ENVIRONMENT": "production", "XIAOHE_LOG_LEVEL": "DEBUG"})
    with pytest.raises(ValidationError) as refused:
        GatewaySettings()
    for gap in ("must be set: XIAOHE_RASA_TOKEN", "must be set: XIAOHE_SERVICE_TOKEN", "DEBUG", "XIAOHE_PUBLIC_URL"):
        assert gap in str(refused.value)


def test_every_secret_that_exists_is_required_by_what_uses_it() -> None:
    secret = {name for name, field in list_variables().items() if field.annotation is SecretStr}
    # A server in the house may want none; without its secret the core cannot reach us.
    optional = {"XIAOHE_SMTP_PASSWORD", "XIAOHE_LANGUAGE_MODEL_KEY", "XIAOHE_CORE_SECRET"}
    assert secret - optional <= {*SECRETS, *WECHAT, *TELEGRAM, *SMS, *OIDC, *WECOM, *WECOM_SERVICE}


def test_secrets_are_not_shown() -> None:
    settings = Settings(rasa_token=SecretStr("first-secret"))
    assert "first-secret" not in f"{settings!r} {settings.model_dump()}"


@pytest.mark.parametrize("value", ["https://www.bank.example", "*.bank.example", "www.bank.example:443", "localhost"])
def test_a_host_that_answers_may_link_to_is_a_whole_name(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, {"XIAOHE_LINK_HOSTS": "www.bank.example, M.bank.example"})
    assert DeskSettings().link_hosts == ("www.bank.example", "m.bank.example")
    monkeypatch.setenv("XIAOHE_LINK_HOSTS", value)
    with pytest.raises(ValidationError, match="a host looks like"):
        DeskSettings()


@pytest.mark.parametrize(("name", "value"), [("XIAOHE_ENVIRONMENT", "staging"), ("XIAOHE_LOG_LEVEL", "LOUD")])
def test_a_wrong_value_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.removeprefix("XIAOHE_").lower()) as refused:
        Settings()
    assert value not in str(refused.value)


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
