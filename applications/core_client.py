"""A client of the core's routes as the bank's core may write one: signs, times out, tries again with the same key."""

import asyncio
from urllib.parse import quote

import httpx

from applications.schemas import CoreStatus, CoreStep, Move
from applications.signatures import make_headers
from kit.clock import Clock, read_clock
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.http import make_ssl_context, read_refusal

CALL_SECONDS = 5.0
TRIES = 4
PASSING = (408, 429)  # refused for now
PAUSE_SECONDS = 0.5  # after the first try, doubled after each


class CoreClient:
    """Raises ServiceUnavailable when it is not known whether a step was taken: the same key may be sent again."""

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        call_seconds: float = CALL_SECONDS,
        tries: int = TRIES,
        pause_seconds: float = PAUSE_SECONDS,
        clock: Clock = read_clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`url` is that of the desk; the `secret` is XIAOHE_CORE_SECRET."""
        self._client = httpx.AsyncClient(
            base_url=url, timeout=call_seconds, transport=transport, verify=make_ssl_context()
        )
        self._secret = secret
        self._tries = tries
        self._pause_seconds = pause_seconds
        self._clock = clock

    async def take_step(self, number: str, change: Move, *, key: str) -> CoreStep:
        """Moves an application once for each key (8 to 100 characters); ServiceRefused says why not."""
        body = change.model_dump_json().encode()
        return CoreStep.model_validate_json(await self._call("POST", f"{_path(number)}/steps", key, body))

    async def read_status(self, number: str) -> CoreStatus:
        """Where an application stands."""
        return CoreStatus.model_validate_json(await self._call("GET", _path(number)))

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def _call(self, method: str, path: str, key: str = "", body: bytes = b"") -> bytes:
        for attempt in range(self._tries):
            if attempt:
                await asyncio.sleep(self._pause_seconds * 2 ** (attempt - 1))
            try:
                response = await self._client.request(
                    method, path, content=body, headers=self._sign(method, path, key, body)
                )
            except httpx.HTTPError as error:
                problem = type(error).__name__
                continue
            if response.is_success:
                return response.content
            if response.is_client_error and response.status_code not in PASSING:
                code, reason = read_refusal(response) or ("refused", response.reason_phrase)
                raise ServiceRefused("desk", response.status_code, code, reason)
            problem = f"status {response.status_code}"
        raise ServiceUnavailable(f"desk: {problem}")

    def _sign(self, method: str, path: str, key: str, body: bytes) -> dict[str, str]:
        return make_headers(self._secret, self._clock(), method, path, key, body)


def _path(number: str) -> str:
    return f"/v1/core/applications/{quote(number, safe='')}"
