"""The API over HTTP, in process: decisions, refusals, and what is stored."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from kit.database import Database
from scoring.api import create_app
from scoring.settings import ScoringSettings
from scoring.tables import StoredDecision
from tests.vaults import VAULT

FARMER: dict[str, Any] = {
    "product": "farmer_loan",
    "facts": {
        "land_mu": 15,
        "machinery_value": 20000,
        "household_income": 80000,
        "existing_debt": 0,
        "has_overdue": False,
    },
}
TRADER: dict[str, Any] = {
    "product": "trader_loan",
    "facts": {"annual_turnover": 600000, "years_in_business": 3, "existing_debt": 0, "has_overdue": False},
}


async def ask(api: httpx.AsyncClient, body: Any, key: str = "quota-check-1") -> httpx.Response:
    return await api.post("/v1/decisions", json=body, headers={"Idempotency-Key": key})


async def count_decisions(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(StoredDecision)) or 0


async def test_a_decision_has_the_agreed_shape(api: httpx.AsyncClient) -> None:
    response = await ask(api, TRADER)

    answer = response.json()
    assert response.status_code == 200
    assert len(answer.pop("decision_id")) == 36
    assert answer == {
        "outcome": "approve",
        "quota": 180000,
        "term_months": 36,
        "annual_rate": 5.2,
        "reasons": [{"code": "annual_turnover", "text": "年流水60万元，按三成算18万元", "amount": 180000}],
        "improvement": "年经营流水达到73.4万元后，额度可到22万元。",
        "next_step": "您可以直接申请，额度以核实资料后签订的合同为准。",
        "policy_version": "trader_loan@2026-07-01",
        "valid_until": "2026-08-31",
    }


async def test_a_decision_can_be_read_again(api: httpx.AsyncClient) -> None:
    made = (await ask(api, FARMER)).json()
    read = await api.get(f"/v1/decisions/{made['decision_id']}")
    assert read.status_code == 200
    assert read.json() == made


async def test_an_unknown_decision_is_not_found(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/decisions/00000000-0000-0000-0000-000000000000")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "decision_not_found"


async def test_the_same_key_and_body_decide_once(api: httpx.AsyncClient, database: Database) -> None:
    first = await ask(api, FARMER)
    told_differently = {**FARMER, "facts": {**FARMER["facts"], "land_mu": 15.0, "age": None}}
    second = await ask(api, told_differently)
    assert second.status_code == 200
    assert second.json() == first.json()
    assert await count_decisions(database) == 1


async def test_another_key_decides_anew(api: httpx.AsyncClient, database: Database) -> None:
    first, second = await ask(api, FARMER), await ask(api, FARMER, key="quota-check-2")
    assert first.json()["decision_id"] != second.json()["decision_id"]
    assert await count_decisions(database) == 2


@pytest.mark.parametrize("other", [TRADER, {**FARMER, "facts": {**FARMER["facts"], "land_mu": 16}}])
async def test_the_same_key_with_another_body_is_a_conflict(
    api: httpx.AsyncClient, database: Database, other: dict[str, Any]
) -> None:
    await ask(api, FARMER)
    response = await ask(api, other)
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "idempotency_conflict"
    assert await count_decisions(database) == 1


async def test_the_same_key_at_once_acts_once(api: httpx.AsyncClient, database: Database) -> None:
    responses = await asyncio.gather(*(ask(api, FARMER) for _ in range(12)))
    assert {response.status_code for response in responses} == {200}
    assert len({response.text for response in responses}) == 1
    assert await count_decisions(database) == 1


async def test_the_same_key_at_once_with_two_bodies_serves_one_of_them(
    api: httpx.AsyncClient, database: Database
) -> None:
    responses = await asyncio.gather(*(ask(api, body) for body in (FARMER, TRADER) * 4))
    assert sorted(response.status_code for response in responses) == [200] * 4 + [409] * 4
    assert await count_decisions(database) == 1


async def test_what_was_promised_outlives_a_new_policy(api: httpx.AsyncClient, clock: Any) -> None:
    # 30 June 23:59 in China, and one minute later the new policy.
    clock.now = datetime(2026, 6, 30, 15, 59, tzinfo=UTC)
    promised = (await ask(api, TRADER)).json()
    clock.now = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)
    anew = (await ask(api, TRADER, key="quota-check-2")).json()

    assert (promised["policy_version"], promised["quota"]) == ("trader_loan@2025-07-01", 150000)
    assert (anew["policy_version"], anew["quota"]) == ("trader_loan@2026-07-01", 180000)
    assert (await ask(api, TRADER)).json() == promised
    assert (await api.get(f"/v1/decisions/{promised['decision_id']}")).json() == promised


async def test_what_was_asked_and_when_is_kept(api: httpx.AsyncClient, database: Database, clock: Any) -> None:
    made = (await ask(api, FARMER)).json()
    async with database.reading() as session:
        stored = await session.get(StoredDecision, made["decision_id"])
    assert stored is not None
    assert stored.created_at == clock.now
    assert stored.product == "farmer_loan"
    assert stored.policy_version == "farmer_loan@2026-07-01"
    assert stored.request["facts"]["household_income"] == 80000
    assert date.fromisoformat(stored.decision["valid_until"]) == date(2026, 8, 31)


@pytest.mark.parametrize("name", FARMER["facts"])
async def test_a_missing_fact_is_named(api: httpx.AsyncClient, name: str) -> None:
    facts = {key: value for key, value in FARMER["facts"].items() if key != name}
    response = await ask(api, {**FARMER, "facts": facts})
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "invalid_request"
    assert f"facts.{name}: Field required" in response.json()["error"]["reason"]


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"monthly_wage": 5000}, "monthly_wage"),
        ({"annual_turnover": 600000}, "annual_turnover"),
        ({"land_mu": "15"}, "land_mu"),
        ({"land_mu": -1}, "land_mu"),
        ({"household_income": 80000.5}, "household_income"),
        ({"household_income": True}, "household_income"),
        ({"household_income": -1}, "household_income"),
        ({"machinery_value": None}, "machinery_value"),
        ({"has_overdue": "no"}, "has_overdue"),
        ({"has_overdue": 0}, "has_overdue"),
        ({"existing_debt": 10**10}, "existing_debt"),
        ({"age": 30.5}, "age"),
        ({"amount_wanted": 0}, "amount_wanted"),
        ({"term_months": 0}, "term_months"),
    ],
)
async def test_a_wrong_fact_is_named(
    api: httpx.AsyncClient, database: Database, facts: dict[str, Any], named: str
) -> None:
    response = await ask(api, {**FARMER, "facts": {**FARMER["facts"], **facts}})
    assert response.status_code == 422
    assert f"facts.{named}:" in response.json()["error"]["reason"]
    assert await count_decisions(database) == 0


@pytest.mark.parametrize(
    "body", [{}, [], None, {"product": "house_loan", "facts": {}}, {**FARMER, "note": "x"}, {"product": "farmer_loan"}]
)
async def test_a_body_that_is_no_request_is_refused(api: httpx.AsyncClient, body: Any) -> None:
    response = await ask(api, body)
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "invalid_request"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
async def test_a_number_that_is_none_is_refused(api: httpx.AsyncClient, number: str) -> None:
    text = (
        httpx.Request("POST", "http://x", json=FARMER).content.decode().replace('"land_mu":15', f'"land_mu":{number}')
    )
    assert number in text
    headers = {"Idempotency-Key": "quota-check-1", "Content-Type": "application/json"}
    response = await api.post("/v1/decisions", content=text, headers=headers)
    assert response.status_code in (400, 422)
    assert response.json()["error"]["code"] in ("invalid_json", "invalid_request")


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "seven77"}, {"Idempotency-Key": "k" * 101}])
async def test_a_key_of_8_to_100_characters_is_needed(api: httpx.AsyncClient, headers: dict[str, str]) -> None:
    response = await api.post("/v1/decisions", json=FARMER, headers=headers)
    assert response.status_code == 422
    assert "Idempotency-Key" in response.json()["error"]["reason"]


@pytest.mark.parametrize("length", [8, 100])
async def test_keys_at_the_borders_are_taken(api: httpx.AsyncClient, length: int) -> None:
    assert (await ask(api, FARMER, key="k" * length)).status_code == 200


async def test_health_tells_of_the_database(api: httpx.AsyncClient) -> None:
    response = await api.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "parts": {"database": "ok"}}


async def test_health_tells_of_a_database_that_is_away() -> None:
    database = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing", VAULT)
    transport = httpx.ASGITransport(create_app(ScoringSettings(), database=database))
    async with httpx.AsyncClient(transport=transport, base_url="http://scoring") as api:
        response = await api.get("/healthz")
    await database.close()
    assert response.status_code == 503
    assert response.json()["parts"] == {"database": "unavailable"}
