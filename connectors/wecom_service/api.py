"""The API of WeCom customer service: the calls we make."""

from typing import Any, Literal, NamedTuple

import httpx

from connectors.tencent.render import Part
from connectors.wecom_service.errcodes import WECOM_SERVICE
from connectors.wecom_service.settings import WeComServiceSettings
from connectors.wecom_service.user_ids import split_user_id
from documents.schemas import Document
from kit.clock import Clock, read_clock
from kit.tencent import PICTURE_NAME, TencentClient, TencentError
from kit.wecom import make_corp_credentials

LINK_ACCOUNTS_MAX = 100  # 获取客服账号列表, path/94661


class Page(NamedTuple):
    """What sync_msg gave: messages and events, and from where to go on."""

    messages: list[Any]
    cursor: str
    has_more: bool


class ServiceApi(TencentClient):
    """The API client; one method a call, each raises TencentError."""

    def __init__(
        self,
        settings: WeComServiceSettings,
        *,
        call_seconds: float = 4.0,
        clock: Clock = read_clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        credentials = make_corp_credentials(settings.corp_id, settings.secret.get_secret_value())
        super().__init__(
            WECOM_SERVICE, settings.api_url, credentials, call_seconds=call_seconds, clock=clock, transport=transport
        )

    async def sync(self, open_kfid: str, cursor: str, token: str, limit: int) -> Page:
        """What came after a cursor, of the last three days (接收消息和事件, path/94670)."""
        body = {"open_kfid": open_kfid, "cursor": cursor, "token": token, "limit": limit}
        answer = await self.post("/cgi-bin/kf/sync_msg", {name: value for name, value in body.items() if value})
        messages, following, has_more = (answer.get(name) for name in ("msg_list", "next_cursor", "has_more"))
        # Without a cursor to go on from, a page would be taken again and again.
        if not isinstance(messages, list) or not isinstance(following, str) or not following:
            raise TencentError(WECOM_SERVICE.not_understood)
        return Page(messages, following, has_more == 1)

    async def send(self, user_id: str, msgid: str, part: Part) -> None:
        """Sends a message (发送消息, path/94677)."""
        await self._send(user_id, msgid, _write_content(part))

    async def send_document(self, user_id: str, msgid: str, document: Document) -> None:
        """As `send`, a picture or a file."""
        view = document.view
        kind: Literal["image", "file"] = "image" if view.medium == "image" else "file"
        media_id = await self.upload(kind, view.file_name or PICTURE_NAME, document.content, view.media_type)
        await self._send(user_id, msgid, {"msgtype": kind, kind: {"media_id": media_id}})

    async def send_on_event(self, code: str, msgid: str, part: Part) -> None:
        """Answers an event with the one message that its code allows (发送欢迎语等事件响应消息, path/95122)."""
        await self.post("/cgi-bin/kf/send_msg_on_event", {"code": code, "msgid": msgid} | _write_content(part))

    async def fetch_state(self, user_id: str) -> int:
        """The state of a customer's session (分配客服会话, path/94669)."""
        state = (await self.post("/cgi-bin/kf/service_state/get", _name_session(user_id))).get("service_state")
        if not isinstance(state, int):
            raise TencentError(WECOM_SERVICE.not_understood)
        return state

    async def change_state(self, user_id: str, state: int) -> None:
        """Moves a customer's session to another state."""
        await self.post("/cgi-bin/kf/service_state/trans", _name_session(user_id) | {"service_state": state})

    async def list_accounts(self) -> list[tuple[str, str]]:
        """The service accounts this application may see: open_kfid and name."""
        answer = await self.post("/cgi-bin/kf/account/list", {"offset": 0, "limit": LINK_ACCOUNTS_MAX})
        accounts = answer.get("account_list")
        known = [each for each in accounts if isinstance(each, dict)] if isinstance(accounts, list) else []
        return [(str(each.get("open_kfid", "")), str(each.get("name", ""))) for each in known]

    async def create_link(self, open_kfid: str) -> str:
        """The address that opens a talk with a service account (获取客服账号链接, path/94665)."""
        url = (await self.post("/cgi-bin/kf/add_contact_way", {"open_kfid": open_kfid, "scene": "xiaohe"})).get("url")
        if not isinstance(url, str) or not url.startswith("https://"):
            raise TencentError(WECOM_SERVICE.not_understood)
        return url

    async def _send(self, user_id: str, msgid: str, content: dict[str, Any]) -> None:
        open_kfid, external_userid = split_user_id(user_id)
        address = {"touser": external_userid, "open_kfid": open_kfid, "msgid": msgid}
        await self.post("/cgi-bin/kf/send_msg", address | content)


def _name_session(user_id: str) -> dict[str, Any]:
    open_kfid, external_userid = split_user_id(user_id)
    return {"open_kfid": open_kfid, "external_userid": external_userid}


def _write_content(part: Part) -> dict[str, Any]:
    if part.menu is None:
        return {"msgtype": "text", "text": {"content": part.text}}
    choices = [{"type": "click", "click": {"id": token, "content": title}} for token, title in part.menu.choices]
    menu = {"head_content": part.menu.head, "list": choices, "tail_content": part.menu.tail}
    return {"msgtype": "msgmenu", "msgmenu": menu}
