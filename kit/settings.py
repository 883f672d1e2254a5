"""Every setting of every process, read once from environment variables with the prefix XIAOHE_."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from kit.working_time import OfficeHours

ROOT = Path(__file__).resolve().parent.parent
WEBHOOK_SECRET_LENGTH_MIN = 16
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?")


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
    encoder: str = Field(
        f"{ROOT}/models/encoder",
        description="Sentence encoder: a folder or a model name for sentence-transformers.",
    )
    message_length_max: int = Field(500, ge=20, le=2000, description="Characters a customer's message may have.")
    turn_seconds: float = Field(
        3.5,
        gt=0.5,
        le=15,
        description="Seconds the bot may take for a turn; then the customer hears an honest apology. Below "
        "`XIAOHE_WECHAT_REPLY_SECONDS`, or WeChat customers hear it late.",
    )
    turns_at_once: int = Field(
        8, ge=1, le=64, description="Turns one gateway gives the Rasa server at the same time; others wait their turn."
    )
    messages_per_minute: int = Field(
        60, ge=1, le=600, description="Messages one customer may send a gateway process in a minute; more are refused."
    )
    office_hours: str = Field("08:30-17:30", description="When humans answer, China time: `08:30-17:30`.")
    office_days: Literal["working", "all"] = Field(
        "working", description="`working`: not on weekends and public holidays; `all`: every day."
    )
    promise_hours: float = Field(
        2.0, gt=0, le=40, description="Office hours that may pass until a waiting customer is answered or called back."
    )
    accept_seconds: int = Field(
        60, ge=10, le=600, description="Seconds an agent has to take an offered talk before it is offered to another."
    )
    wait_alert_seconds: int = Field(
        120,
        ge=60,
        le=3600,
        description="Seconds a customer waits with nobody there to serve them (or at all, in danger) until supervisors "
        "are alerted; again after twice as long each time.",
    )
    agent_grace_seconds: int = Field(
        60,
        ge=5,
        le=3600,
        description="Seconds without any open page after which an agent's talks go back to the queue.",
    )
    desk_public_url: str = Field(
        "",
        description="Where staff find the staff site: `https://…` (its cookie then goes over https only). "
        "Empty: the desk's own address.",
    )
    wecom_corp_id: str = Field("", description="Corp id (企业ID) of WeCom, to notify staff there; empty: no WeCom.")
    wecom_agent_id: int = Field(0, ge=0, description="AgentId of the WeCom application that notifies.")
    wecom_secret: SecretStr = Field(SecretStr(""), description="Secret. Secret of the WeCom application.")
    wecom_api_url: str = Field("https://qyapi.weixin.qq.com", description="Where WeCom's API is found.")
    smtp_host: str = Field("", description="Mail server that takes notifications for staff; empty: no e-mail.")
    smtp_port: int = Field(465, ge=1, le=65535, description="Its port.")
    smtp_security: Literal["tls", "starttls", "none"] = Field("tls", description="How the mail server is spoken to.")
    smtp_user: str = Field("", description="User at the mail server; empty: none is needed.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Secret. Password at the mail server.")
    smtp_from: str = Field("", description="Address notifications come from.")
    public_url: str = Field(
        "", description="Where the gateway is found from the internet, for the platforms and links: `https://…`."
    )
    widget_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Origins of the bank's pages that may embed the chat, separated by commas: `https://…,https://…`.",
    )
    wechat_app_id: str = Field("", description="AppID of the WeChat Official Account; empty: no WeChat.")
    wechat_app_secret: SecretStr = Field(SecretStr(""), description="Secret. AppSecret of the Official Account.")
    wechat_token: SecretStr = Field(SecretStr(""), description="Secret. Token WeChat signs its calls with.")
    wechat_aes_key: SecretStr = Field(
        SecretStr(""), description="Secret. EncodingAESKey, 43 characters, for the safe and compatible modes."
    )
    wechat_api_url: str = Field("https://api.weixin.qq.com", description="Where WeChat's API is found.")
    wechat_mode: Literal["safe", "compatible", "plain"] = Field(
        "safe", description="Message encryption as set in WeChat's console; production takes only `safe`."
    )
    wechat_reply_seconds: float = Field(
        4.0, gt=0, le=4.8, description="Seconds a WeChat message may take to be answered at once; WeChat waits 5."
    )
    wechat_buttons: Literal["auto", "menu", "numbers"] = Field(
        "auto",
        description="How choices are shown in WeChat: `numbers` in the text, `menu` to tap (never at once, always by a "
        "customer-service message), `auto` numbers in an answer at once and a menu in a later one.",
    )
    telegram_bot_token: SecretStr = Field(SecretStr(""), description="Secret. Token of the Telegram bot; empty: none.")
    telegram_webhook_secret: SecretStr = Field(
        SecretStr(""), description="Secret. Telegram proves with it that a call is its own."
    )
    telegram_api_url: str = Field("https://api.telegram.org", description="Where Telegram's Bot API is found.")
    telegram_mode: Literal["webhook", "polling"] = Field(
        "webhook", description="`polling` fetches messages: for a bank without a public address."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much is logged.")

    @field_validator("office_hours")
    @classmethod
    def require_hours(cls, value: str) -> str:
        """Two times of day."""
        OfficeHours.parse(value)
        return value

    @field_validator("widget_origins", mode="before")
    @classmethod
    def split_origins(cls, value: Any) -> Any:
        """Takes a list written with commas."""
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("widget_origins")
    @classmethod
    def require_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        """Scheme, host and port only: anything else would not match what a browser sends, or break the policy."""
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError("an origin looks like https://www.bank.example, without a path")
        return origins

    @model_validator(mode="after")
    def require_channel_secrets(self) -> Self:
        """What is switched on needs its secrets: an empty one would let anybody in."""
        needed = []
        if self.wechat_app_id:
            needed += ["wechat_app_secret", "wechat_token"]
            needed += ["wechat_aes_key"] if self.wechat_mode != "plain" else []
        if self.telegram_bot_token.get_secret_value() and self.telegram_mode == "webhook":
            needed += ["telegram_webhook_secret"]
        if self.wecom_corp_id:
            needed += ["wecom_secret"]
        if self.smtp_host and not self.smtp_from:
            raise ValueError("XIAOHE_SMTP_FROM must be set with XIAOHE_SMTP_HOST")
        self._require(needed)
        if self.wechat_app_id and self.environment == "production" and self.wechat_mode != "safe":
            raise ValueError("XIAOHE_WECHAT_MODE must be safe in production")
        return self

    @model_validator(mode="after")
    def require_secrets_in_production(self) -> Self:
        """Refuses a production start without secrets: an empty secret would let anybody in."""
        if self.environment == "production":
            self._require(["rasa_token", "service_token"])
            self._require_safe_channels()
        return self

    @property
    def hours(self) -> OfficeHours:
        """The office hours as a value."""
        return OfficeHours.parse(self.office_hours, is_daily=self.office_days == "all")

    def _require_safe_channels(self) -> None:
        """Secrets travel to the platforms, and pages that embed the chat could be read on the way."""
        for name in ("wechat_api_url", "telegram_api_url", "wecom_api_url"):
            if not getattr(self, name).startswith("https://"):
                raise ValueError(f"XIAOHE_{name.upper()} must be https in production")
        if any(not origin.startswith("https://") for origin in self.widget_origins):
            raise ValueError("XIAOHE_WIDGET_ORIGINS must be https in production")
        secret = self.telegram_webhook_secret.get_secret_value()
        if secret and len(secret) < WEBHOOK_SECRET_LENGTH_MIN:
            raise ValueError(
                f"XIAOHE_TELEGRAM_WEBHOOK_SECRET needs {WEBHOOK_SECRET_LENGTH_MIN} characters in production"
            )

    def _require(self, secrets: list[str]) -> None:
        missing = [f"XIAOHE_{name.upper()}" for name in secrets if not getattr(self, name).get_secret_value()]
        if missing:
            raise ValueError("must be set: " + ", ".join(missing))


def load_settings() -> Settings:
    """Reads the environment; raises pydantic.ValidationError naming what is wrong."""
    return Settings()


def split_address(url: str) -> tuple[str, int]:
    """Host and port a process binds for the URL its callers use; ValueError without a port."""
    parts = urlsplit(url)
    if not parts.hostname or not parts.port:
        raise ValueError(f"{url!r} needs a host and a port")
    return parts.hostname, parts.port
