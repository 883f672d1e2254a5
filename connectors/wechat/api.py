"""WeChat's API for one Official Account: the calls we make."""

from typing import Any

import httpx

from connectors.tencent.render import ChoiceMenu
from connectors.wechat.errcodes import WECHAT
from connectors.wechat.settings import WeChatSettings
from kit.clock import Clock, read_clock
from kit.tencent import PICTURE_NAME, TencentClient, TencentError, make_stable_credentials


class WeChatApi(TencentClient):
    """The API client; one method a call, each raises TencentError."""

    def __init__(
        self,
        settings: WeChatSettings,
        *,
        call_seconds: float = 5.0,
        clock: Clock = read_clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        credentials = make_stable_credentials(settings.app_id, settings.app_secret.get_secret_value())
        super().__init__(
            WECHAT, settings.api_url, credentials, call_seconds=call_seconds, clock=clock, transport=transport
        )

    async def send_text(self, user_id: str, text: str) -> None:
        """Sends a customer-service message."""
        await self._send(user_id, "text", {"content": text})

    async def send_menu(self, user_id: str, menu: ChoiceMenu) -> None:
        """Sends choices to tap."""
        choices = [{"id": button_token, "content": title} for button_token, title in menu.choices]
        content = {"head_content": menu.head, "list": choices, "tail_content": menu.tail}
        await self._send(user_id, "msgmenu", content)

    async def send_picture(self, user_id: str, content: bytes) -> None:
        """Sends a picture."""
        media_id = await self.upload("image", PICTURE_NAME, content, "image/jpeg")
        await self._send(user_id, "image", {"media_id": media_id})

    async def create_menu(self, menu: dict[str, Any]) -> None:
        """Sets the menu at the bottom of the conversation."""
        await self.post("/cgi-bin/menu/create", menu)

    async def create_qrcode(self, scene: str) -> str:
        """The ticket of a permanent QR code for a scene."""
        body = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
        ticket = (await self.post("/cgi-bin/qrcode/create", body)).get("ticket")
        if not isinstance(ticket, str) or not ticket:
            raise TencentError(WECHAT.not_understood)
        return ticket

    async def _send(self, user_id: str, kind: str, content: dict[str, Any]) -> None:
        await self.post("/cgi-bin/message/custom/send", {"touser": user_id, "msgtype": kind, kind: content})
