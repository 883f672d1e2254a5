"""The action server over its own HTTP interface, in process."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sanic import Sanic

from bot.actions.server import DomainlessExecutor, create_app, list_actions
from forms.catalogue import load_catalogue
from kit.logging import MaskingFormatter
from tests.bot.actions.action_call import describe_call, inform, make_clients, sum_of
from tests.vaults import VAULT
from understanding.schemas import Act

# Rasa 3.6 with rasa-sdk 3.21: docs/decisions/0001-two-environments.md
pytestmark = pytest.mark.filterwarnings("ignore:Your versions of rasa and rasa_sdk:UserWarning")
TOKEN = "made-up-for-the-tests"
KNOWN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
async def server() -> AsyncIterator[httpx.AsyncClient]:
    """The application, started."""
    app = create_app(make_clients(), load_catalogue(), VAULT, token=TOKEN)
    app.config.TOUCHUP = False  # it rewrites Sanic's own methods, which can be done only once a process
    to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    to_app.put_nowait({"type": "lifespan.startup"})
    running = asyncio.create_task(app({"type": "lifespan"}, to_app.get, from_app.put))
    assert await from_app.get() == {"type": "lifespan.startup.complete"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1", headers=KNOWN
    ) as client:
        yield client
    to_app.put_nowait({"type": "lifespan.shutdown"})
    await running
    Sanic.unregister_app(app)


async def test_health_is_told(server: httpx.AsyncClient) -> None:
    response = await server.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_every_action_is_served(server: httpx.AsyncClient) -> None:
    served = (await server.get("/actions")).json()
    assert [action["name"] for action in served] == list(list_actions(make_clients(), load_catalogue()))


async def test_an_action_is_run_without_the_domain(server: httpx.AsyncClient) -> None:
    call = describe_call("action_ask_back", {}, Act(name="ask_back", values={"act": "complain"}))
    assert "domain" not in call
    response = await server.post("/webhook", json=call)
    assert response.status_code == 200
    answer = response.json()
    assert [said["response"] for said in answer["responses"]] == ["utter_confirm_complain"]
    assert answer["events"][-1]["value"] == {"question": "complain", "turn": "message-1"}


async def test_a_form_answers_through_the_server(server: httpx.AsyncClient) -> None:
    slots = {"quota_consent": True, "product": "商户贷", "requested_slot": "annual_turnover"}
    told = inform(sum_of("annual_turnover", 50_000, period="month"))
    call = describe_call("validate_quota_form", slots, told, form="quota_form")
    events = (await server.post("/webhook", json=call)).json()["events"]
    assert {event["name"]: event["value"] for event in events}["annual_turnover"] == 600_000


async def test_log_lines_carry_the_ids_of_conversation_and_message(server: httpx.AsyncClient) -> None:
    handler = logging.StreamHandler(written := io.StringIO())
    handler.setFormatter(MaskingFormatter("[request] %(message)s"))
    logger = logging.getLogger("bot.actions.server")
    logger.addHandler(handler)
    logger.setLevel("INFO")
    call = describe_call("action_cancel", {})
    call["tracker"]["latest_message"]["message_id"] = "7"
    await server.post("/webhook", json=call)
    logger.removeHandler(handler)
    logger.setLevel("NOTSET")
    assert written.getvalue() == f"[{call['sender_id']}/7] action_cancel\n"


async def test_an_unknown_action_is_not_found(server: httpx.AsyncClient) -> None:
    response = await server.post("/webhook", json=describe_call("action_rob_bank", {}))
    assert response.status_code == 404


async def test_a_browser_of_another_site_is_given_nothing(server: httpx.AsyncClient) -> None:
    response = await server.get("/healthz", headers={"Origin": "http://evil.example"})
    assert "access-control-allow-origin" not in response.headers


def test_no_action_is_ever_missing_its_domain() -> None:
    executor = DomainlessExecutor(VAULT, load_catalogue())
    assert executor.update_and_return_domain({}, "action_cancel") == {}
    assert executor.update_and_return_domain({"domain": {"slots": {}}}, "action_cancel") == {}


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": "Bearer wrong"}, 401, "unauthorised"),
        ({"Authorization": ""}, 401, "unauthorised"),
        ({"Host": "evil.example"}, 400, "wrong_host"),
        ({"Host": "localhost:5055"}, 200, ""),
    ],
)
async def test_only_rasa_on_this_machine_gets_anything_done(
    headers: dict[str, str], status: int, code: str, server: httpx.AsyncClient
) -> None:
    answer = await server.post("/webhook", json=describe_call("action_keep_facts", {}, inform()), headers=headers)
    assert answer.status_code == status
    if code:
        assert answer.json()["error"]["code"] == code


@pytest.mark.parametrize("body", ['""', "[]", "1", "{}", '{"next_action": "x", "sender_id": "c", "tracker": []}'])
async def test_what_is_no_action_call_is_refused(server: httpx.AsyncClient, body: str) -> None:
    response = await server.post("/webhook", content=body)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "invalid_request")


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/webhook", 405), ("GET", "/elsewhere", 404), ("POST", "/webhook", 400)]
)
async def test_an_odd_request_is_no_fault_of_ours(
    server: httpx.AsyncClient, method: str, path: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    response = await server.request(method, path, content="{" if method == "POST" else None)
    assert (response.status_code, response.json()["error"]["code"]) == (status, "http_error")
    assert "Traceback" not in caplog.text
