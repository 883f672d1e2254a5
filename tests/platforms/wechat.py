"""A WeChat of our own: its calls to a gateway, its API, and what customers see.

In a test:

    platform = WeChatPlatform()
    settings = WeChatSettings(**platform.settings())  # WeChat(settings, …, platform.transport), or serve .api
    await platform.deliver(gateway, platform.text("farmer", "你好"))  # gateway: an httpx.AsyncClient
    assert platform.list_texts("farmer") == ["您好……"]
"""

import asyncio
import itertools
import secrets
from dataclasses import dataclass
from typing import Any, Literal

import httpx
import xmltodict
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from tests.platforms.wechat_api import AccountApi, Said

Mode = Literal["safe", "compatible", "plain"]
APOLOGY = "该公众号暂时无法提供服务，请稍后再试"


@dataclass
class WeChatPlatform(AccountApi):
    """One Official Account. A gateway has `timeout_seconds` to answer and is called at most `tries` times."""

    mode: Mode = "safe"
    token: str = "TokenOfTheAccount"
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    account: str = "gh_0123456789ab"
    timeout_seconds: float = 5.0
    tries: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        self._ids = itertools.count(23_000_000_000_000_000)
        self._crypto = WeChatCrypto(self.token, self.aes_key, self.app_id)

    def settings(self, api_url: str = "http://wechat") -> dict[str, Any]:
        """The group `wechat` of a gateway that serves this account."""
        return {
            "app_id": self.app_id,
            "app_secret": self.secret,
            "token": self.token,
            "aes_key": self.aes_key,
            "mode": self.mode,
            "api_url": api_url,
        }

    def list_secrets(self) -> list[str]:
        """What must never be read in a log or an error."""
        return [self.secret, self.token, self.aes_key, *self.access_tokens]

    def text(self, user_id: str, content: str, **fields: str) -> dict[str, str]:
        """A text message, to be delivered once or many times."""
        return self.message(user_id, "text", Content=content, **fields)

    def message(self, user_id: str, kind: str, **fields: str) -> dict[str, str]:
        """Any message, with an id of its own."""
        return {**self._address(user_id, kind), **fields, "MsgId": str(next(self._ids))}

    def event(self, user_id: str, event: str, key: str = "", **fields: str) -> dict[str, str]:
        """Any event; these have no id."""
        return {**self._address(user_id, "event"), "Event": event, "EventKey": key, **fields}

    def press(self, user_id: str, choice: str) -> dict[str, str]:
        """A tap on a choice of the last menu the customer saw, by its content."""
        menus = (said.choices for said in reversed(self.seen[user_id]) if said.choices)
        token = next(token for token, content in next(menus) if content == choice)
        return self.text(user_id, choice, bizmsgmenuid=token)

    async def deliver(self, gateway: httpx.AsyncClient, message: dict[str, str]) -> Said | None:
        """Calls the gateway as WeChat does: again when it fails or is slow. Gives what the customer sees at once."""
        user_id = message["FromUserName"]
        self.allow(message)
        query, body = self.pack(message)
        for _ in range(self.tries):
            said = await self._call(gateway, query, body)
            if isinstance(said, Said):
                return self.show(user_id, said)
            if said == "success":
                return None
        return self.show(user_id, Said("failed", APOLOGY))

    def pack(self, message: dict[str, str]) -> tuple[dict[str, str], bytes]:
        """The query and the body of a call."""
        xml = "".join(f"<{k}><![CDATA[{v.replace(']]>', ']]]]><![CDATA[>')}]]></{k}>" for k, v in message.items())
        return self.pack_xml(f"<xml>{xml}</xml>", message["FromUserName"])

    def pack_xml(self, xml: str, user_id: str = "") -> tuple[dict[str, str], bytes]:
        """As `pack`, for any content."""
        timestamp, nonce = str(int(self.clock().timestamp())), str(secrets.randbelow(2**32))
        query = {"signature": self._sign(timestamp, nonce), "timestamp": timestamp, "nonce": nonce, "openid": user_id}
        if self.mode == "plain":
            return query, xml.encode()
        sealed = _read_xml(self._crypto.encrypt_message(xml, nonce, timestamp))
        query |= {"encrypt_type": "aes", "msg_signature": sealed["MsgSignature"]}
        beside = xml.removeprefix("<xml>").removesuffix("</xml>") if self.mode == "compatible" else ""
        return query, f"<xml>{beside}<Encrypt><![CDATA[{sealed['Encrypt']}]]></Encrypt></xml>".encode()

    def make_echo(self, echo: str) -> dict[str, str]:
        """The query with which WeChat checks an address."""
        timestamp, nonce = str(int(self.clock().timestamp())), str(secrets.randbelow(2**32))
        return {"signature": self._sign(timestamp, nonce), "timestamp": timestamp, "nonce": nonce, "echostr": echo}

    def read_answer(self, content: str) -> Said | Literal["success"]:
        """What the body of a 200 means; raises for what WeChat would not take."""
        if content in ("", "success"):
            return "success"
        fields = _read_xml(content)
        if self.mode != "plain":
            proof = fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"]
            fields = _read_xml(self._crypto.decrypt_message(content, *proof))
        if fields["MsgType"] != "text" or fields["FromUserName"] != self.account:
            raise ValueError("no answer of this account")
        if len(fields["Content"].encode()) > 2048:
            raise ValueError("too long")
        return Said("passive", fields["Content"])

    async def _call(
        self, gateway: httpx.AsyncClient, query: dict[str, str], body: bytes
    ) -> Said | Literal["success"] | None:
        try:
            async with asyncio.timeout(self.timeout_seconds):
                response = await gateway.post(
                    "/wechat", params=query, content=body, headers={"Content-Type": "text/xml"}
                )
            return self.read_answer(response.text) if response.status_code == 200 else None
        except Exception:  # no answer in time, none at all, or one that cannot be read, in whichever way
            return None

    def _address(self, user_id: str, kind: str) -> dict[str, str]:
        now = str(int(self.clock().timestamp()))
        return {"ToUserName": self.account, "FromUserName": user_id, "CreateTime": now, "MsgType": kind}

    def _sign(self, *parts: str) -> str:
        signer = WeChatSigner()
        signer.add_data(self.token, *parts)
        signature: str = signer.signature
        return signature


def _read_xml(xml: str) -> dict[str, Any]:
    fields: dict[str, Any] = xmltodict.parse(xml, strip_whitespace=False)["xml"]
    return fields
