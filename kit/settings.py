"""What every process is set by, read from environment variables with the prefix XIAOHE_; each package adds its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Validated when built: pydantic.ValidationError names what is wrong. docs/settings.md lists every variable.

    A process with settings of its own extends this class in its package. What has a prefix of its own (the variables
    XIAOHE_WECHAT_…) is a group: a model beside the code that it sets up, in a field named after the prefix.
    """

    model_config = SettingsConfigDict(
        env_prefix="XIAOHE_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        extra="ignore",
        hide_input_in_errors=True,  # an error's text goes to the log: it must not repeat a secret
    )

    environment: Literal["demo", "production"] = Field(
        "demo", description="`production` refuses to start when a secret is missing."
    )
    database_url: str = Field(
        f"sqlite+aiosqlite:///{ROOT}/var/xiaohe.db",
        description="SQLAlchemy URL of the shared record; `postgresql+asyncpg://…` beyond one machine.",
    )
    tracker_url: str = Field(
        f"sqlite:///{ROOT}/var/rasa.db",
        description="SQLAlchemy 1.4 URL of Rasa's tracker store; `postgresql://…` beyond one machine.",
    )
    gateway_url: str = Field(
        "http://127.0.0.1:8000", description="Where the gateway listens and is found: chat page and channels."
    )
    desk_url: str = Field("http://127.0.0.1:8030", description="Where the staff site listens and is found.")
    knowledge_url: str = Field("http://127.0.0.1:8010", description="Where the knowledge service listens and is found.")
    scoring_url: str = Field(
        "http://127.0.0.1:8020",
        description="Where the scoring service is found; a bank may point it at its own.",
    )
    actions_url: str = Field("http://127.0.0.1:5055", description="Where the action server listens and is found.")
    rasa_url: str = Field("http://127.0.0.1:5005", description="Where the Rasa server listens and is found.")
    rasa_token: SecretStr = Field(
        SecretStr(""), description="Secret. Lets the gateway (and nobody else) speak to the Rasa server."
    )
    service_token: SecretStr = Field(
        SecretStr(""), description="Secret. Lets the action server file applications in the desk process."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much is logged.")

    @model_validator(mode="after")
    def require_safe_production(self) -> Self:
        """Refuses an unsafe production start."""
        if self.environment == "production":
            self.require_safe()
        return self

    def require_safe(self) -> None:
        """What production demands; a process adds the demands of its groups. Raises ValueError."""
        require_secrets({"XIAOHE_RASA_TOKEN": self.rasa_token, "XIAOHE_SERVICE_TOKEN": self.service_token})


def require_secrets(secrets: Mapping[str, SecretStr]) -> None:
    """Raises ValueError naming the variables that are empty: an empty secret would let anybody in."""
    if missing := [name for name, secret in secrets.items() if not secret.get_secret_value()]:
        raise ValueError("must be set: " + ", ".join(missing))


def require_https(name: str, *urls: str) -> None:
    """Raises ValueError naming the variable: what goes over plain http could be read on the way."""
    if any(not url.startswith("https://") for url in urls):
        raise ValueError(f"{name} must be https in production")


def split_address(url: str) -> tuple[str, int]:
    """Host and port a process binds for the URL its callers use; ValueError without a port."""
    parts = urlsplit(url)
    if not parts.hostname or not parts.port:
        raise ValueError(f"{url!r} needs a host and a port")
    return parts.hostname, parts.port
