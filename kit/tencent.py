"""Client of Tencent's APIs (WeChat, WeCom): access tokens, time-outs, errors by meaning, no secret in any of them."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol

import httpx

from kit.clock import Clock, read_clock
from kit.errcodes import Meaning, Platform
from kit.http import make_ssl_context

REFRESH_BEFORE = timedelta(minutes=5)


class TencentError(Exception):
    """A call failed; the text holds no secret. No `errcode`: there was no clear answer."""

    def __init__(self, meaning: Meaning, errcode: int | None = None, *, maybe_delivered: bool = False) -> None:
        super().__init__(f"errcode {errcode}: {meaning.reason}" if errcode is not None else meaning.reason)
        self.meaning = meaning
        self.errcode = errcode
        self.maybe_delivered = maybe_delivered

    @property
    def kind(self) -> Literal["retry", "defer", "permanent"]:
        """What to do with the message."""
        return "retry" if self.meaning.kind == "token" else self.meaning.kind


@dataclass(frozen=True, slots=True)
class FreshToken:
    """An access token and for how many seconds it is good."""

    token: str
    seconds: int


class TokenStore(Protocol):
    """Keeps one account's access token."""

    async def get(self, bad: str = "") -> str:
        """A good token, other than the one that proved bad. Raises TencentError."""
        ...


FetchToken = Callable[[], Awaitable[FreshToken]]


class MemoryTokens:
    """The access token of this process: fetched by one caller at a time, and anew some minutes before its end."""

    def __init__(self, fetch: FetchToken, clock: Clock = read_clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._token, self._refresh_at = "", datetime.min.replace(tzinfo=UTC)
        self._fetching = asyncio.Lock()

    async def get(self, bad: str = "") -> str:
        """See TokenStore.get."""
        async with self._fetching:
            if self._token == bad or self._clock() >= self._refresh_at:
                fresh = await self._fetch()
                life = timedelta(seconds=fresh.seconds)
                self._token, self._refresh_at = fresh.token, self._clock() + max(life - REFRESH_BEFORE, life / 2)
            return self._token


class TencentClient:
    """Calls one account's API; every method raises TencentError. Retries are up to the caller.

    Secrets and tokens are in bodies and URLs, which httpx repeats in its errors; these are never passed on.
    """

    def __init__(
        self,
        platform: Platform,
        url: str,
        credentials: Mapping[str, Any],
        make_tokens: Callable[[FetchToken], TokenStore] = MemoryTokens,
        *,
        call_seconds: float = 5.0,
        connect_seconds: float = 2.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._platform = platform
        self._credentials = credentials
        self._call_seconds = call_seconds
        timeout = httpx.Timeout(call_seconds, connect=connect_seconds)
        # Uses the environment's proxy, which may be a bank's only way out.
        self._client = httpx.AsyncClient(base_url=url, verify=make_ssl_context(), timeout=timeout, transport=transport)
        self._tokens = make_tokens(self.fetch_token)

    async def fetch_token(self) -> FreshToken:
        """An access token from the platform; for the token store, which keeps it."""
        method, path = self._platform.auth_method, self._platform.auth_path
        is_get = method == "GET"
        answer = await self._call(
            method, path, params=self._credentials if is_get else {}, body=None if is_get else self._credentials
        )
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int) or not 0 < seconds <= 86_400:
            raise TencentError(self._platform.not_understood)
        return FreshToken(token, seconds)

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Makes a call with the access token, once more with a new one when it proves bad."""
        token = await self._tokens.get()
        try:
            return await self._call("POST", path, params={"access_token": token}, body=body)
        except TencentError as error:
            if error.meaning.kind != "token":
                raise
        token = await self._tokens.get(bad=token)
        return await self._call("POST", path, params={"access_token": token}, body=body)

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def _call(
        self, method: str, path: str, *, params: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        # WeChat shows \u escapes to customers as they are.
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        has_token = "access_token" in params
        response, meaning = None, self._platform.no_answer
        try:
            async with asyncio.timeout(self._call_seconds):
                response = await self._client.request(method, path, params=params, content=content)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            pass
        except (httpx.HTTPError, TimeoutError):
            meaning = self._platform.not_confirmed if has_token else meaning
        # Raised outside the except block, so that the error with the URL is not chained.
        if response is None or response.status_code != 200:
            raise TencentError(meaning, maybe_delivered=meaning == self._platform.not_confirmed)
        answer, errcode = _read_answer(response)
        if answer is None:
            raise TencentError(self._platform.not_understood)
        if errcode:
            meaning = self._platform.explain(errcode)
            is_wrong_secret = meaning.kind == "token" and not has_token
            raise TencentError(self._platform.wrong_secret if is_wrong_secret else meaning, errcode)
        return answer


def _read_answer(response: httpx.Response) -> tuple[dict[str, Any] | None, int]:
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return None, 0
    errcode = answer.get("errcode", 0) if isinstance(answer, dict) else None
    return (answer, errcode) if isinstance(errcode, int) else (None, 0)
