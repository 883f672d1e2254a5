"""The applications service over HTTP, in process, and its client: only who has the token gets in."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from applications.api import build_router
from applications.client import ApplicationsClient
from applications.drafts import Drafts
from applications.repository import mark_called
from applications.schemas import ApplicationIn, MendableAnswer
from kit.database import Database
from kit.errors import ServiceRefused
from kit.http import ServiceClient
from kit.web import create_web_app
from tests.applications.making import make_applications, make_router
from tests.fakes import FixedClock

TOKEN = "token-of-the-actions"
PATH = "/v1/applications"
WITHDRAWN = {"stage": "withdrawn", "reason_class": "customer_request", "due_at": None, "is_withdrawable": False}
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def make_transport(database: Database, token: str = TOKEN) -> httpx.ASGITransport:
    app = create_web_app("applications", checks={})
    app.include_router(make_router(database, FixedClock(), token))
    return httpx.ASGITransport(app, raise_app_exceptions=False)


@pytest.fixture
async def api(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=make_transport(database), base_url="http://desk") as client:
        yield client


def sign(token: str = TOKEN, key: str = "key-12345") -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": key}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": TOKEN},
        {"Authorization": f"Basic {TOKEN}"},
    ],
)
async def test_without_the_token_nobody_gets_in(
    api: httpx.AsyncClient, form: dict[str, Any], headers: dict[str, str]
) -> None:
    handed_in = await api.post(PATH, json=form, headers={**headers, "Idempotency-Key": "key-12345"})
    listed = await api.get(PATH, params={"conversation_id": "conversation-1"}, headers=headers)
    for response in (handed_in, listed):
        assert response.status_code == 401
        assert response.json()["error"]["code"] == "unauthorised"
    shown = await api.get(PATH, params={"conversation_id": "conversation-1"}, headers=sign())
    assert shown.json() == {"applications": []}


async def test_a_service_without_a_token_lets_nobody_in(database: Database) -> None:
    async with httpx.AsyncClient(transport=make_transport(database, token=""), base_url="http://desk") as api:
        for header in ("Bearer ", "Bearer", ""):
            response = await api.get(PATH, params={"conversation_id": "c"}, headers={"Authorization": header})
            assert response.status_code == 401


async def test_it_is_handed_in_and_listed(api: httpx.AsyncClient, form: dict[str, Any]) -> None:
    response = await api.post(PATH, json=form, headers=sign())
    assert response.status_code == 200
    assert response.json()["number"].startswith("QH260701-")
    listed = await api.get(PATH, params={"conversation_id": "conversation-1"}, headers=sign())
    assert listed.json() == {"applications": [response.json()]}


@pytest.mark.parametrize("key", ["", "seven77", "k" * 101])
async def test_a_key_of_8_to_100_characters_is_needed(api: httpx.AsyncClient, form: dict[str, Any], key: str) -> None:
    response = await api.post(PATH, json=form, headers=sign(key=key))
    assert response.status_code == 422
    assert "idempotency-key: String should have at" in response.json()["error"]["reason"]


@pytest.mark.parametrize("params", [{}, {"conversation_id": ""}, {"conversation_id": "c" * 65}])
async def test_a_conversation_must_be_named(api: httpx.AsyncClient, params: dict[str, str]) -> None:
    assert (await api.get(PATH, params=params, headers=sign())).status_code == 422


async def test_it_is_withdrawn(api: httpx.AsyncClient, form: dict[str, Any]) -> None:
    stored = (await api.post(PATH, json=form, headers=sign())).json()
    path, whose = f"{PATH}/{stored['number']}/withdrawal", {"conversation_id": "conversation-1"}
    for _ in range(2):
        response = await api.post(path, json=whose, headers=sign())
        assert (response.status_code, response.json()) == (
            200,
            {**stored, **WITHDRAWN},
        )


@pytest.mark.parametrize(
    ("number", "whose", "headers", "status", "code"),
    [
        ("QH260701-AAAAA", {"conversation_id": "conversation-1"}, sign(), 404, "no_such_application"),
        ("", {"conversation_id": "conversation-1"}, sign(), 404, "http_error"),
        (None, {"conversation_id": "conversation-2"}, sign(), 404, "no_such_application"),
        (None, {}, sign(), 422, "invalid_request"),
        (None, {"conversation_id": ""}, sign(), 422, "invalid_request"),
        (None, {"conversation_id": "conversation-1", "stage": "closed"}, sign(), 422, "invalid_request"),
        (None, {"conversation_id": "conversation-1"}, sign(key="short"), 422, "invalid_request"),
        (None, {"conversation_id": "conversation-1"}, sign(token="wrong"), 401, "unauthorised"),
        (None, {"conversation_id": "conversation-1"}, {"Idempotency-Key": "key-12345"}, 401, "unauthorised"),
    ],
)
async def test_only_whoever_handed_it_in_withdraws_it(
    api: httpx.AsyncClient,
    form: dict[str, Any],
    number: str | None,
    whose: dict[str, str],
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    stored = (await api.post(PATH, json=form, headers=sign())).json()
    path = f"{PATH}/{stored['number'] if number is None else number}/withdrawal"
    response = await api.post(path, json=whose, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    listed = await api.get(PATH, params={"conversation_id": "conversation-1"}, headers=sign())
    assert listed.json() == {"applications": [stored]}


async def test_a_refusal_does_not_repeat_the_form(api: httpx.AsyncClient, form: dict[str, Any]) -> None:
    response = await api.post(PATH, json={**form, "amount": 400_000, "phone": "1381234567"}, headers=sign())
    assert response.status_code == 422
    assert "1381234567" not in response.text
    assert "张建国" not in response.text


async def test_the_client_speaks_to_the_service(database: Database, form: dict[str, Any]) -> None:
    http = ServiceClient("desk", "http://desk", deadline=60, token=TOKEN, transport=make_transport(database))
    client = ApplicationsClient(http)
    application = ApplicationIn.model_validate(form)
    stored = await client.submit(application, idempotency_key="key-12345")
    assert await client.submit(application, idempotency_key="key-12345") == stored
    assert await client.list_applications("conversation-1") == [stored]
    with pytest.raises(ServiceRefused) as refused:
        await client.submit(application.model_copy(update={"term": 24}), idempotency_key="key-12345")
    assert (refused.value.status, refused.value.code) == (409, "idempotency_conflict")
    withdrawn = await client.withdraw("conversation-1", stored.number, idempotency_key="key-12345")
    assert withdrawn == stored.model_copy(update=WITHDRAWN)
    assert await client.list_applications("conversation-1") == [withdrawn]
    await http.close()


@pytest.mark.parametrize("number", ["QH260701-AAAAA", "编号 1/2?x#y", "..", "%2e"])
async def test_the_client_is_told_that_there_is_no_such_application(database: Database, number: str) -> None:
    http = ServiceClient("desk", "http://desk", deadline=60, token=TOKEN, transport=make_transport(database))
    with pytest.raises(ServiceRefused, match="404"):
        await ApplicationsClient(http).withdraw("conversation-1", number, idempotency_key="key-12345")
    await http.close()


async def test_the_client_is_told_why_it_is_too_late(database: Database, form: dict[str, Any]) -> None:
    http = ServiceClient("desk", "http://desk", deadline=60, token=TOKEN, transport=make_transport(database))
    client = ApplicationsClient(http)
    stored = await client.submit(ApplicationIn.model_validate(form), idempotency_key="key-12345")
    async with database.transaction() as session:
        await mark_called(session, [stored.id], stored.created_at)
    with pytest.raises(ServiceRefused) as refused:
        await client.withdraw("conversation-1", stored.number, idempotency_key="key-12345")
    assert (refused.value.status, refused.value.code) == (409, "already_in_progress")
    assert refused.value.reason == "这笔申请客户经理已经在办，不能直接撤回"
    await http.close()


async def test_what_is_to_be_mended_and_agreed_to_is_told_by_those_who_know(
    database: Database, form: dict[str, Any]
) -> None:
    """The desk passes both in; stored is nothing."""
    answer = MendableAnswer(slots=("amount",), label="金额", ask="您想借30万元，对吗？")
    applications, drafts = make_applications(database, FixedClock()), Drafts(database, FixedClock())

    async def find_mendable(application: ApplicationIn) -> list[MendableAnswer]:
        return [answer] if application.amount == form["amount"] else []

    async def list_given(conversation_id: str) -> list[str]:
        return [conversation_id]

    app = create_web_app("applications", checks={})
    app.include_router(build_router(applications, drafts, TOKEN, find_mendable=find_mendable, list_given=list_given))
    http = ServiceClient("desk", "http://desk", deadline=60, token=TOKEN, transport=httpx.ASGITransport(app))
    client = ApplicationsClient(http)
    assert await client.find_mendable(ApplicationIn.model_validate(form)) == [answer]
    assert await client.list_consents("conversation-9") == ["conversation-9"]
    assert await client.list_applications("conversation-1") == []
