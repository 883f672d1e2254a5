"""The staff site's application: waiting handoffs for staff, and the applications service on the same process."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, Header, Request
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.templating import Jinja2Templates
from starlette.exceptions import HTTPException

from applications.api import build_router
from applications.service import Applications
from conversations.client import Conversations
from conversations.outbox import Outbox
from desk.wording import (
    CHANNELS,
    REASONS,
    SENDERS,
    STATES,
    describe_slots,
    describe_source,
    describe_window,
    format_time,
)
from kit.clock import read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.security import is_same_secret, mask_personal_data
from kit.settings import Settings
from kit.web import create_web_app

STAFF_USER = "staff"
STATIC = Path(__file__).parent / "static"
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


def create_app(settings: Settings) -> FastAPI:
    """The application; the page needs the staff password (HTTP Basic) until the desk has accounts."""
    database = Database(settings.database_url)
    conversations, outbox = Conversations(database), Outbox(database)
    templates = Jinja2Templates(Path(__file__).parent / "templates")
    templates.env.filters |= {
        "mask": mask_personal_data,
        "china_time": format_time,
        "describe_slots": describe_slots,
        "describe_source": describe_source,
        "describe_window": lambda window: describe_window(window, read_clock()),
    }

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await database.close()

    async def require_staff(authorization: Annotated[str | None, Header()] = None) -> None:
        name, password = _read_basic(authorization)
        is_known = is_same_secret(password, settings.staff_password.get_secret_value())
        if not (is_same_secret(name, STAFF_USER) and is_known):
            raise HTTPException(401, "staff only", {"WWW-Authenticate": 'Basic realm="xiaohe", charset="UTF-8"'})

    app = create_web_app("小禾 desk", checks={"database": database.check}, lifespan=lifespan)
    app.include_router(build_router(Applications(database), settings.service_token.get_secret_value()))

    @app.get("/", include_in_schema=False, dependencies=[Depends(require_staff)])
    async def show_handoffs(request: Request) -> HTMLResponse:
        handoffs = await conversations.list_open_handoffs()
        context = {
            "handoffs": handoffs,
            "troubles": await outbox.list_troubles(),
            "reasons": REASONS,
            "senders": SENDERS,
            "channels": CHANNELS,
            "states": STATES,
        }
        return templates.TemplateResponse(request, "handoffs.html", context, headers=PAGE_HEADERS)

    @app.get("/static/{name}", include_in_schema=False)
    async def send_asset(name: str) -> FileResponse:
        path = next((p for p in STATIC.iterdir() if p.name == name), None)
        if path is None:
            raise RequestError(404, "not_found", "no such file")
        return FileResponse(path, headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"})

    return app


def _read_basic(header: str | None) -> tuple[str, str]:
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:  # neither base64 nor UTF-8
        return "", ""
    return name, password
