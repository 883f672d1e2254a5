"""WeChat's API for Official Accounts, with time-outs, errors by kind, and no secret in any of them."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.wechat.errcodes import NO_ANSWER, NOT_CONFIRMED, NOT_UNDERSTOOD, WRONG_SECRET, PlatformError, explain
from connectors.wechat.render import ChoiceMenu
from kit.settings import Settings

CALL_SECONDS, CONNECT_SECONDS = 5.0, 2.0


@dataclass(frozen=True, slots=True)
class FreshToken:
    """An access token and for how many seconds it is good."""

    token: str
    seconds: int


class WeChatApi:
    """One call each; every method raises PlatformError. Access tokens are passed in: connectors.wechat.tokens has them.

    App secret and tokens travel in bodies and addresses, which httpx repeats in its errors: these go no further.
    """

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._app_id = settings.wechat_app_id
        self._secret = settings.wechat_app_secret
        timeout = httpx.Timeout(CALL_SECONDS, connect=CONNECT_SECONDS)
        # The environment's proxy is used: a bank's only way out may be one.
        self._client = httpx.AsyncClient(base_url=settings.wechat_api_url, timeout=timeout, transport=transport)

    async def fetch_token(self) -> FreshToken:
        """The account's stable access token: the same until shortly before its end, for whoever asks."""
        body = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._secret.get_secret_value(),
            "force_refresh": False,
        }
        try:
            answer = await self._post("/cgi-bin/stable_token", body)
        except PlatformError as error:
            if error.meaning.kind != "token":
                raise
            raise PlatformError(WRONG_SECRET, error.errcode) from None  # there was no token that could be wrong
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int) or not 0 < seconds <= 86_400:
            raise PlatformError(NOT_UNDERSTOOD)
        return FreshToken(token, seconds)

    async def send_text(self, token: str, user_id: str, text: str) -> None:
        """Sends a customer-service message."""
        await self._send(token, user_id, "text", {"content": text})

    async def send_menu(self, token: str, user_id: str, menu: ChoiceMenu) -> None:
        """Sends choices to tap."""
        choices = [{"id": button_token, "content": title} for button_token, title in menu.choices]
        content = {"head_content": menu.head, "list": choices, "tail_content": menu.tail}
        await self._send(token, user_id, "msgmenu", content)

    async def create_menu(self, token: str, menu: dict[str, Any]) -> None:
        """Sets the menu at the foot of the conversation."""
        await self._post("/cgi-bin/menu/create", menu, token)

    async def create_qrcode(self, token: str, scene: str) -> str:
        """The ticket of a QR code that never ends and names the scene."""
        body = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
        ticket = (await self._post("/cgi-bin/qrcode/create", body, token)).get("ticket")
        if not isinstance(ticket, str) or not ticket:
            raise PlatformError(NOT_UNDERSTOOD)
        return ticket

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def _send(self, token: str, user_id: str, kind: str, content: dict[str, Any]) -> None:
        await self._post("/cgi-bin/message/custom/send", {"touser": user_id, "msgtype": kind, kind: content}, token)

    async def _post(self, path: str, body: dict[str, Any], token: str | None = None) -> dict[str, Any]:
        params = {"access_token": token} if token else {}
        # WeChat shows \u escapes to customers as they are.
        content = json.dumps(body, ensure_ascii=False).encode()
        response, meaning = None, NO_ANSWER
        try:
            async with asyncio.timeout(CALL_SECONDS):
                response = await self._client.post(path, params=params, content=content)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            meaning = NO_ANSWER
        except (httpx.HTTPError, TimeoutError):
            meaning = NOT_CONFIRMED
        # Raised here, where the error with the address in it is no longer part of what is raised.
        if response is None or response.status_code != 200:
            raise PlatformError(meaning)
        return _read_answer(response)


def _read_answer(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        answer = None
    errcode = answer.get("errcode", 0) if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(errcode, int):
        raise PlatformError(NOT_UNDERSTOOD)
    if errcode:
        raise PlatformError(explain(errcode), errcode)
    return answer
