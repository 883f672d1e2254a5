"""WeCom's API for one application, as a server with faults on demand; what it takes, members see."""

import asyncio
import json
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.clock import Clock, read_clock

Call = Literal["token", "send"]
# An errcode, or: no answer for an hour, a 500, no JSON, or the card shown but never confirmed.
Fault = int | Literal["hang", "500", "garbage", "lost"]
TOKEN_LIFE = timedelta(hours=2)


class Refused(Exception):
    """An errcode."""


@dataclass(frozen=True)
class Card:
    """What a member saw."""

    title: str
    description: str
    url: str


@dataclass
class WeComPlatform:
    """One application and who may use it; shows the same content once, and drops silently what is too much."""

    corp_id: str = "ww0123456789abcdef"
    secret: str = "wecom-secret-never-to-be-seen"
    agent_id: int = 1000002
    members: set[str] = field(default_factory=lambda: {"zhangmin"})
    unlicensed: set[str] = field(default_factory=set)
    clock: Clock = read_clock
    seen: defaultdict[str, list[Card]] = field(default_factory=lambda: defaultdict(list))
    calls: Counter[Call] = field(default_factory=Counter)
    access_tokens: dict[str, datetime] = field(default_factory=dict)  # until when

    def __post_init__(self) -> None:
        self._faults: defaultdict[Call, deque[Fault]] = defaultdict(deque)
        self._shown: dict[str, datetime] = {}
        self._shown_at: defaultdict[str, list[datetime]] = defaultdict(list)
        routes = [
            Route("/cgi-bin/gettoken", self._answer_token, methods=["GET"]),
            Route("/cgi-bin/message/send", self._answer_send, methods=["POST"]),
        ]
        self.transport = httpx.ASGITransport(Starlette(routes=routes))

    def fail(self, call: Call, fault: Fault, times: int = 1) -> None:
        """The next calls go wrong."""
        self._faults[call].extend([fault] * times)

    def end_access_tokens(self) -> None:
        """All tokens are bad from now on, whatever was said of their end."""
        self.access_tokens = dict.fromkeys(self.access_tokens, self.clock())

    def list_secrets(self) -> list[str]:
        """What must never be read in a log or an error."""
        return [self.secret, *self.access_tokens]

    def list_titles(self, member: str) -> list[str]:
        """The headlines a member saw, oldest first."""
        return [card.title for card in self.seen[member]]

    async def _answer_token(self, request: Request) -> Response:
        return await self._answer("token", request)

    async def _answer_send(self, request: Request) -> Response:
        return await self._answer("send", request)

    async def _answer(self, call: Call, request: Request) -> Response:
        self.calls[call] += 1
        await asyncio.sleep(0)
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
            answer = self._give_token(request) if call == "token" else self._show(request, await request.body())
        except Refused as refused:
            answer = {"errcode": refused.args[0], "errmsg": f"refused for {request.url}"}
        if fault == "lost":
            await asyncio.sleep(3600)
        return Response(json.dumps({"errcode": 0, "errmsg": "ok"} | answer), media_type="application/json")

    def _give_token(self, request: Request) -> dict[str, Any]:
        _require(request.query_params.get("corpid") == self.corp_id, 40013)
        _require(request.query_params.get("corpsecret") == self.secret, 40001)
        token = f"wecom-access-{len(self.access_tokens) + 1}-never-to-be-seen"
        self.access_tokens[token] = self.clock() + TOKEN_LIFE
        return {"access_token": token, "expires_in": int(TOKEN_LIFE.total_seconds())}

    def _show(self, request: Request, body: bytes) -> dict[str, Any]:
        token, now = request.query_params.get("access_token", ""), self.clock()
        _require(token in self.access_tokens, 40014)
        _require(self.access_tokens[token] > now, 42001)
        message = json.loads(body)
        _require(message["agentid"] == self.agent_id, 40056)
        member, card = message["touser"], message["textcard"]
        if member not in self.members:
            return {"invaliduser": member.lower()}
        if member in self.unlicensed:
            return {"unlicenseduser": member.lower()}
        content = body.decode()
        until = self._shown.get(content)
        recent = self._shown_at[member]
        is_too_much = sum(at > now - timedelta(minutes=1) for at in recent) >= 30
        if not is_too_much and (until is None or until <= now):
            if message.get("enable_duplicate_check"):
                self._shown[content] = now + timedelta(seconds=message.get("duplicate_check_interval", 1800))
            recent.append(now)
            self.seen[member].append(Card(card["title"], card["description"], card["url"]))
        return {"msgid": "m"}


def _require(is_met: bool, errcode: int) -> None:
    if not is_met:
        raise Refused(errcode)
