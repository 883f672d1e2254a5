"""The ways staff are notified: the variables XIAOHE_WECOM_… and XIAOHE_SMTP_…"""

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from kit.settings import is_local, list_plain_urls, require_secrets


class WeComSettings(BaseModel):
    """The bank's application in WeCom, which is switched on by the corp id."""

    corp_id: str = Field("", description="Corp id (企业ID) of WeCom, to notify staff there; empty: no WeCom.")
    agent_id: int = Field(0, ge=0, description="AgentId of the WeCom application that notifies.")
    secret: SecretStr = Field(SecretStr(""), description="Secret. Secret of the WeCom application.")
    api_url: str = Field("https://qyapi.weixin.qq.com", description="Where WeCom's API is found.")

    @model_validator(mode="after")
    def require_secret(self) -> Self:
        """Switched on, it needs the application's secret."""
        if self.corp_id:
            require_secrets({"XIAOHE_WECOM_SECRET": self.secret})
        return self

    def list_gaps(self) -> Iterator[str]:
        """What production demands and the application lacks."""
        yield from list_plain_urls("XIAOHE_WECOM_API_URL", self.api_url)


class SmtpSettings(BaseModel):
    """The bank's mail server; e-mail is switched on by its host."""

    model_config = ConfigDict(validate_by_name=True)

    host: str = Field("", description="Mail server that takes notifications for staff; empty: no e-mail.")
    port: int = Field(465, ge=1, le=65535, description="Its port.")
    security: Literal["tls", "starttls", "none"] = Field("tls", description="How the mail server is spoken to.")
    user: str = Field("", description="User at the mail server; empty: none is needed.")
    password: SecretStr = Field(SecretStr(""), description="Secret. Password at the mail server.")
    # An address, with a name if wished: 小禾 <xiaohe@bank.example>. `from` is a word of Python's.
    sender: str = Field("", validation_alias="from", description="Address notifications come from.")

    @model_validator(mode="after")
    def require_sender(self) -> Self:
        """Mail comes from somebody."""
        if self.host and not self.sender:
            raise ValueError("XIAOHE_SMTP_FROM must be set with XIAOHE_SMTP_HOST")
        return self

    def list_gaps(self) -> Iterator[str]:
        """What production demands and the mail server lacks."""
        if self.security == "none" and not is_local(self.host):
            yield "XIAOHE_SMTP_SECURITY must be tls or starttls: the mail server is on another machine"
