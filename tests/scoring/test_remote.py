"""The real client against the real service behind a network that loses, delays and garbles: nothing acts twice."""

import asyncio

import httpx
import pytest
from sqlalchemy import func, select

from kit.breaker import CircuitBreaker
from kit.database import Database
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.http import ServiceClient
from scoring.client import ScoringClient, ScoringUnavailable
from scoring.schemas import DecisionView, parse_request
from scoring.tables import StoredDecision
from tests.fakes import agree_to_all
from tests.kit.test_breaker import Stopwatch

REQUEST = parse_request(
    {
        "product": "firm_loan",
        "facts": {"annual_turnover": 800000, "years_in_business": 4, "existing_debt": 0, "has_overdue": False},
    }
)


class FaultyNetwork(httpx.AsyncBaseTransport):
    """Does to each call what is scripted, the last thing for ever.

    `lost`: the request never arrives; `unheard`: it is answered, and the answer is lost; `late`: it is answered too
    late; `broken`, `garbled`: something else answers.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, *script: str) -> None:
        self.inner, self.script, self.calls = inner, list(script), 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        fault = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if fault == "lost":
            raise httpx.ConnectError("refused")
        if fault == "broken":
            return httpx.Response(502, text="bad gateway")
        if fault == "garbled":
            return httpx.Response(200, text="<html>maintenance</html>")
        response = await self.inner.handle_async_request(request)
        if fault == "unheard":
            raise httpx.ReadTimeout("no answer")
        if fault == "late":
            await asyncio.sleep(5)
        return response


def connect(
    network: httpx.AsyncBaseTransport, breaker: CircuitBreaker | None = None, *, deadline: float = 2.0, tries: int = 2
) -> ScoringClient:
    http = ServiceClient(
        "scoring", "http://scoring", deadline=deadline, tries=tries, transport=network, breaker=breaker
    )
    return ScoringClient(http, agree_to_all)


async def ask(client: ScoringClient, key: str = "sender-7:quota:1") -> DecisionView:
    return await client.decide(REQUEST, idempotency_key=key)


async def count(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(StoredDecision)) or 0


@pytest.mark.parametrize("fault", ["lost", "unheard", "broken"])
async def test_one_fault_is_outlived_and_decides_once(
    transport: httpx.ASGITransport, database: Database, fault: str
) -> None:
    network = FaultyNetwork(transport, fault, "well")
    decision = await ask(connect(network))
    assert decision.quota == 170_000
    assert network.calls == 2
    assert await ask(connect(transport)) == decision
    assert await count(database) == 1


@pytest.mark.parametrize("fault", ["lost", "unheard", "broken", "garbled", "late"])
async def test_a_lasting_fault_is_told_in_time(transport: httpx.ASGITransport, database: Database, fault: str) -> None:
    started = asyncio.get_running_loop().time()
    with pytest.raises(ScoringUnavailable):
        await ask(connect(FaultyNetwork(transport, fault), deadline=0.5))
    assert asyncio.get_running_loop().time() - started < 1
    assert await count(database) <= 1
    decision = await ask(connect(transport))  # later, with the same key
    assert (decision.quota, await count(database)) == (170_000, 1)


async def test_a_service_that_keeps_failing_is_spared_and_found_again(transport: httpx.ASGITransport) -> None:
    watch = Stopwatch()
    network = FaultyNetwork(transport, *["lost"] * 4, "well")
    client = connect(network, CircuitBreaker(failures_max=3, open_seconds=10, read_seconds=watch), tries=1)
    for place in range(6):
        with pytest.raises(ScoringUnavailable):
            await ask(client, f"sender-{place}:quota:1")
    assert network.calls == 3  # the others were not sent at all
    watch.seconds += 10
    with pytest.raises(ScoringUnavailable):
        await ask(client)
    assert network.calls == 4
    watch.seconds += 10
    assert (await ask(client)).quota == 170_000
    assert (await ask(client)).quota == 170_000
    assert network.calls == 6


async def test_a_refusal_is_an_answer(transport: httpx.ASGITransport) -> None:
    breaker = CircuitBreaker(failures_max=1)
    client = connect(transport, breaker)
    await ask(client)
    other = REQUEST.model_copy(update={"product": "trader_loan"})
    with pytest.raises(ServiceRefused):
        await client.decide(other, idempotency_key="sender-7:quota:1")
    assert not breaker.is_open


async def test_whose_consent_cannot_be_looked_up_is_not_one_of_scorings_faults(transport: httpx.ASGITransport) -> None:
    async def fail(conversation_id: str) -> list[str]:
        raise ServiceUnavailable("applications: away")

    client = ScoringClient(ServiceClient("scoring", "http://scoring", deadline=60, transport=transport), fail)
    with pytest.raises(ServiceUnavailable) as away:
        await ask(client)
    assert not isinstance(away.value, ScoringUnavailable)
