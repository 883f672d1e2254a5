"""The API of WeCom customer service, as a server with faults on demand; what it takes, customers see."""

import asyncio
import itertools
import json
import secrets
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.clock import Clock, read_clock
from tests.platforms.wechat_api import Allowance, Fault, Refused, Said, Screens, read_body, require
from tests.waiting import wait_until

OPEN_KFID = "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q"
PATHS = {
    "token": "/cgi-bin/gettoken",
    "media": "/cgi-bin/media/get",
    "upload": "/cgi-bin/media/upload",
    "sync": "/cgi-bin/kf/sync_msg",
    "send": "/cgi-bin/kf/send_msg",
    "welcome": "/cgi-bin/kf/send_msg_on_event",
    "state": "/cgi-bin/kf/service_state/get",
    "trans": "/cgi-bin/kf/service_state/trans",
    "accounts": "/cgi-bin/kf/account/list",
    "link": "/cgi-bin/kf/add_contact_way",
}
TOKEN_LIFE, CALLBACK_TOKEN_LIFE = timedelta(hours=2), timedelta(minutes=10)
KEPT, WINDOW, CODE_LIFE = timedelta(days=3), timedelta(hours=48), timedelta(seconds=20)
NEW, OURS, QUEUED, STAFFED, ENDED = range(5)
# From which state to which others: 分配客服会话, path/94669.
MOVES = {
    NEW: {OURS, QUEUED, STAFFED, ENDED},
    OURS: {QUEUED, STAFFED, ENDED},
    QUEUED: {STAFFED, ENDED},
    STAFFED: {STAFFED, ENDED},
    ENDED: set(),
}


@dataclass
class ServiceAccountApi(Screens):
    """One corp's service accounts, sessions and messages."""

    corp_id: str = "ww0123456789abcdef"
    secret: str = "service-secret-never-to-be-seen"
    clock: Clock = read_clock
    accounts: dict[str, str] = field(default_factory=lambda: {OPEN_KFID: "青禾农商银行"})
    page_max: int = 1000
    seen: defaultdict[str, list[Said]] = field(default_factory=lambda: defaultdict(list))
    msgids: list[str] = field(default_factory=list)  # of what was sent, in order
    calls: Counter[str] = field(default_factory=Counter)
    syncs_without_token: int = 0
    access_tokens: dict[str, datetime] = field(default_factory=dict)  # until when
    callback_tokens: dict[str, datetime] = field(default_factory=dict)
    states: defaultdict[str, int] = field(default_factory=lambda: defaultdict(lambda: ENDED))
    media: dict[str, bytes] = field(default_factory=dict)  # what customers or accounts sent, by its id

    def __post_init__(self) -> None:
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._logs: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self._cursor_age = 0
        self._numbers = itertools.count(1)
        self._allowances: dict[str, Allowance] = {}
        self._codes: dict[str, tuple[str, datetime]] = {}  # of welcomes: for whom, until when
        deeds: dict[str, Callable[[dict[str, Any]], dict[str, Any] | None]] = {
            "sync": self._give_messages,
            "send": self._take_message,
            "welcome": self._take_welcome,
            "upload": self._take_media,
            "state": lambda body: {"service_state": self.states[body["external_userid"]]},
            "trans": self._change_state,
            "accounts": lambda body: {"account_list": [{"open_kfid": k, "name": n} for k, n in self.accounts.items()]},
            "link": lambda body: {"url": f"https://work.weixin.qq.com/kfid/{body['open_kfid']}?enc_scene=ENC"},
        }
        routes = [Route(PATHS[call], self._make_route(call, deed), methods=["POST"]) for call, deed in deeds.items()]
        routes.append(Route(PATHS["token"], self._give_token, methods=["GET"]))
        routes.append(Route(PATHS["media"], self._give_media, methods=["GET"]))
        self.api = Starlette(routes=routes)
        self.transport = httpx.ASGITransport(self.api)

    async def wait_for_calls(self, call: str, count: int) -> None:
        """Until a call was answered so often."""
        await wait_until(lambda: self.calls[call] >= count)

    def fail(self, call: str, fault: Fault, times: int = 1) -> None:
        """The next calls go wrong."""
        assert call in PATHS
        self._faults[call].extend([fault] * times)

    def end_access_tokens(self) -> None:
        """All tokens are bad from now on, whatever was said of their end."""
        self.access_tokens = dict.fromkeys(self.access_tokens, self.clock() - timedelta(seconds=1))

    def forget_cursors(self) -> None:
        """No cursor that was given is known any more."""
        self._cursor_age += 1

    def make_callback_token(self) -> str:
        """A token as a callback brings it."""
        token = f"ENC-{secrets.token_urlsafe(24)}"
        self.callback_tokens[token] = self.clock() + CALLBACK_TOKEN_LIFE
        return token

    def text(self, user_id: str, content: str, open_kfid: str = OPEN_KFID, **more: str) -> dict[str, Any]:
        """A customer's text, to be put once or many times."""
        return self.message(user_id, "text", {"content": content} | more, open_kfid)

    def message(self, user_id: str, kind: str, content: Any, open_kfid: str = OPEN_KFID) -> dict[str, Any]:
        """Any message of a customer."""
        return self._write(3, open_kfid, kind, content) | {"external_userid": user_id}

    def event(self, user_id: str, event_type: str, open_kfid: str = OPEN_KFID, **more: Any) -> dict[str, Any]:
        """Any event; the customer's id stands in it."""
        content = {"event_type": event_type, "open_kfid": open_kfid, "external_userid": user_id, **more}
        return self._write(4, open_kfid, "event", content)

    def enter(self, user_id: str, scene_param: str = "") -> dict[str, Any]:
        """A customer opens the chat; with a code for a welcome if they did not write for long."""
        more = {"scene_param": scene_param} if scene_param else {}
        allowance = self._allowances.get(user_id)
        if allowance is None or allowance.until <= self.clock():
            code = f"CODE-{secrets.token_urlsafe(16)}"
            self._codes[code] = user_id, self.clock() + CODE_LIFE
            more["welcome_code"] = code
        return self.event(user_id, "enter_session", **more)

    def put(self, message: dict[str, Any]) -> None:
        """It can be fetched from now on."""
        self._logs[message["open_kfid"]].append(message)
        if message["origin"] == 3:
            user_id = message["external_userid"]
            self._allowances[user_id] = Allowance(self.clock() + WINDOW, 5)
            if self.states[user_id] == ENDED:
                self.states[user_id] = NEW

    def _write(self, origin: int, open_kfid: str, kind: str, content: Any) -> dict[str, Any]:
        now = int(self.clock().timestamp())
        return {
            "msgid": f"msg{next(self._numbers):06}{secrets.token_hex(8)}",
            "open_kfid": open_kfid,
            "send_time": now,
            "origin": origin,
            "msgtype": kind,
            kind: content,
        }

    def _make_route(
        self, call: str, deed: Callable[[dict[str, Any]], dict[str, Any] | None]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def act(request: Request) -> dict[str, Any]:
            self._check_token(request)
            return deed(await read_body(request)) or {}

        async def answer(request: Request) -> Response:
            return await self._answer(call, request, act)

        return answer

    async def _answer(
        self, call: str, request: Request, act: Callable[[Request], Awaitable[dict[str, Any]]]
    ) -> Response:
        fault = self._faults[call].popleft() if self._faults[call] else None
        self.calls[call] += 1
        if fault == "hang":
            await asyncio.sleep(3600)
        if fault == "500":
            return Response("oops", 500)
        if fault == "garbage":
            return Response("<html>not JSON", media_type="text/plain")
        try:
            if isinstance(fault, int):
                raise Refused(fault)
            answer = {"errcode": 0, "errmsg": "ok"} | await act(request)
        except Refused as refused:
            answer = {"errcode": refused.args[0], "errmsg": f"refused for {request.url}"}
        if fault == "lost":
            await asyncio.sleep(3600)
        return Response(json.dumps(answer), media_type="application/json")

    async def _give_token(self, request: Request) -> Response:
        async def act(request: Request) -> dict[str, Any]:
            require(request.query_params.get("corpid") == self.corp_id, 40013)
            require(request.query_params.get("corpsecret") == self.secret, 40001)
            good = [token for token, until in self.access_tokens.items() if until > self.clock()]
            token = good[0] if good else f"access-{secrets.token_hex(16)}"
            self.access_tokens.setdefault(token, self.clock() + TOKEN_LIFE)
            return {"access_token": token, "expires_in": int(TOKEN_LIFE.total_seconds())}

        return await self._answer("token", request, act)

    async def _give_media(self, request: Request) -> Response:
        """A file as it is, or an error as JSON, both with status 200."""

        async def act(request: Request) -> dict[str, Any]:
            self._check_token(request)
            require(request.query_params.get("media_id", "") in self.media, 40007)
            return {}

        answer = await self._answer("media", request, act)
        if answer.status_code != 200 or b'"errcode": 0' not in bytes(answer.body):
            return answer
        return Response(self.media[request.query_params["media_id"]], media_type="image/jpeg")

    def _check_token(self, request: Request) -> None:
        token = request.query_params.get("access_token", "")
        require(token in self.access_tokens, 40014)
        require(self.access_tokens[token] > self.clock(), 42001)

    def _give_messages(self, body: dict[str, Any]) -> dict[str, Any]:
        require(body.get("open_kfid") in self.accounts, 95000)
        log, now = self._logs[body["open_kfid"]], self.clock()
        token = body.get("token")
        if token is None:
            self.syncs_without_token += 1
        elif self.callback_tokens.get(token, now) <= now:
            raise Refused(95007)
        if cursor := body.get("cursor"):
            age, _, number = str(cursor).partition("-")
            require(age == f"c{self._cursor_age}", 40058)
            first = int(number)
        else:
            oldest = (now - KEPT).timestamp()
            first = next((n for n, message in enumerate(log) if message["send_time"] >= oldest), len(log))
        last = min(len(log), first + min(body.get("limit", 1000), self.page_max))
        return {
            "next_cursor": f"c{self._cursor_age}-{last}",
            "has_more": int(last < len(log)),
            "msg_list": log[first:last],
        }

    def _take_message(self, body: dict[str, Any]) -> dict[str, Any]:
        user_id, msgid = body.get("touser", ""), body["msgid"]
        require(body.get("open_kfid") in self.accounts, 95000)
        require(user_id in self._allowances, 40096)
        state = self.states[user_id]
        require(state != ENDED, 95013)
        require(state in (NEW, OURS), 95018)
        if msgid in self.msgids:
            return {"msgid": msgid}
        said = _read_content(body, self.media)
        allowance = self._allowances[user_id]
        require(allowance.until > self.clock(), 95002)
        require(allowance.left > 0, 95001)
        allowance.left -= 1
        self._show(user_id, msgid, said)
        return {"msgid": msgid}

    def _take_media(self, body: dict[str, Any]) -> dict[str, Any]:
        require(body["media"].startswith((b"\xff\xd8", b"\x89PNG", b"%PDF")), 40005)
        media_id = f"sent-{len(self.media)}"
        self.media[media_id] = body["media"]
        return {"type": "image", "media_id": media_id}

    def _take_welcome(self, body: dict[str, Any]) -> dict[str, Any]:
        user_id, until = self._codes.pop(body.get("code", ""), ("", self.clock()))
        require(bool(user_id) and until > self.clock(), 95020)
        self._show(user_id, body["msgid"], _read_content(body, self.media))
        return {"msgid": body["msgid"]}

    def _change_state(self, body: dict[str, Any]) -> dict[str, Any]:
        user_id, state = body["external_userid"], body["service_state"]
        require(state in MOVES[self.states[user_id]], 95016)
        self.states[user_id] = state
        return {}

    def _show(self, user_id: str, msgid: str, said: Said) -> None:
        self.msgids.append(msgid)
        self.seen[user_id].append(said)


def _read_content(body: dict[str, Any], media: dict[str, bytes]) -> Said:
    msgid = body["msgid"]
    require(0 < len(msgid) <= 32 and msgid.replace("-", "").replace("_", "").isalnum() and msgid.isascii(), 40058)
    if body["msgtype"] == "text":
        said = Said("pushed", body["text"]["content"])
    elif (kind := body["msgtype"]) in ("image", "file"):
        require(body[kind]["media_id"] in media, 40007)
        said = Said("pushed", "[图片]" if kind == "image" else "[文件]", picture=media[body[kind]["media_id"]])
    else:
        require(body["msgtype"] == "msgmenu", 40008)
        menu = body["msgmenu"]
        require(len(menu["list"]) <= 10, 95008)
        require(all(choice["type"] == "click" for choice in menu["list"]), 95009)
        choices = tuple((choice["click"]["id"], choice["click"]["content"]) for choice in menu["list"])
        require(all(0 < len(part.encode()) <= 128 for choice in choices for part in choice), 40058)
        require(all(len(menu[part].encode()) <= 1024 for part in ("head_content", "tail_content")), 45002)
        said = Said("pushed", f"{menu['head_content']}\n{menu['tail_content']}", choices)
    require(bool(said.text.strip()), 44004)
    require(len(said.text.encode()) <= 2048, 45002)
    return said
