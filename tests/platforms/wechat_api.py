"""WeChat's API for one Official Account, as a server with faults on demand; what it takes, customers see."""

import asyncio
import json
import secrets
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import httpx
from fastapi import FastAPI, Request, Response
from starlette.datastructures import UploadFile

from kit.clock import Clock, read_clock
from tests.waiting import wait_until

Deed = Callable[[dict[str, Any]], dict[str, Any] | None]
# An errcode, or: no answer for an hour, a 500, no JSON, or the deed done but never confirmed.
Fault = int | Literal["hang", "500", "garbage", "lost"]
PATHS = {
    "media": "/cgi-bin/media/get",
    "upload": "/cgi-bin/media/upload",
    "token": "/cgi-bin/stable_token",
    "send": "/cgi-bin/message/custom/send",
    "menu": "/cgi-bin/menu/create",
    "qrcode": "/cgi-bin/qrcode/create",
}
TOKEN_LIFE = timedelta(hours=2)
SAME_TOKEN_UNTIL = timedelta(minutes=5)  # before its end


class Refused(Exception):
    """An errcode."""


@dataclass(frozen=True)
class Said:
    """What a customer saw: `passive` as an answer at once, `pushed` later, `failed` WeChat's own apology."""

    how: Literal["passive", "pushed", "failed"]
    text: str
    choices: tuple[tuple[str, str], ...] = ()  # id and content
    picture: bytes = b""


@dataclass
class Allowance:
    """Until when how many messages may be pushed to a customer."""

    until: datetime
    left: int


class Screens:
    """What customers saw."""

    seen: defaultdict[str, list[Said]]

    def list_texts(self, user_id: str) -> list[str]:
        """What a customer saw, oldest first."""
        return [said.text for said in self.seen[user_id]]

    async def wait_for(self, user_id: str, count: int) -> list[Said]:
        """What a customer saw, once it is that much; TimeoutError when it does not come."""
        await wait_until(lambda: len(self.seen[user_id]) >= count)
        return self.seen[user_id]


@dataclass
class AccountApi(Screens):
    """One account's followers, tokens, menu and codes. `counts_pushes` enforces the 48-hour and 5-message windows."""

    app_id: str = "wx0123456789abcdef"
    secret: str = "app-secret-never-to-be-seen"
    has_menus: bool = True
    counts_pushes: bool = False
    clock: Clock = read_clock
    seen: defaultdict[str, list[Said]] = field(default_factory=lambda: defaultdict(list))
    calls: Counter[str] = field(default_factory=Counter)
    menu: dict[str, Any] | None = None
    scenes: dict[str, str] = field(default_factory=dict)  # by ticket
    access_tokens: dict[str, datetime] = field(default_factory=dict)  # until when
    followers: dict[str, bool] = field(default_factory=dict)  # False: not any more
    media: dict[str, bytes] = field(default_factory=dict)  # what customers or the account sent, by its id

    def __post_init__(self) -> None:
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._allowances: defaultdict[str, list[Allowance]] = defaultdict(list)
        self.api = self._build_api()
        self.transport = httpx.ASGITransport(self.api)

    def fail(self, call: str, fault: Fault, times: int = 1) -> None:
        """The next calls of `token`, `send`, `menu` or `qrcode` go wrong."""
        assert call in PATHS
        self._faults[call].extend([fault] * times)

    def end_access_tokens(self) -> None:
        """All tokens are bad from now on, whatever was said of their end."""
        self.access_tokens = dict.fromkeys(self.access_tokens, self.clock() - timedelta(seconds=1))

    def allow(self, message: dict[str, str]) -> None:
        """A customer did something: what may be pushed to them now, if it is counted."""
        user_id, event = message["FromUserName"], message.get("Event", "").lower()
        self.followers[user_id] = event != "unsubscribe"
        if not event:
            self._allowances[user_id] = [Allowance(self.clock() + timedelta(hours=48), 5)]
        elif event in ("subscribe", "scan", "click"):
            self._allowances[user_id].append(Allowance(self.clock() + timedelta(minutes=1), 3))

    def show(self, user_id: str, said: Said) -> Said:
        """Puts something on a customer's screen."""
        self.seen[user_id].append(said)
        return said

    def _build_api(self) -> FastAPI:
        app = FastAPI(title="WeChat")
        deeds: dict[str, Deed] = {
            "token": self._give_token,
            "send": self._take_message,
            "menu": self._take_menu,
            "qrcode": self._give_qrcode,
        }
        for call, deed in deeds.items():
            app.add_api_route(PATHS[call], self._make_route(call, deed), methods=["POST"])
        app.add_api_route(PATHS["media"], self._give_media, methods=["GET"])
        app.add_api_route(PATHS["upload"], self._make_route("upload", self._take_media), methods=["POST"])
        return app

    async def _give_media(self, request: Request) -> Response:
        """A file as it is, or an error as JSON, both with status 200."""
        self.calls["media"] += 1
        fault = self._faults["media"].popleft() if self._faults["media"] else None
        if fault == "hang":
            await asyncio.sleep(3600)
        if fault == "500":
            return Response("oops", 500)
        if fault == "garbage":
            return Response("{}", media_type="text/plain")
        try:
            if isinstance(fault, int):
                raise Refused(fault)
            self._check_token(request.query_params.get("access_token", ""))
            content = self.media.get(request.query_params.get("media_id", ""))
            if content is None:
                raise Refused(40007)
        except Refused as refused:
            answer = {"errcode": refused.args[0], "errmsg": f"refused for {request.url}"}
            return Response(json.dumps(answer), media_type="application/json; encoding=utf-8")
        return Response(
            content, media_type="image/jpeg", headers={"Content-disposition": 'attachment; filename="m.jpg"'}
        )

    def _make_route(self, call: str, deed: Deed) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return await self._answer(request, call, deed)

        return answer

    async def _answer(self, request: Request, call: str, deed: Deed) -> Response:
        self.calls[call] += 1
        fault = self._faults[call].popleft() if self._faults[call] else None
        if fault == "hang":
            await asyncio.sleep(3600)
        if fault == "500":
            return Response("oops", 500)
        if fault == "garbage":
            return Response("<html>not JSON")
        try:
            if isinstance(fault, int):
                raise Refused(fault)
            if call != "token":
                self._check_token(request.query_params.get("access_token", ""))
            answer = {"errcode": 0, "errmsg": "ok"} | (deed(await read_body(request)) or {})
        except Refused as refused:
            answer = {"errcode": refused.args[0], "errmsg": f"refused for {request.url}"}
        if fault == "lost":
            await asyncio.sleep(3600)
        return Response(json.dumps(answer), media_type="text/plain")  # as WeChat does

    def _check_token(self, token: str) -> None:
        if token not in self.access_tokens:
            raise Refused(40001)
        if self.access_tokens[token] <= self.clock():
            raise Refused(42001)

    def _give_token(self, body: dict[str, Any]) -> dict[str, Any]:
        require(body.get("grant_type") == "client_credential", 40002)
        require(body.get("appid") == self.app_id, 40013)
        require(body.get("secret") == self.secret, 40125)
        now = self.clock()
        for token, until in self.access_tokens.items():
            if until - now > SAME_TOKEN_UNTIL:
                return {"access_token": token, "expires_in": int((until - now).total_seconds())}
        token = f"access-{secrets.token_hex(16)}"
        self.access_tokens[token] = now + TOKEN_LIFE
        return {"access_token": token, "expires_in": int(TOKEN_LIFE.total_seconds())}

    def _take_message(self, body: dict[str, Any]) -> None:
        user_id, kind = body.get("touser", ""), body.get("msgtype")
        require(user_id in self.followers, 40003)
        require(self.followers[user_id], 43004)
        if kind == "text":
            said = Said("pushed", body["text"]["content"])
        elif kind == "image":
            media_id = body["image"]["media_id"]
            require(media_id in self.media, 40007)
            said = Said("pushed", "[图片]", picture=self.media[media_id])
        else:
            require(kind == "msgmenu", 40008)
            require(self.has_menus, 40200)
            menu = body["msgmenu"]
            choices = tuple((choice["id"], choice["content"]) for choice in menu["list"])
            said = Said("pushed", f"{menu['head_content']}\n{menu['tail_content']}", choices)
        require(bool(said.text.strip()), 44004)
        require(len(said.text.encode()) <= 2048, 45002)
        if self.counts_pushes:
            self._count_push(user_id)
        self.show(user_id, said)

    def _count_push(self, user_id: str) -> None:
        current = [allowance for allowance in self._allowances[user_id] if allowance.until > self.clock()]
        require(bool(current), 45015)
        usable = next((allowance for allowance in current if allowance.left), None)
        if usable is None:
            raise Refused(45047)
        usable.left -= 1

    def _take_media(self, body: dict[str, Any]) -> dict[str, Any]:
        content = body["media"]
        require(content.startswith((b"\xff\xd8", b"\x89PNG")), 40005)
        require(len(content) <= 10 * 1024**2, 40006)
        media_id = f"sent-{len(self.media)}"
        self.media[media_id] = content
        return {"type": "image", "media_id": media_id, "created_at": int(self.clock().timestamp())}

    def _take_menu(self, body: dict[str, Any]) -> None:
        require(1 <= len(body["button"]) <= 3, 40016)
        for button in body["button"]:
            require(0 < len(button["name"].encode()) <= 16, 40018)
            entries = button.get("sub_button")
            require(entries is None or 1 <= len(entries) <= 5, 40023)
            for entry in entries or [button]:
                require(0 < len(entry["name"].encode()) <= 60, 40025)
                require(entry.get("type") in ("click", "view"), 40017)
                if entry["type"] == "click":
                    require(0 < len(entry["key"].encode()) <= 128, 40019)
        self.menu = body

    def _give_qrcode(self, body: dict[str, Any]) -> dict[str, Any]:
        scene = body["action_info"]["scene"]["scene_str"]
        require(body["action_name"] == "QR_LIMIT_STR_SCENE" and 1 <= len(scene.encode()) <= 64, 40053)
        ticket = f"gQH/{secrets.token_urlsafe(16)}=="
        self.scenes[ticket] = scene
        return {"ticket": ticket, "url": "http://weixin.qq.com/q/example"}


async def read_body(request: Request) -> dict[str, Any]:
    if request.headers.get("Content-Type", "").startswith("multipart/form-data"):
        async with request.form() as form:
            return {name: await file.read() for name, file in form.items() if isinstance(file, UploadFile)}
    # Escapes reach customers as they are.
    answer: dict[str, Any] = json.loads((await request.body()).replace(b"\\u", b"\\\\u"))
    return answer


def require(is_met: bool, errcode: int) -> None:
    """Refuses with the errcode what the platform would not take."""
    if not is_met:
        raise Refused(errcode)
