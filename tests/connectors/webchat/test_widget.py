"""The widget over HTTP: how the script is sent, and whose pages may show the chat in a frame."""

import httpx
import pytest

from connectors.gateway import create_app
from connectors.settings import GatewaySettings
from connectors.webchat.channel import STATIC
from tests.fakes import ScriptedBot

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def fetch_ancestors(database_url: str, *origins: str, path: str = "/") -> list[str]:
    """Who may show a page in a frame, by its policy."""
    app = create_app(GatewaySettings(database_url=database_url, widget_origins=origins), bot=ScriptedBot())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as web:
        policy = (await web.get(path)).headers["Content-Security-Policy"]
    (directive,) = [part.split() for part in policy.split(";") if part.split()[0] == "frame-ancestors"]
    return directive[1:]


async def test_the_script_may_be_loaded_by_any_page_and_only_as_a_script(web: httpx.AsyncClient) -> None:
    response = await web.get("/widget.js")
    assert response.status_code == 200
    assert response.text == (STATIC / "widget.js").read_text(encoding="utf-8")
    assert {name: response.headers[name] for name in ("Content-Type", "Cache-Control")} == {
        "Content-Type": "text/javascript; charset=utf-8",
        "Cache-Control": "max-age=300",
    }
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in response.headers


async def test_only_configured_origins_may_frame_the_chat(database_url: str) -> None:
    assert await fetch_ancestors(database_url) == ["'self'"]
    banks = ("https://www.bank.example", "http://127.0.0.1:8080")
    assert await fetch_ancestors(database_url, *banks) == ["'self'", *banks]
    assert await fetch_ancestors(database_url, *banks, path="/static/icon.svg") == ["'self'"]
