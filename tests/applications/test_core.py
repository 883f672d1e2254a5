"""The bank's core moves applications through the real site, over connections that fail; nothing is lost or doubled."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from applications.core_client import CoreClient
from applications.schemas import ApplicationIn, CoreStep, Move
from desk.app import create_app
from desk.settings import DeskSettings
from kit.database import Database
from kit.errors import ServiceRefused, ServiceUnavailable
from tests.applications.making import make_applications
from tests.conversations.talk import sqlite_only
from tests.fakes import FixedClock

SECRET = "secret-of-the-core-of-the-bank"
URL = "http://desk"
CHECKING = Move(expected="submitted", stage="checking")
APPROVED = Move(expected="checking", stage="approved")


class Faults(httpx.AsyncBaseTransport):
    """Loses requests before they arrive, or answers after they were given, by a script of `lost`, `unheard`, `down`."""

    def __init__(self, inner: httpx.AsyncBaseTransport, *script: str) -> None:
        self.inner = inner
        self.script = list(script)
        self.keys: list[str | None] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.keys.append(request.headers.get("Idempotency-Key"))
        fault = self.script.pop(0) if self.script else ""
        if fault == "lost":
            raise httpx.ConnectError("no connection")
        response = await self.inner.handle_async_request(request)
        if fault == "unheard":
            raise httpx.ReadTimeout("no answer")
        return httpx.Response(503, json={}) if fault == "down" else response


@asynccontextmanager
async def run_site(database_url: str, clock: FixedClock, secret: str = SECRET) -> AsyncIterator[httpx.ASGITransport]:
    """The staff site as one process, without its pages."""
    settings = DeskSettings(database_url=database_url, core_secret=SecretStr(secret), service_token=SecretStr("t" * 30))
    app = create_app(settings, mount=lambda app, services: None, dispatch_seconds=0.05, clock=clock)
    async with app.router.lifespan_context(app):
        yield httpx.ASGITransport(app, raise_app_exceptions=False)


@pytest.fixture
async def site(database_url: str, clock: FixedClock) -> AsyncIterator[httpx.ASGITransport]:
    async with run_site(database_url, clock) as transport:
        yield transport


def connect(transport: httpx.AsyncBaseTransport, clock: FixedClock, secret: str = SECRET, tries: int = 4) -> CoreClient:
    return CoreClient(URL, secret, clock=clock, transport=transport, pause_seconds=0.01, tries=tries)


async def hand_in(database: Database, clock: FixedClock, form: dict[str, Any], n: int = 0) -> str:
    whose = f"conversation-{n + 1}"  # of each product a customer has one in progress
    wanted = ApplicationIn.model_validate({**form, "conversation_id": whose, "amount": 10_000 + n})
    return (await make_applications(database, clock).submit(wanted, f"key-{n:05}")).number


@pytest.mark.parametrize("script", [(), ("lost",), ("unheard",), ("down", "unheard", "lost")])
@sqlite_only
async def test_a_step_is_taken_once_whatever_gets_lost(
    site: httpx.ASGITransport, database: Database, clock: FixedClock, form: dict[str, Any], script: tuple[str, ...]
) -> None:
    number = await hand_in(database, clock, form)
    faults = Faults(site, *script)
    core = connect(faults, clock)
    step = await core.take_step(number, CHECKING, key="core-12345")
    assert (step.before, step.stage, step.who) == ("submitted", "checking", "credit_department")
    assert faults.keys == ["core-12345"] * (len(script) + 1)
    assert await core.take_step(number, CHECKING, key="core-12345") == step
    status = await core.read_status(number)
    assert (status.stage, status.due_at) == ("checking", step.due_at)
    assert [each.stage for each in status.steps] == ["submitted", "checking"]
    assert status.next == ["incomplete", "visit", "approved", "declined"]


@sqlite_only
async def test_what_stays_unanswered_is_said_to_be_unknown_and_may_be_sent_again(
    site: httpx.ASGITransport, database: Database, clock: FixedClock, form: dict[str, Any]
) -> None:
    number = await hand_in(database, clock, form)
    with pytest.raises(ServiceUnavailable, match="ReadTimeout"):
        await connect(Faults(site, "unheard"), clock, tries=1).take_step(number, CHECKING, key="core-12345")
    assert (await connect(site, clock).take_step(number, CHECKING, key="core-12345")).stage == "checking"


@pytest.mark.parametrize(
    ("change", "key", "status", "code"),
    [
        ({"stage": "declined", "reason_class": "debt"}, "core-12345", 409, "idempotency_conflict"),
        ({}, "core-67890", 409, "application_moved_on"),
        ({"expected": "checking", "stage": "drawn"}, "core-67890", 422, "no_such_transition"),
        ({"expected": "checking", "stage": "withdrawn"}, "core-67890", 403, "not_yours_to_move"),
        ({"expected": "checking", "stage": "declined"}, "core-67890", 422, "reason_needed"),
        (
            {"expected": "checking", "stage": "incomplete", "reason_class": "missing", "items": ("shoe_size",)},
            "core-67890",
            422,
            "unknown_items",
        ),
        ({}, "short", 422, "invalid_request"),
    ],
)
@sqlite_only
async def test_a_refusal_has_its_reason(
    site: httpx.ASGITransport,
    database: Database,
    clock: FixedClock,
    form: dict[str, Any],
    change: dict[str, Any],
    key: str,
    status: int,
    code: str,
) -> None:
    number, core = await hand_in(database, clock, form), connect(site, clock)
    await core.take_step(number, CHECKING, key="core-12345")
    with pytest.raises(ServiceRefused) as refused:
        await core.take_step(number, CHECKING.model_copy(update=change), key=key)
    assert (refused.value.status, refused.value.code) == (status, code)
    assert (await core.read_status(number)).stage == "checking"


@sqlite_only
async def test_an_unknown_number_is_not_found(site: httpx.ASGITransport, clock: FixedClock) -> None:
    core = connect(site, clock)
    for number in ("QH260701-AAAAA", "编号 1/2?x#y"):
        for call in (core.read_status(number), core.take_step(number, CHECKING, key="core-12345")):
            with pytest.raises(ServiceRefused) as refused:
                await call
            assert refused.value.status == 404


@sqlite_only
async def test_only_the_core_gets_in(
    site: httpx.ASGITransport, database: Database, database_url: str, clock: FixedClock, form: dict[str, Any]
) -> None:
    number = await hand_in(database, clock, form)
    late = FixedClock(clock.now)
    late.move(minutes=6)
    for stranger, code in (
        (connect(site, clock, "another secret of some length"), "wrong_signature"),
        (connect(site, late), "not_in_time"),
    ):
        for call in (stranger.read_status(number), stranger.take_step(number, CHECKING, key="core-12345")):
            with pytest.raises(ServiceRefused) as refused:
                await call
            assert (refused.value.status, refused.value.code) == (401, code)
    async with httpx.AsyncClient(transport=site, base_url=URL) as stranger_without:
        answer = await stranger_without.get(
            f"/v1/core/applications/{number}", headers={"Authorization": f"Bearer {'t' * 30}"}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unsigned")
    async with run_site(database_url, clock, secret="") as unconnected:
        with pytest.raises(ServiceRefused, match="404 core_not_connected"):
            await connect(unconnected, clock, "").read_status(number)
    assert (await connect(site, clock).read_status(number)).stage == "submitted"


async def test_of_many_at_once_over_bad_connections_none_is_lost_or_doubled(
    site: httpx.ASGITransport, database: Database, database_url: str, clock: FixedClock, form: dict[str, Any]
) -> None:
    """Two steps of each by two processes, each asked for twice at once, while a third of all calls fails."""
    numbers = [await hand_in(database, clock, form, n) for n in range(40)]
    chance = random.Random(7)  # noqa: S311 (the same faults each time)
    async with run_site(database_url, clock) as other:

        async def carry_on(number: str, change: Move) -> CoreStep:
            process = chance.choice((site, other))
            script = [chance.choice(("lost", "unheard", "down", "", "", "", "", "", "")) for _ in range(3)]
            return await connect(Faults(process, *script), clock).take_step(
                number, change, key=f"{number}-{change.stage}"
            )

        for change in (CHECKING, APPROVED):
            steps = await asyncio.gather(*(carry_on(number, change) for number in numbers * 2))
            assert steps[: len(numbers)] == steps[len(numbers) :]
        found = await asyncio.gather(*(connect(site, clock).read_status(number) for number in numbers))
    assert {tuple(step.stage for step in each.steps) for each in found} == {("submitted", "checking", "approved")}


@pytest.mark.parametrize(
    ("statuses", "outcome"), [([429, 408, 413], "413 refused"), ([429] * 9, "desk: status 429"), ([403], "403 refused")]
)
async def test_what_a_proxy_on_the_way_answers_is_understood(statuses: list[int], outcome: str) -> None:
    left = iter(statuses)
    transport = httpx.MockTransport(lambda request: httpx.Response(next(left), text="<html>"))
    core = CoreClient("http://desk", "secret", pause_seconds=0, transport=transport)
    with pytest.raises((ServiceRefused, ServiceUnavailable), match=outcome):
        await core.read_status("QH260701-ABCDE")
    await core.close()
