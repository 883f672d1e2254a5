"""An attack: a colleague who found a page's ids in a log joins its socket, to watch and to drive it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
import socketio
from playwright.async_api import Page, WebSocket
from socketio.exceptions import ConnectionError as RefusedError

from desk.entrance import COOKIE
from dev.stack import Stack
from tests.desk.office import PASSWORD, Office
from tests.desk.pages.conftest import OpenPage, in_browser, seat
from tests.waiting import WAIT_SECONDS


@pytest_asyncio.fixture(loop_scope="session")
async def victim(open_page: OpenPage, site_office: Office) -> tuple[Page, dict[str, str]]:
    """A supervisor's open page, and all that its socket's address names."""
    if await site_office.accounts.find_staff("watched") is None:
        await seat(site_office, "watched", "supervisor")
    page = await open_page("watched", "/dashboard")
    opened: list[WebSocket] = []
    page.on("websocket", lambda socket: opened.append(socket))
    await page.reload()
    await page.get_by_text("看板").first.wait_for()
    await page.wait_for_function("window.did_handshake")
    query = parse_qs(urlsplit(opened[0].url).query)
    return page, {name: values[0] for name, values in query.items() if name not in ("EIO", "transport")}


class Attacker:
    """A signed-in editor's own Socket.IO client."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.headers = url, {"Cookie": f"{COOKIE}={token}", "Origin": url}
        self.client = socketio.AsyncClient(reconnection=False)
        self.received: list[tuple[str, Any]] = []
        self.is_out = asyncio.Event()
        self.client.on("*", lambda event, *data: self.received.append((event, data)))
        self.client.on("disconnect", lambda *_: self.is_out.set())

    async def connect(self, query: str = "") -> None:
        await self.client.connect(
            f"{self.url}/{query}",
            headers=self.headers,
            transports=["websocket"],
            socketio_path="/_nicegui_ws/socket.io",
        )


@pytest_asyncio.fixture(loop_scope="session")
async def attacker(site: Stack, site_office: Office) -> AsyncIterator[Attacker]:
    if await site_office.accounts.find_staff("nosy") is None:
        staff = await site_office.hire("nosy", "editor", is_online=False)
        await site_office.accounts.change_password(staff.id, PASSWORD, f"{PASSWORD}-二")
    made = Attacker(site.urls["desk"], await site_office.accounts.sign_in("nosy", f"{PASSWORD}-二", address="nosy"))
    yield made
    await made.client.disconnect()


@in_browser
async def test_a_page_named_in_the_address_refuses_a_colleague(
    victim: tuple[Page, dict[str, str]], attacker: Attacker
) -> None:
    page, ids = victim
    with pytest.raises(RefusedError):
        await attacker.connect("?" + "&".join(f"{name}={value}" for name, value in ids.items()))
    assert attacker.received == []
    assert await page.evaluate("window.socket.connected")


@in_browser
@pytest.mark.parametrize("event", ["handshake", "event", "javascript_response", "ack", "log"])
async def test_an_event_for_a_colleagues_page_closes_the_socket(
    event: str, victim: tuple[Page, dict[str, str]], attacker: Attacker
) -> None:
    page, ids = victim
    await attacker.connect()
    more = {"id": 1, "listener_id": "1", "args": [], "request_id": "1", "result": 1, "level": "info", "message": "x"}
    await attacker.client.emit(event, {**ids, **more, "next_message_id": 0})
    async with asyncio.timeout(WAIT_SECONDS):
        await attacker.is_out.wait()
    assert attacker.received == []
    assert await page.evaluate("window.socket.connected")


@in_browser
@pytest.mark.parametrize("message", [None, [], {"client_id": None}, {"client_id": ["x"]}], ids=repr)
async def test_an_event_that_names_no_page_closes_the_socket(message: Any, attacker: Attacker) -> None:
    await attacker.connect()
    await attacker.client.emit("event", message)
    async with asyncio.timeout(WAIT_SECONDS):
        await attacker.is_out.wait()


@in_browser
async def test_the_log_names_no_page(victim: tuple[Page, dict[str, str]], site: Stack) -> None:
    _, ids = victim
    written = site.read_log_end("desk", 10_000)
    assert "WebSocket" in written
    assert not any(ids[name] in written for name in ("client_id", "tab_id"))
