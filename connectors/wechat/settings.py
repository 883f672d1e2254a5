"""The Official Account of the bank: the variables XIAOHE_WECHAT_…"""

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import BaseModel, Field, SecretStr, model_validator

from kit.settings import list_plain_urls, require_secrets


class WeChatSettings(BaseModel):
    """One account. WeChat is switched on by the app id."""

    app_id: str = Field("", description="AppID of the WeChat Official Account; empty: no WeChat.")
    app_secret: SecretStr = Field(SecretStr(""), description="Secret. AppSecret of the Official Account.")
    token: SecretStr = Field(SecretStr(""), description="Secret. Token WeChat signs its calls with.")
    aes_key: SecretStr = Field(
        SecretStr(""), description="Secret. EncodingAESKey, 43 characters, for the safe and compatible modes."
    )
    api_url: str = Field("https://api.weixin.qq.com", description="Where WeChat's API is found.")
    mode: Literal["safe", "compatible", "plain"] = Field(
        "safe", description="Message encryption as set in WeChat's console; production takes only `safe`."
    )
    reply_seconds: float = Field(
        4.0, gt=0, le=4.8, description="Seconds a WeChat message may take to be answered at once; WeChat waits 5."
    )
    buttons: Literal["auto", "menu", "numbers"] = Field(
        "auto",
        description="How choices are shown in WeChat: `numbers` in the text, `menu` to tap (never at once, always by a "
        "customer-service message), `auto` numbers in an answer at once and a menu in a later one.",
    )

    @model_validator(mode="after")
    def require_account(self) -> Self:
        """Switched on, it needs the account's secrets."""
        if self.app_id:
            needed = {"XIAOHE_WECHAT_APP_SECRET": self.app_secret, "XIAOHE_WECHAT_TOKEN": self.token}
            if self.mode != "plain":
                needed["XIAOHE_WECHAT_AES_KEY"] = self.aes_key
            require_secrets(needed)
        return self

    def list_gaps(self) -> Iterator[str]:
        """What production demands and the account lacks."""
        yield from list_plain_urls("XIAOHE_WECHAT_API_URL", self.api_url)
        if self.app_id and self.mode != "safe":
            yield "XIAOHE_WECHAT_MODE must be safe"
