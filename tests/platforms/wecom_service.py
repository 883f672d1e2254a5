"""A WeCom customer service (微信客服) of our own: its calls to a gateway, and what customers do and see.

In a test:

    platform = ServicePlatform()
    settings = WeComServiceSettings(**platform.settings())  # WeComService(settings, transport=platform.transport)
    await platform.deliver(gateway, platform.text("farmer", "你好"))  # gateway: an httpx.AsyncClient
    await platform.wait_for("farmer", 1)
"""

import asyncio
import secrets
from dataclasses import dataclass
from typing import Any

import httpx
import xmltodict
from wechatpy.enterprise.crypto import WeChatCrypto

from tests.platforms.wecom_service_api import OPEN_KFID, ServiceAccountApi

Message = dict[str, Any]


@dataclass
class ServicePlatform(ServiceAccountApi):
    """One corp's service accounts. A gateway has `timeout_seconds` to answer and is called at most `tries` times."""

    token: str = "TokenOfTheCallback"
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    timeout_seconds: float = 5.0
    tries: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        self._crypto = WeChatCrypto(self.token, self.aes_key, self.corp_id)

    def settings(self, api_url: str = "http://wecom") -> dict[str, Any]:
        """The group `wecom_service` of a gateway that serves these accounts."""
        return {
            "corp_id": self.corp_id,
            "secret": self.secret,
            "token": self.token,
            "aes_key": self.aes_key,
            "api_url": api_url,
        }

    def list_secrets(self) -> list[str]:
        """What must never be read in a log or an error."""
        return [self.secret, self.token, self.aes_key, *self.access_tokens, *self.callback_tokens]

    def press(self, user_id: str, choice: str, open_kfid: str = OPEN_KFID) -> Message:
        """A tap on a choice of the last menu the customer saw, by its content."""
        menus = (said.choices for said in reversed(self.seen[user_id]) if said.choices)
        token = next(token for token, content in next(menus) if content == choice)
        return self.text(user_id, choice, menu_id=token, open_kfid=open_kfid)

    async def deliver(self, gateway: httpx.AsyncClient, message: Message) -> bool:
        """A customer's message or an event arrives, and the gateway is told of it."""
        self.put(message)
        return await self.call(gateway, message["open_kfid"])

    async def call(self, gateway: httpx.AsyncClient, open_kfid: str = OPEN_KFID) -> bool:
        """Calls the gateway as WeCom does: again when it fails or is slow; whether it ever answered."""
        query, body = self.pack(open_kfid)
        for _ in range(self.tries):
            try:
                async with asyncio.timeout(self.timeout_seconds):
                    response = await gateway.post("/wecom-service", params=query, content=body)
            except (httpx.HTTPError, TimeoutError):
                continue
            if response.status_code == 200 and response.text == "success":
                return True
        return False

    def pack(self, open_kfid: str = OPEN_KFID) -> tuple[dict[str, str], bytes]:
        """The query and the body of a call."""
        fields = {
            "ToUserName": self.corp_id,
            "CreateTime": str(int(self.clock().timestamp())),
            "MsgType": "event",
            "Event": "kf_msg_or_event",
            "Token": self.make_callback_token(),
            "OpenKfId": open_kfid,
        }
        return self.pack_xml("".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items()))

    def pack_xml(self, fields: str) -> tuple[dict[str, str], bytes]:
        """As `pack`, for any content."""
        query, sealed = self._seal(f"<xml>{fields}</xml>")
        beside = f"<ToUserName><![CDATA[{self.corp_id}]]></ToUserName><AgentID><![CDATA[]]></AgentID>"
        return query, f"<xml>{beside}<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()

    def make_echo(self, echo: str) -> dict[str, str]:
        """The query with which WeCom checks an address."""
        query, sealed = self._seal(echo)
        return query | {"echostr": sealed}

    def _seal(self, content: str) -> tuple[dict[str, str], str]:
        timestamp, nonce = str(int(self.clock().timestamp())), str(secrets.randbelow(2**32))
        sealed = xmltodict.parse(self._crypto.encrypt_message(content, nonce, timestamp))["xml"]
        return {"msg_signature": sealed["MsgSignature"], "timestamp": timestamp, "nonce": nonce}, sealed["Encrypt"]
