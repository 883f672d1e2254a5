"""Tells a member of the bank in WeCom (企业微信), as a card that the bank's own application sends."""

import asyncio
import hashlib
import json
import re
from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from desk.notifications.channel import SendError
from desk.notifications.errcodes import (
    HOUR_FULL,
    MINUTE_FULL,
    NO_ANSWER,
    NOT_LICENSED,
    NOT_UNDERSTOOD,
    NOT_VISIBLE,
    Meaning,
    explain,
)
from desk.tables import Staff
from kit.clock import Clock, read_clock
from kit.limits import RateLimit

CALL_SECONDS, CONNECT_SECONDS = 5.0, 2.0
REFRESH_BEFORE = timedelta(minutes=5)
# What is above is dropped by WeCom without a word.
PER_MINUTE_MAX, PER_HOUR_MAX = 30, 1000
SAME_FOR_SECONDS = 4 * 3600  # the longest WeCom allows; longer than our tries go on
TITLE_BYTES_MAX, DESCRIPTION_BYTES_MAX = 128, 512
# So written, an id is neither @all nor a list a|b.
_MEMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")


class _Refused(Exception):
    """WeCom did not do what it was asked."""

    def __init__(self, meaning: Meaning) -> None:
        super().__init__(meaning.reason)
        self.meaning = meaning


class WeCom:
    """One application's messages; counts what each member gets from this process.

    wechatpy's enterprise client does not wait asynchronously, has no time-outs and repeats itself without end on a bad
    token, so the two calls are made here. Secret and token travel in addresses, which httpx repeats in its errors:
    these go no further.
    """

    name = "wecom"

    def __init__(
        self,
        corp_id: str,
        agent_id: int,
        secret: SecretStr,
        api_url: str,
        *,
        clock: Clock = read_clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._corp_id = corp_id
        self._agent_id = agent_id
        self._secret = secret
        self._clock = clock
        timeout = httpx.Timeout(CALL_SECONDS, connect=CONNECT_SECONDS)
        # The environment's proxy is used: a bank's only way out may be one.
        self._client = httpx.AsyncClient(base_url=api_url, timeout=timeout, transport=transport)
        self._token: tuple[str, datetime] | None = None  # and when to fetch the next
        self._fetching = asyncio.Lock()
        self._minute = RateLimit(PER_MINUTE_MAX, 60, lambda: clock().timestamp())
        self._hour = RateLimit(PER_HOUR_MAX, 3600, lambda: clock().timestamp())

    def can_reach(self, staff: Staff) -> bool:
        """Whether the member's WeCom id is known."""
        return bool(_MEMBER.fullmatch(staff.wecom_id))

    async def send(self, staff: Staff, text: str, url: str, key: str) -> None:
        """Sends a card; the same news is not shown twice within four hours. Raises SendError."""
        meaning = self._count(staff.wecom_id) or await self._try_send(self._build_card(staff.wecom_id, text, url, key))
        if meaning:
            raise SendError("permanent" if meaning.kind == "fail" else "retry", meaning.reason, meaning.retry_after)

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    def _count(self, member: str) -> Meaning | None:
        member = member.lower()  # WeCom does not tell them apart
        if not self._minute.allow(member):
            return MINUTE_FULL
        return None if self._hour.allow(member) else HOUR_FULL

    def _build_card(self, member: str, text: str, url: str, key: str) -> dict[str, Any]:
        headline, _, rest = text.translate({ord("<"): "＜", ord(">"): "＞"}).partition("\n")  # cards know some HTML
        title = _cut(headline, TITLE_BYTES_MAX)
        if title != headline:
            rest = f"{headline} {rest}"
        # WeCom takes two requests of the same content for one; other news may have the same words.
        mark = hashlib.sha256(key.encode()).hexdigest()[:16]
        return {
            "touser": member,
            "msgtype": "textcard",
            "agentid": self._agent_id,
            "textcard": {
                "title": title,
                "description": _cut(" ".join(rest.split()), DESCRIPTION_BYTES_MAX) or "点击查看详情",
                "url": f"{url}#{mark}",
                "btntxt": "查看",
            },
            "enable_duplicate_check": 1,
            "duplicate_check_interval": SAME_FOR_SECONDS,
        }

    async def _try_send(self, card: dict[str, Any]) -> Meaning | None:
        """What went wrong, or None; a bad token is replaced once."""
        try:
            token = await self._get_token()
            try:
                answer = await self._post_card(token, card)
            except _Refused as refused:
                if refused.meaning.kind != "token":
                    raise
                answer = await self._post_card(await self._get_token(bad=token), card)
        except _Refused as refused:
            return refused.meaning
        # There is one member only: whoever is named here is the one.
        if answer.get("invaliduser"):
            return NOT_VISIBLE
        return NOT_LICENSED if answer.get("unlicenseduser") else None

    async def _post_card(self, token: str, card: dict[str, Any]) -> dict[str, Any]:
        content = json.dumps(card, ensure_ascii=False).encode()
        return await self._call("POST", "/cgi-bin/message/send", {"access_token": token}, content)

    async def _get_token(self, bad: str | None = None) -> str:
        """A good token other than `bad`; fetched by one at a time."""
        async with self._fetching:
            if self._token and self._token[0] != bad and self._clock() < self._token[1]:
                return self._token[0]
            params = {"corpid": self._corp_id, "corpsecret": self._secret.get_secret_value()}
            answer = await self._call("GET", "/cgi-bin/gettoken", params)
            token, seconds = answer.get("access_token"), answer.get("expires_in")
            if not isinstance(token, str) or not token or not isinstance(seconds, int) or not 0 < seconds <= 86_400:
                raise _Refused(NOT_UNDERSTOOD)
            life = timedelta(seconds=seconds)
            self._token = token, self._clock() + max(life - REFRESH_BEFORE, life / 2)
            return token

    async def _call(
        self, method: str, path: str, params: dict[str, str], content: bytes | None = None
    ) -> dict[str, Any]:
        response = None
        try:
            async with asyncio.timeout(CALL_SECONDS):
                response = await self._client.request(method, path, params=params, content=content)
        except (httpx.HTTPError, TimeoutError):
            pass
        # Raised here, where the error with the address in it is no longer part of what is raised.
        if response is None or response.status_code != 200:
            raise _Refused(NO_ANSWER)
        return _read_answer(response)


def _read_answer(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        answer = None
    errcode = answer.get("errcode", 0) if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(errcode, int):
        raise _Refused(NOT_UNDERSTOOD)
    if errcode:
        raise _Refused(explain(errcode))
    return answer


def _cut(text: str, bytes_max: int) -> str:
    if len(text.encode()) <= bytes_max:
        return text
    return text.encode()[: bytes_max - len("…".encode())].decode(errors="ignore") + "…"
