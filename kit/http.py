"""The HTTP client for other processes: an overall deadline, bounded retries, errors a caller can act on."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from kit.errors import ServiceRefused, ServiceUnavailable
from kit.logging import REQUEST_ID_HEADER, request_id

log = logging.getLogger(__name__)

# Reading the certificates of the system takes 20 ms: once a process is enough.
make_ssl_context = cache(httpx.create_ssl_context)

LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20)

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
    ) -> None:
        self.name = name
        self._deadline = deadline
        self._tries = tries
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._extensions = {"timeout": httpx.Timeout(deadline, connect=min(1.0, deadline)).as_dict()}
        # Not an httpx client: redirects, cookies and proxies are useless on loopback and take half of a call's time.
        self._transport = transport or httpx.AsyncHTTPTransport(make_ssl_context(), trust_env=False, limits=LIMITS)

    async def get(self, path: str, answer: type[Answer], params: Mapping[str, str | int] | None = None) -> Answer:
        """The answer as the given type. Raises ServiceUnavailable (another shape too) or ServiceRefused."""
        return _validate(self.name, answer, await self._request("GET", path, params=params))

    async def post(self, path: str, body: Any, answer: type[Answer], *, idempotency_key: str | None = None) -> Answer:
        """As `get`; a repeated key acts once."""
        extra = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return _validate(self.name, answer, await self._request("POST", path, extra, json=body))

    async def check(self) -> bool:
        """Whether GET /healthz says that the service is ready; raises httpx.HTTPError without an answer."""
        return (await self._send("GET", "/healthz")).is_success

    async def close(self) -> None:
        """Closes the connections."""
        await self._transport.aclose()

    async def _request(self, method: str, path: str, extra: Mapping[str, str] | None = None, **arguments: Any) -> Any:
        headers = {**(extra or {}), **({REQUEST_ID_HEADER: request_id.get()} if request_id.get() else {})}
        try:
            async with asyncio.timeout(self._deadline):
                return await self._try_repeatedly(method, path, headers=headers, **arguments)
        except TimeoutError as error:
            log.warning("%s: %s %s had no answer within %s s", self.name, method, path, self._deadline)
            raise ServiceUnavailable(f"{self.name} did not answer within {self._deadline} s") from error

    async def _send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **arguments: Any
    ) -> httpx.Response:
        request = httpx.Request(
            method,
            self._url + path,
            headers={**self._headers, **(headers or {})},
            extensions=self._extensions,
            **arguments,
        )
        response = await self._transport.handle_async_request(request)
        response.request = request
        try:
            await response.aread()
        finally:
            await response.aclose()
        return response

    async def _try_repeatedly(self, method: str, path: str, **arguments: Any) -> Any:
        for attempt in range(1, self._tries + 1):
            try:
                response = await self._send(method, path, **arguments)
            except httpx.HTTPError as error:
                reason = f"{type(error).__name__}"
            else:
                if response.status_code < 400:
                    return self._read_json(response)
                if response.status_code < 500:
                    raise self._describe_refusal(response)
                reason = f"status {response.status_code}"
            log.warning("%s: %s %s failed (%s), try %d of %d", self.name, method, path, reason, attempt, self._tries)
            if attempt < self._tries:
                await asyncio.sleep(0.05 * 2**attempt)
        raise ServiceUnavailable(f"{self.name}: {reason}")

    def _read_json(self, response: httpx.Response) -> Any:
        try:
            return response.json()
        except ValueError as error:
            raise ServiceUnavailable(f"{self.name} did not answer with JSON") from error

    def _describe_refusal(self, response: httpx.Response) -> ServiceRefused:
        try:
            error = response.json()["error"]
            code, reason = str(error["code"]), str(error["reason"])
        except (ValueError, KeyError, TypeError):
            code, reason = "unknown", ""
        return ServiceRefused(self.name, response.status_code, code, reason)


def _validate(service: str, answer: type[Answer], content: Any) -> Answer:
    try:
        validated: Answer = _adapt(answer).validate_python(content)
        return validated
    except ValidationError as error:
        raise ServiceUnavailable(f"{service} answered in an unknown shape ({error.error_count()} errors)") from None
