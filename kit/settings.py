"""Every setting of every process, read once from environment variables with the prefix XIAOHE_."""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Values are validated when read; docs/settings.md documents each one (a test keeps it complete)."""

    # An error's text goes to the log: it must not repeat a secret.
    model_config = SettingsConfigDict(env_prefix="XIAOHE_", extra="ignore", hide_input_in_errors=True)

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
    staff_password: SecretStr = Field(
        SecretStr(""),
        description="Secret. Password of the user `staff` on the staff site (until it has accounts).",
    )
    encoder: str = Field(
        f"{ROOT}/models/encoder",
        description="Sentence encoder: a folder or a model name for sentence-transformers.",
    )
    message_length_max: int = Field(500, ge=20, le=2000, description="Characters a customer's message may have.")
    turn_seconds: float = Field(
        4.5, gt=0.5, le=30, description="Seconds a customer waits at most before an honest apology."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much is logged.")

    @model_validator(mode="after")
    def require_secrets_in_production(self) -> Self:
        """Refuses a production start without secrets: an empty secret would let anybody in."""
        if self.environment == "production":
            secrets = ("rasa_token", "service_token", "staff_password")
            missing = [f"XIAOHE_{name.upper()}" for name in secrets if not getattr(self, name).get_secret_value()]
            if missing:
                raise ValueError("set in production: " + ", ".join(missing))
        return self


def load_settings() -> Settings:
    """Reads the environment; raises pydantic.ValidationError naming what is wrong."""
    return Settings()


def split_address(url: str) -> tuple[str, int]:
    """Host and port a process binds for the URL its callers use; ValueError without a port."""
    parts = urlsplit(url)
    if not parts.hostname or not parts.port:
        raise ValueError(f"{url!r} needs a host and a port")
    return parts.hostname, parts.port
