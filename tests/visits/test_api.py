"""The visits service over HTTP, in process, and its client: only who has the token gets in."""

from collections.abc import AsyncIterator

import httpx
import pytest

from kit.errors import ServiceRefused
from kit.http import ServiceClient
from kit.web import create_web_app
from tests.visits.conftest import Office, at
from visits.api import build_router
from visits.client import VisitsClient
from visits.schemas import VisitIn

TOKEN = "token-of-the-actions"
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def make_transport(office: Office) -> httpx.ASGITransport:
    app = create_web_app("visits", checks={})
    app.include_router(build_router(office.visits, TOKEN))
    return httpx.ASGITransport(app, raise_app_exceptions=False)


@pytest.fixture
async def client(office: Office) -> AsyncIterator[VisitsClient]:
    http = ServiceClient("visits", "http://desk", deadline=60, token=TOKEN, transport=make_transport(office))
    yield VisitsClient(http)
    await http.close()


@pytest.mark.parametrize("token", ["", "wrong"])
async def test_without_the_token_nobody_gets_in(office: Office, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "key-12345"}
    body = {"conversation_id": "c", "starts_at": "2026-07-02T09:00:00+08:00", "place": "柳河镇"}
    async with httpx.AsyncClient(transport=make_transport(office), base_url="http://desk", headers=headers) as api:
        for response in (
            await api.get("/v1/visits/options", params={"conversation_id": "c"}),
            await api.post("/v1/visits", json=body),
            await api.post("/v1/visits/1/time", json={key: body[key] for key in ("conversation_id", "starts_at")}),
            await api.post("/v1/visits/1/cancellation", json={"conversation_id": "c"}),
        ):
            assert response.status_code == 401


@pytest.mark.parametrize(
    "wrong", [{"starts_at": "2026-07-02T09:00:00"}, {"place": " "}, {"place": "村" * 101}, {"manager_id": "li"}]
)
async def test_what_is_no_visit_is_refused(office: Office, wrong: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": "key-12345"}
    body = {"conversation_id": "c", "starts_at": "2026-07-02T09:00:00+08:00", "place": "柳河镇"}
    async with httpx.AsyncClient(transport=make_transport(office), base_url="http://desk", headers=headers) as api:
        assert (await api.post("/v1/visits", json=body | wrong)).status_code == 422


async def test_a_visit_from_first_to_last(office: Office, client: VisitsClient) -> None:
    conversation = await office.meet("wang")
    options = await client.list_options(conversation)
    visit = VisitIn(conversation_id=conversation, starts_at=options.times[0], place="柳河镇王家村")
    booked = await client.book(visit, idempotency_key="key-12345")
    moved = await client.move(booked.id, visit.model_copy(update={"starts_at": at("03 14:00"), "place": "城关镇"}))
    assert (moved.id, moved.starts_at, moved.place) == (booked.id, at("03 14:00"), "城关镇")
    assert (await client.cancel(conversation, booked.id)).state == "cancelled"


async def test_a_refusal_names_what_is_free(office: Office, client: VisitsClient) -> None:
    await office.book(await office.meet("wang"))
    visit = VisitIn(conversation_id=await office.meet("zhao"), starts_at=at("02 09:00"), place="柳河镇")
    with pytest.raises(ServiceRefused) as refused:
        await client.book(visit, idempotency_key="key-67890")
    assert (refused.value.status, refused.value.code) == (409, "time_taken")
    assert "明天10:30" in refused.value.reason
