"""The bank's Telegram bot: the variables XIAOHE_TELEGRAM_…"""

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import BaseModel, Field, SecretStr, model_validator

from kit.settings import list_plain_urls, list_weak_secrets, require_secrets

WEBHOOK_SECRET_LENGTH_MIN = 16


class TelegramSettings(BaseModel):
    """One bot. Telegram is switched on by the bot's token."""

    bot_token: SecretStr = Field(SecretStr(""), description="Secret. Token of the Telegram bot; empty: none.")
    webhook_secret: SecretStr = Field(
        SecretStr(""), description="Secret. Telegram proves with it that a call is its own."
    )
    api_url: str = Field("https://api.telegram.org", description="Where Telegram's Bot API is found.")
    mode: Literal["webhook", "polling"] = Field(
        "webhook", description="`polling` fetches messages: for a bank without a public address."
    )

    cross_border_notice: bool = Field(
        True,
        description="Whether customers are asked, once, to agree that their data cross the border, before anything "
        "personal is asked of them. Telegram's servers are abroad.",
    )

    @model_validator(mode="after")
    def require_webhook_secret(self) -> Self:
        """A webhook without a secret would take anybody's calls."""
        if self.bot_token.get_secret_value() and self.mode == "webhook":
            require_secrets({"XIAOHE_TELEGRAM_WEBHOOK_SECRET": self.webhook_secret})
        return self

    def list_gaps(self) -> Iterator[str]:
        """What production demands and the bot lacks."""
        yield from list_plain_urls("XIAOHE_TELEGRAM_API_URL", self.api_url)
        if self.webhook_secret.get_secret_value():
            secrets = {"XIAOHE_TELEGRAM_WEBHOOK_SECRET": self.webhook_secret}
            yield from list_weak_secrets(secrets, WEBHOOK_SECRET_LENGTH_MIN)
