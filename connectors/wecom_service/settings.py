"""The customer service of the bank in WeCom: the variables XIAOHE_WECOM_SERVICE_…"""

from collections.abc import Iterator
from typing import Self

from pydantic import BaseModel, Field, SecretStr, model_validator

from kit.settings import list_plain_urls, require_secrets


class WeComServiceSettings(BaseModel):
    """The application that may call the API of 微信客服. The channel is switched on by the corp id."""

    corp_id: str = Field(
        "", description="Corp id (企业ID) whose WeCom customer service (微信客服) is answered; empty: none."
    )
    secret: SecretStr = Field(
        SecretStr(""), description="Secret. Secret of the application that may call the API of 微信客服."
    )
    token: SecretStr = Field(SecretStr(""), description="Secret. Token WeCom signs its calls with.")
    aes_key: SecretStr = Field(SecretStr(""), description="Secret. EncodingAESKey of the calls, 43 characters.")
    api_url: str = Field("https://qyapi.weixin.qq.com", description="Where the API of 微信客服 is found.")

    @model_validator(mode="after")
    def require_application(self) -> Self:
        """Switched on, it needs the application's secrets."""
        if self.corp_id:
            needed = {"SECRET": self.secret, "TOKEN": self.token, "AES_KEY": self.aes_key}
            require_secrets({f"XIAOHE_WECOM_SERVICE_{name}": secret for name, secret in needed.items()})
        return self

    def list_gaps(self) -> Iterator[str]:
        """What production demands and the application lacks."""
        yield from list_plain_urls("XIAOHE_WECOM_SERVICE_API_URL", self.api_url)
