"""The client of a bank's core over HTTP: signed requests, time-outs, bounded retries, and a pause while it is down.

docs/howto/connect-the-core.md is the contract.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ValidationError

from applications.signatures import make_headers
from core_banking.interface import CoreRequest, CoreValue, CustomerLoan, Receipt
from kit.breaker import CircuitBreaker
from kit.clock import Clock, read_clock
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.http import make_ssl_context, read_refusal

log = logging.getLogger(__name__)

CALL_SECONDS = 1.0  # a customer waits for it
TRIES = 2
PAUSE_SECONDS = 0.1
# So many calls in a row without an answer, and for a while nobody waits for the core any more.
FAILURES_MAX = 5
REST = timedelta(seconds=15)
# What the core says of us, not of the request: a wrong secret, an unknown path, too much at once.
OURS = (401, 403, 404, 405, 408, 429)
NOT_FOUND = "no_such_loan"

Answer = TypeVar("Answer", bound=BaseModel)


class FoundLoans(CoreValue):
    """The core's answer to a search."""

    loans: list[Any]


class HttpCore:
    """See CoreBanking. A request that was not answered is sent again with the same key: the core acts once."""

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
        """`url` is where the core's routes begin; the `secret` is XIAOHE_CORE_SECRET."""
        self._url = url.rstrip("/")
        self._client = httpx.AsyncClient(
            timeout=call_seconds, transport=transport, verify=make_ssl_context(), trust_env=False
        )
        self._call_seconds = call_seconds
        self._secret = secret
        self._tries = tries
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._breaker = CircuitBreaker(
            failures_max=FAILURES_MAX, open_seconds=REST.total_seconds(), read_seconds=lambda: clock().timestamp()
        )

    async def list_loans(self, phones: Sequence[str]) -> list[CustomerLoan]:
        """See CoreBanking.list_loans. Phones stand in the body: paths are logged."""
        return _read_each((await self._post("/v1/loans/search", _Search(phones=phones), FoundLoans)).loans)

    async def list_due_reviews(self, until: date) -> list[CustomerLoan]:
        """See CoreBanking.list_due_reviews."""
        return _read_each((await self._post("/v1/reviews/search", _Until(until=until), FoundLoans)).loans)

    async def request(self, request: CoreRequest, *, key: str) -> Receipt:
        """See CoreBanking.request."""
        return await self._post("/v1/loan-requests", request, Receipt, key)

    async def close(self) -> None:
        """See CoreBanking.close."""
        await self._client.aclose()

    async def _post(self, path: str, body: BaseModel, answer: type[Answer], key: str = "") -> Answer:
        with self._breaker.watch("core"):
            content = await self._try_repeatedly(self._url + path, key, body.model_dump_json().encode())
        try:
            return answer.model_validate_json(content)
        except ValidationError as error:
            raise ServiceUnavailable(f"core: {path}: an unknown shape ({error.error_count()} errors)") from None

    async def _try_repeatedly(self, url: str, key: str, body: bytes) -> bytes:
        problem = ""
        for attempt in range(self._tries):
            if attempt:
                await asyncio.sleep(self._pause_seconds * 2 ** (attempt - 1))
            try:
                async with asyncio.timeout(self._call_seconds):  # httpx only limits each read
                    response = await self._client.post(url, content=body, headers=self._sign(url, key, body))
            except (httpx.HTTPError, TimeoutError) as error:
                problem = type(error).__name__
            else:
                if response.is_success:
                    return response.content
                code, reason = read_refusal(response) or ("refused", response.reason_phrase)
                if response.is_client_error and (response.status_code not in OURS or code == NOT_FOUND):
                    raise ServiceRefused("core", response.status_code, code, reason)
                problem = f"status {response.status_code} {code}"
            log.warning("core: %s failed (%s), try %d of %d", urlsplit(url).path, problem, attempt + 1, self._tries)
        raise ServiceUnavailable(f"core: {problem}")

    def _sign(self, url: str, key: str, body: bytes) -> dict[str, str]:
        return make_headers(self._secret, self._clock(), "POST", urlsplit(url).path, key, body)


class _Search(CoreValue):
    phones: Sequence[str]


class _Until(CoreValue):
    until: date


def _read_each(values: list[Any]) -> list[CustomerLoan]:
    """Those of a known shape: one that is wrong hides no other."""
    found = []
    for value in values:
        try:
            found.append(CustomerLoan.model_validate(value))
        except ValidationError as error:
            fields = sorted({".".join(map(str, each["loc"])) for each in error.errors(include_input=False)})
            log.error("core: a loan left out for %s", ", ".join(fields))
    return found
