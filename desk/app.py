"""The staff site's application: sign-in, pages, background work, and the applications service on the same process."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse

from applications.api import build_router
from desk import export, sign_in
from desk.collaborators import Desk, build_desk
from desk.dispatcher import Dispatcher
from desk.guard import StaffOnly
from desk.pages.mount import mount_pages
from kit.errors import RequestError
from kit.settings import Settings
from kit.web import create_web_app

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"


def create_app(settings: Settings, *, mount: Callable[[FastAPI, Desk], None] = mount_pages) -> FastAPI:
    """The application. `mount` puts the pages on it: NiceGUI allows this once a process, so tests may leave it out."""
    desk = build_desk(settings)
    dispatcher = Dispatcher(desk.database, desk.handoffs, desk.accounts, desk.news, settings, desk.clock)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await _warn_without_admin(desk)
        runs = desk.news.run, dispatcher.run, desk.customers.run, desk.notifier.run, desk.wait_alerts.run
        work = [asyncio.create_task(run()) for run in runs]
        yield
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        await desk.close()

    app = create_web_app("小禾 desk", checks={"database": desk.database.check}, lifespan=lifespan)
    app.add_middleware(StaffOnly, accounts=desk.accounts)
    app.include_router(build_router(desk.applications, settings.service_token.get_secret_value()))
    app.include_router(sign_in.build_router(desk.accounts, is_secure=settings.desk_public_url.startswith("https://")))
    app.include_router(export.build_router(desk))

    @app.get("/static/{name}", include_in_schema=False)
    async def send_asset(name: str) -> FileResponse:
        path = next((p for p in STATIC.iterdir() if p.name == name), None)
        if path is None:
            raise RequestError(404, "not_found", "no such file")
        # The service worker lies here and serves every page.
        headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/", "X-Content-Type-Options": "nosniff"}
        return FileResponse(path, headers=headers)

    mount(app, desk)
    return app


async def _warn_without_admin(desk: Desk) -> None:
    if not await desk.accounts.has_admin():
        log.warning("nobody can let staff in yet: `python -m desk first-password` makes the first admin")
