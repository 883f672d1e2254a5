"""What the gateway is set by, with a group for each platform."""

import re
from typing import Annotated, Any

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from connectors.telegram.settings import TelegramSettings
from connectors.wechat.settings import WeChatSettings
from connectors.wecom_service.settings import WeComServiceSettings
from conversations.settings import ConversationsSettings
from documents.settings import ClamdSettings, DocumentsSettings
from kit.settings import list_plain_urls, list_proxy_gaps
from verification.settings import SmsSettings

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?")


class GatewaySettings(ConversationsSettings):
    """The settings of a gateway process."""

    message_length_max: int = Field(500, ge=20, le=2000, description="Characters a customer's message may have.")
    turn_seconds: float = Field(
        3.5,
        gt=0.5,
        le=15,
        description="Seconds the bot may take for a turn; then the customer hears an honest apology. Below "
        "`XIAOHE_WECHAT_REPLY_SECONDS`, or WeChat customers hear it late.",
    )
    reading_seconds: float = Field(
        12, gt=1, le=300, description="Seconds until a picture counts as not read, for a human to look at."
    )
    turns_at_once: int = Field(
        8, ge=1, le=64, description="Turns one gateway gives the Rasa server at the same time; others wait their turn."
    )
    messages_per_minute: int = Field(
        60, ge=1, le=600, description="Messages one customer may send in a minute; more are refused for some seconds."
    )
    address_messages_per_minute: int = Field(
        600,
        ge=1,
        description="Messages of the web chat from one address in a minute: a branch, or a carrier's many customers.",
    )
    messages_per_second: int = Field(
        100,
        ge=1,
        description="Messages of all customers in a second, on all gateways; 300 at least in the demo.",
    )
    address_sessions_per_minute: int = Field(
        60, ge=1, description="Sessions of the web chat that one address may open in a minute."
    )
    sessions_per_second: int = Field(
        20, ge=1, description="Sessions of the web chat opened in a second, in all; 300 at least in the demo."
    )
    address_handoffs_per_hour: int = Field(
        60, ge=1, description="Customers of the web chat at one address who may be handed over to a human in an hour."
    )
    handoffs_per_hour: int = Field(
        600,
        ge=1,
        description="Customers who may be handed over in an hour, in all; those in danger always are. 300 a second at "
        "least in the demo.",
    )
    codes_per_hour: int = Field(
        300,
        ge=1,
        description="Codes sent to phones in an hour, in all: each costs money. 300 a second at least in the demo.",
    )
    web_idle_days: float = Field(
        10,
        gt=0,
        le=365,
        description="Days after its last use until a session of the web chat ends: over the longest public holiday, so "
        "that a promised answer is found.",
    )
    web_shared_idle_minutes: float = Field(
        15, ge=1, le=1440, description="Minutes after its last use until a session on a shared phone ends."
    )
    web_session_days: float = Field(
        30, gt=0, le=365, description="Days after which a session of the web chat ends, however often it is used."
    )
    widget_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Origins of the bank's pages that may embed the chat, separated by commas: `https://…,https://…`.",
    )
    wechat: WeChatSettings = WeChatSettings()
    telegram: TelegramSettings = TelegramSettings()
    wecom_service: WeComServiceSettings = WeComServiceSettings()
    sms: SmsSettings = SmsSettings()
    documents: DocumentsSettings = DocumentsSettings()
    clamd: ClamdSettings = ClamdSettings()

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

    def list_gaps(self) -> list[str]:
        """See Settings.list_gaps."""
        return [
            *super().list_gaps(),
            *list_plain_urls("XIAOHE_PUBLIC_URL", self.public_url),
            *list_proxy_gaps(self.trusted_proxies),
            *list_plain_urls("XIAOHE_WIDGET_ORIGINS", *self.widget_origins),
            *self.wechat.list_gaps(),
            *self.telegram.list_gaps(),
            *self.wecom_service.list_gaps(),
            *self.sms.list_gaps(),
        ]
