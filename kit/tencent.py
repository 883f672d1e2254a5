"""Client of Tencent's APIs (WeChat, WeCom): access tokens, time-outs, errors by meaning, no secret in any of them."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple, TypeVar

import httpx

from kit.clock import Clock, read_clock
from kit.errcodes import Meaning, Platform
from kit.http import make_ssl_context
from kit.outbox import SendError

log = logging.getLogger(__name__)

REFRESH_BEFORE = timedelta(minutes=5)
CONNECT_SECONDS = 2.0
PICTURE_NAME = "picture.jpg"
TRANSFER_SECONDS = 20.0
Result = TypeVar("Result")


class TencentError(SendError):
    """A call failed; the text holds no secret. No `errcode`: there was no clear answer."""

    def __init__(self, meaning: Meaning, errcode: int | None = None, *, maybe_delivered: bool = False) -> None:
        kind = "retry" if meaning.kind == "token" else meaning.kind
        super().__init__(kind, meaning.reason, meaning.retry_after_seconds, maybe_delivered=maybe_delivered)
        self.meaning = meaning
        self.errcode = errcode

    def __str__(self) -> str:
        return self.reason if self.errcode is None else f"errcode {self.errcode}: {self.reason}"


class SizeError(Exception):
    """A download has more bytes than it may have."""


class FreshToken(NamedTuple):
    """An access token and for how many seconds it is good."""

    token: str
    seconds: int


def make_stable_credentials(app_id: str, app_secret: str) -> dict[str, Any]:
    """What an Official Account asks for its stable token with: the same for every process that asks."""
    return {"grant_type": "client_credential", "appid": app_id, "secret": app_secret, "force_refresh": False}


class TencentClient:
    """Calls one account's API; every method raises TencentError. Retries are up to the caller.

    Secrets and tokens are in bodies and URLs, which httpx repeats in its errors; these are never passed on.
    """

    def __init__(
        self,
        platform: Platform,
        url: str,
        credentials: Mapping[str, Any],
        *,
        call_seconds: float = 5.0,
        clock: Clock = read_clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._platform = platform
        self._credentials = credentials
        self._call_seconds = call_seconds
        timeout = httpx.Timeout(call_seconds, connect=CONNECT_SECONDS)
        # Uses the environment's proxy, which may be a bank's only way out.
        self._client = httpx.AsyncClient(base_url=url, verify=make_ssl_context(), timeout=timeout, transport=transport)
        self._clock = clock
        self._token = ""
        self._refresh_at = self._expires_at = datetime.min.replace(tzinfo=UTC)
        self._refreshing: asyncio.Task[None] | None = None

    async def fetch_token(self) -> FreshToken:
        """An access token from the platform."""
        method, path = self._platform.auth_method, self._platform.auth_path
        is_get = method == "GET"
        params, body = (self._credentials, None) if is_get else (None, self._credentials)
        answer = await self._call(method, path, params=params, body=body)
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int) or not 0 < seconds <= 86_400:
            raise TencentError(self._platform.not_understood)
        return FreshToken(token, seconds)

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Makes a call with the access token, once more with a new one when it proves bad."""
        return await self._try_tokens(lambda token: self._call("POST", path, params=token, body=body))

    async def upload(self, kind: Literal["image", "file"], name: str, content: bytes, media_type: str) -> str:
        """Gives the platform a picture or a file of at most 10 MB (新增临时素材), for its media id, which is good for
        three days."""
        path, file = "/cgi-bin/media/upload", (name, content, media_type)
        answer = await self._try_tokens(
            lambda token: self._call("POST", path, params={"type": kind, **token}, file=file, seconds=TRANSFER_SECONDS)
        )
        media_id = answer.get("media_id")
        if not isinstance(media_id, str) or not media_id:
            raise TencentError(self._platform.not_understood)
        return media_id

    async def fetch_media(self, media_id: str, bytes_max: int) -> bytes:
        """What a customer sent, with the access token as in `post`; raises SizeError besides."""
        path, params = "/cgi-bin/media/get", {"media_id": media_id}
        return await self._try_tokens(lambda token: self._fetch(path, {**params, **token}, bytes_max))

    async def close(self) -> None:
        """Closes the connections."""
        if self._refreshing:
            self._refreshing.cancel()
            await asyncio.wait([self._refreshing])
        await self._client.aclose()

    async def _try_tokens(self, call: Callable[[dict[str, str]], Awaitable[Result]]) -> Result:
        token = await self._get_token()
        try:
            return await call({"access_token": token})
        except TencentError as error:
            if error.meaning.kind != "token":
                raise
        return await call({"access_token": await self._get_token(bad=token)})

    async def _get_token(self, bad: str = "") -> str:
        """A token other than the one that proved bad. All callers share one fetch, and its failure."""
        now = self._clock()
        is_good = self._token != bad and now < self._expires_at
        if is_good and now < self._refresh_at:
            return self._token
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh())
            self._refreshing.add_done_callback(_log_failure)
        if not is_good:
            await asyncio.shield(self._refreshing)
        return self._token

    async def _refresh(self) -> None:
        fresh, now = await self.fetch_token(), self._clock()
        life = timedelta(seconds=fresh.seconds)
        self._token, self._expires_at = fresh.token, now + life
        self._refresh_at = now + max(life - REFRESH_BEFORE, life / 2)

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        file: tuple[str, bytes, str] | None = None,
        seconds: float | None = None,
    ) -> dict[str, Any]:
        # WeChat shows \u escapes to customers as they are.
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        has_token = "access_token" in (params or {})
        response, may_have_arrived = None, False
        try:
            async with asyncio.timeout(seconds or self._call_seconds):
                files = {"media": file} if file else None
                response = await self._client.request(method, path, params=params, content=content, files=files)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            pass
        except (httpx.HTTPError, TimeoutError):
            may_have_arrived = has_token
        # Raised outside the except block, so that the error with the URL is not chained.
        if may_have_arrived:
            raise TencentError(self._platform.not_confirmed, maybe_delivered=True)
        if response is None or response.status_code != 200:
            raise TencentError(self._platform.no_answer)
        return self._read(response.content, has_token=has_token)

    async def _fetch(self, path: str, params: Mapping[str, str], bytes_max: int) -> bytes:
        content, is_json, is_whole = bytearray(), False, False
        try:
            async with (
                asyncio.timeout(TRANSFER_SECONDS),
                self._client.stream("GET", path, params=params) as response,
            ):
                # An error comes with status 200 too: only its type tells.
                is_json = response.headers.get("Content-Type", "").startswith(("application/json", "text/plain"))
                async for chunk in response.aiter_bytes():
                    content += chunk
                    if len(content) > bytes_max:
                        break
                is_whole = response.status_code == 200
        except (httpx.HTTPError, TimeoutError):
            is_whole = False
        # Raised outside the except block, as in _call.
        if len(content) > bytes_max:
            raise SizeError
        if not is_whole:
            raise TencentError(self._platform.no_answer)
        if is_json:
            self._read(bytes(content), has_token=True)
            raise TencentError(self._platform.not_understood)  # JSON that is no error is no picture either
        return bytes(content)

    def _read(self, content: bytes, *, has_token: bool) -> dict[str, Any]:
        answer, errcode = _read_answer(content)
        if answer is None:
            raise TencentError(self._platform.not_understood)
        if errcode:
            meaning = self._platform.explain(errcode)
            is_wrong_secret = meaning.kind == "token" and not has_token
            raise TencentError(self._platform.wrong_secret if is_wrong_secret else meaning, errcode)
        return answer


@asynccontextmanager
async def limit_sending(platform: Platform, seconds: float) -> AsyncIterator[None]:
    """A time-out for all the calls that it takes to send a message; SendError, as it may have been delivered."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise TencentError(platform.not_confirmed, maybe_delivered=True) from None


def _log_failure(refreshing: asyncio.Task[None]) -> None:
    if not refreshing.cancelled() and (error := refreshing.exception()):
        log.warning("no new access token: %s", error)


def _read_answer(content: bytes) -> tuple[dict[str, Any] | None, int]:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return None, 0
    errcode = answer.get("errcode", 0) if isinstance(answer, dict) else None
    return (answer, errcode) if isinstance(errcode, int) else (None, 0)
