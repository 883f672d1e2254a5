"""The client against the real application, and against answers that are not decisions."""

import httpx
import pytest

from kit.errors import ServiceRefused, ServiceUnavailable
from kit.http import ServiceClient
from scoring.client import ScoringClient
from scoring.schemas import parse_request
from tests.fakes import agree_to_all

REQUEST = parse_request(
    {
        "product": "firm_loan",
        "facts": {"annual_turnover": 800000, "years_in_business": 4, "existing_debt": 0, "has_overdue": False},
    }
)


def make_client(transport: httpx.AsyncBaseTransport) -> ScoringClient:
    return ScoringClient(ServiceClient("scoring", "http://scoring", deadline=60, transport=transport), agree_to_all)


async def test_the_same_key_gives_the_same_decision(transport: httpx.ASGITransport) -> None:
    client = make_client(transport)
    made = await client.decide(REQUEST, idempotency_key="sender-7:quota:1")
    assert (made.outcome, made.quota) == ("approve", 170000)
    assert made.decision_id is not None
    assert await client.decide(REQUEST, idempotency_key="sender-7:quota:1") == made


async def test_a_refusal_keeps_its_code(transport: httpx.ASGITransport) -> None:
    client = make_client(transport)
    await client.decide(REQUEST, idempotency_key="sender-7:quota:1")
    other = REQUEST.model_copy(update={"product": "trader_loan"})
    with pytest.raises(ServiceRefused) as refusal:
        await client.decide(other, idempotency_key="sender-7:quota:1")
    assert (refusal.value.status, refusal.value.code) == (409, "idempotency_conflict")


async def test_an_answer_that_is_no_decision_is_a_fault_of_the_service() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"outcome": "maybe"}))
    client = make_client(transport)
    with pytest.raises(ServiceUnavailable):
        await client.decide(REQUEST, idempotency_key="sender-7:quota:1")


@pytest.mark.parametrize("given", [[], ["application", "sharing", "marketing"]])
async def test_nobody_is_scored_without_a_consent_in_the_ledger(given: list[str]) -> None:
    asked: list[str] = []

    async def list_given(conversation_id: str) -> list[str]:
        asked.append(conversation_id)
        return given

    def refuse(request: httpx.Request) -> httpx.Response:
        raise AssertionError("it was scored")

    http = ServiceClient("scoring", "http://scoring", deadline=60, transport=httpx.MockTransport(refuse))
    with pytest.raises(ServiceRefused) as refusal:
        await ScoringClient(http, list_given).decide(REQUEST, idempotency_key="sender-7:quota:1")
    assert (refusal.value.code, asked) == ("no_consent", ["sender-7"])
