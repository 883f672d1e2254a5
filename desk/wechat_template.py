"""WeChat template messages, which reach a follower outside the window too: the variables XIAOHE_WECHAT_… for them."""

from collections.abc import Iterator
from typing import Self

import httpx
from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator

from kit.clock import Clock, read_clock
from kit.errcodes import Meaning, Platform, wait_for_operator
from kit.settings import list_plain_urls, require_secrets
from kit.tencent import TencentClient, make_stable_credentials

_BAD_TOKEN = Meaning("token", "微信接口凭证失效，正在更换", 30)
_WRONG_APP = wait_for_operator("公众号的AppID或AppSecret不对，请检查设置")
_WRONG_TEMPLATE = Meaning("permanent", "模板消息的模板不对，请检查设置")
_NOT_REACHED = Meaning("permanent", "客户没有关注公众号，或不接收通知")
_TEMPLATES = Platform(
    name="微信模板消息",
    auth_method="POST",
    auth_path="/cgi-bin/stable_token",
    wrong_secret=_WRONG_APP,
    errcodes={
        -1: Meaning("retry", "微信系统繁忙"),
        **dict.fromkeys((40001, 40014, 41001, 42001), _BAD_TOKEN),
        **dict.fromkeys((40013, 40125), _WRONG_APP),
        **dict.fromkeys((40036, 40037, 41030, 47003), _WRONG_TEMPLATE),
        **dict.fromkeys((40003, 43004, 43101, 50005), _NOT_REACHED),
        45009: Meaning("retry", "公众号今天的接口调用次数已用完", 3600),
        45011: Meaning("retry", "调用微信接口太频繁", 60),
    },
)


class TemplateSettings(BaseModel):
    """The Official Account, as far as the desk writes by it; switched on by the template's id."""

    app_id: str = Field("", description="AppID of the WeChat Official Account; empty: no WeChat.")
    app_secret: SecretStr = Field(SecretStr(""), description="Secret. AppSecret of the Official Account.")
    api_url: str = Field("https://api.weixin.qq.com", description="Where WeChat's API is found.")
    template_id: str = Field(
        "",
        description="Template for the progress of an application, told where a conversation takes nothing and no SMS "
        "goes; empty: none.",
    )
    template_fields: str = Field(
        "character_string1,thing2",
        description="The template's fields for the application's number and for the news (20 characters), by comma.",
    )

    @field_validator("template_fields")
    @classmethod
    def require_two(cls, value: str) -> str:
        """A name each."""
        if len([name for name in value.split(",") if name.strip()]) != 2:
            raise ValueError("two field names, as character_string1,thing2")
        return value

    @model_validator(mode="after")
    def require_account(self) -> Self:
        """Switched on, it needs the account."""
        if self.template_id:
            require_secrets(
                {"XIAOHE_WECHAT_APP_ID": SecretStr(self.app_id), "XIAOHE_WECHAT_APP_SECRET": self.app_secret}
            )
        return self

    def list_gaps(self) -> Iterator[str]:
        """What production demands and the account lacks."""
        if self.template_id:
            yield from list_plain_urls("XIAOHE_WECHAT_API_URL", self.api_url)


class WeChatTemplate:
    """Sends the one template."""

    def __init__(
        self,
        settings: TemplateSettings,
        *,
        clock: Clock = read_clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        credentials = make_stable_credentials(settings.app_id, settings.app_secret.get_secret_value())
        self._client = TencentClient(_TEMPLATES, settings.api_url, credentials, clock=clock, transport=transport)
        self._template_id = settings.template_id
        self._fields = [name.strip() for name in settings.template_fields.split(",")]

    async def send(self, user_id: str, number: str, news: str, *, key: str) -> None:
        """Tells a follower; WeChat shows the same key once. Raises kit.outbox.SendError."""
        values = zip(self._fields, (number, news[:20]), strict=True)
        body = {
            "touser": user_id,
            "template_id": self._template_id,
            "client_msg_id": key,
            "data": {field: {"value": value} for field, value in values},
        }
        await self._client.post("/cgi-bin/message/template/send", body)

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()
