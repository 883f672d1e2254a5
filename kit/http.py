"""The HTTP client for other processes: an overall deadline, bounded retries, errors a caller can act on."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from kit.breaker import CircuitBreaker
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.logging import REQUEST_ID_HEADER, request_id

log = logging.getLogger(__name__)

# Reading the certificates of the system takes 20 ms: once a process is enough.
make_ssl_context = cache(httpx.create_ssl_context)

LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20)

NO_HEADERS: Mapping[str, str] = {}

Answer = TypeVar("Answer")
_adapt: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)  # building one takes longer than a small call


class ServiceClient:
    """Speaks JSON with one service.

    Every request is safe to repeat: it either changes nothing or carries an idempotency key, so a request that was
    not answered is sent again while the deadline allows.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        deadline: float,
        tries: int = 2,
        token: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        """With a `breaker`, a service that keeps failing is not asked, and is unavailable at once."""
        self.name = name
        self._breaker = breaker
        self._deadline = deadline
        self._tries = tries
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        # A share of the deadline: what is late when connecting to a process beside ours is our own event loop.
        connect = min(deadline, max(1.0, deadline / 4))
        self._extensions = {"timeout": httpx.Timeout(deadline, connect=connect).as_dict()}
        # Not an httpx client: redirects, cookies and proxies are useless on loopback and take half of a call's time.
        self._transport = transport or httpx.AsyncHTTPTransport(make_ssl_context(), trust_env=False, limits=LIMITS)

    async def get(self, path: str, answer: type[Answer], params: Mapping[str, str | int] | None = None) -> Answer:
        """The answer as the given type. Raises ServiceUnavailable (another shape too) or ServiceRefused."""
        return await self._request("GET", path, answer, params=params)

    async def post(self, path: str, body: Any, answer: type[Answer], *, idempotency_key: str | None = None) -> Answer:
        """As `get`; a repeated key acts once."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return await self._request("POST", path, answer, headers, json=body)

    async def post_bytes(self, path: str, content: bytes, media_type: str, answer: type[Answer]) -> Answer:
        """As `get`, with a body that is no JSON."""
        return await self._request("POST", path, answer, {"Content-Type": media_type}, content=content)

    async def check(self) -> bool:
        """Whether GET /healthz says that the service is ready; raises httpx.HTTPError without an answer."""
        return (await self._send("GET", "/healthz")).is_success

    async def close(self) -> None:
        """Closes the connections."""
        await self._transport.aclose()

    async def _request(
        self, method: str, path: str, answer: type[Answer], headers: Mapping[str, str] = NO_HEADERS, **content: Any
    ) -> Answer:
        if self._breaker is None:
            return await self._ask(method, path, answer, headers, **content)
        with self._breaker.watch(self.name):
            return await self._ask(method, path, answer, headers, **content)

    async def _ask(
        self, method: str, path: str, answer: type[Answer], headers: Mapping[str, str], **content: Any
    ) -> Answer:
        if request_id.get():
            headers = {**headers, REQUEST_ID_HEADER: request_id.get()}
        try:
            async with asyncio.timeout(self._deadline):
                response = await self._try_repeatedly(method, path, headers, **content)
        except TimeoutError as error:
            log.warning("%s: %s %s had no answer within %s s", self.name, method, path, self._deadline)
            raise ServiceUnavailable(f"{self.name} did not answer within {self._deadline} s") from error
        try:
            validated: Answer = _adapt(answer).validate_json(response.content)
        except ValidationError as error:
            is_json = error.errors()[0]["type"] != "json_invalid"
            shape = f"in an unknown shape ({error.error_count()} errors)" if is_json else "without JSON"
            raise ServiceUnavailable(f"{self.name} answered {shape}") from None
        return validated

    async def _send(
        self, method: str, path: str, headers: Mapping[str, str] = NO_HEADERS, **content: Any
    ) -> httpx.Response:
        headers = {**self._headers, **headers}
        request = httpx.Request(method, self._url + path, headers=headers, extensions=self._extensions, **content)
        response = await self._transport.handle_async_request(request)
        response.request = request
        try:
            await response.aread()
        finally:
            await response.aclose()
        return response

    async def _try_repeatedly(
        self, method: str, path: str, headers: Mapping[str, str], **content: Any
    ) -> httpx.Response:
        for attempt in range(1, self._tries + 1):
            try:
                response = await self._send(method, path, headers, **content)
            except httpx.HTTPError as error:
                reason = f"{type(error).__name__}"
            else:
                if response.status_code < 400:
                    return response
                if response.status_code < 500:
                    raise self._describe_refusal(response)
                reason = f"status {response.status_code}"
            log.warning("%s: %s %s failed (%s), try %d of %d", self.name, method, path, reason, attempt, self._tries)
            if attempt < self._tries:
                await asyncio.sleep(0.05 * 2**attempt)
        raise ServiceUnavailable(f"{self.name}: {reason}")

    def _describe_refusal(self, response: httpx.Response) -> ServiceRefused:
        code, reason = read_refusal(response) or ("unknown", "")
        return ServiceRefused(self.name, response.status_code, code, reason)


def read_refusal(response: httpx.Response) -> tuple[str, str] | None:
    """The code and the reason of a refusal; None of what a proxy on the way says, which knows nothing of ours."""
    try:
        error = response.json()["error"]
        return str(error["code"]), str(error["reason"])
    except (ValueError, KeyError, TypeError):
        return None
