"""The staff site's application: sign-in, pages, background work, and the applications service on the same process."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse

from applications import api as applications_api
from applications import core_api
from conversations.text_record import follow_own_words, read_own_words
from core_banking import api as core_banking_api
from desk import data_copies, document_files, export, knowledge_export, lending_export, sign_in
from desk.entrance import show_refusal
from desk.guard import StaffOnly
from desk.items import list_items
from desk.oidc import pages as oidc_pages
from desk.pages.mount import mount_pages
from desk.quality import export as quality_export
from desk.second_factor import pages as second_factor_pages
from desk.services import DeskServices
from desk.settings import DeskSettings
from imports.reading import BYTES_MAX
from kit.clock import Clock, read_clock
from kit.errors import RequestError
from kit.web import create_web_app
from knowledge import answer_pictures
from products import api as products_api
from products.following import follow_catalogue
from quota_checks import api as quota_checks_api
from visits import api as visits_api

log = logging.getLogger(__name__)

FORM_BYTES = 2_000  # what a form adds to the file it carries
STATIC = Path(__file__).parent / "static"


def create_app(
    settings: DeskSettings,
    *,
    mount: Callable[[FastAPI, DeskServices], None] = mount_pages,
    dispatch_seconds: float = 1.0,
    clock: Clock = read_clock,
) -> FastAPI:
    """The application. `mount` puts the pages on it: NiceGUI allows this once a process, so tests may leave it out."""
    services = DeskServices(settings, clock, dispatch_seconds=dispatch_seconds)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await _warn_of_gaps(services)
        parts = (
            *(services.pubsub, services.dispatcher, services.ownership, services.notifier, services.wait_alerts),
            *(services.data_requests, services.retention, services.visit_notices),
            *(services.notices, services.promise_clock, services.draft_reminders),
            *(services.collector, services.next_questions, services.expiry_reminders),
            *(services.counting, services.weekly_digest, services.loan_requests, services.review_reminders),
            *(services.invitations, services.warning_worker, services.talk_search, services.reason_names),
        )
        work = [asyncio.create_task(part.run()) for part in parts]
        work.append(asyncio.create_task(follow_catalogue(services.read_catalogue)))
        work.append(asyncio.create_task(follow_own_words(partial(read_own_words, services.database))))
        yield
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        await services.close()

    is_https = settings.desk_public_url.startswith("https://")
    app = create_web_app(
        "小禾 desk",
        checks={"database": services.database.check},
        lifespan=lifespan,
        # What NiceGUI serves to a page of somebody who is signed in.
        uploads={"/_nicegui/client/": max(BYTES_MAX, settings.documents.bytes_max) + FORM_BYTES},
        has_docs=settings.environment == "demo",
        is_https=is_https,
    )
    app.add_exception_handler(RequestError, show_refusal)
    app.add_middleware(StaffOnly, accounts=services.accounts)
    token = settings.service_token.get_secret_value()
    app.include_router(
        applications_api.build_router(
            services.applications,
            services.drafts,
            token,
            find_mendable=services.application_checks.find_mendable,
            list_given=services.consents.list_given,
        )
    )
    app.include_router(quota_checks_api.build_router(services.quota_checks, token))
    app.include_router(visits_api.build_router(services.visits, token))
    app.include_router(core_banking_api.build_router(services.loans, token))
    app.include_router(
        core_api.build_router(
            services.database,
            settings.core_secret.get_secret_value(),
            services.calendar.read_hours,
            list_items,
            clock,
        )
    )
    app.include_router(products_api.build_router(services.read_catalogue, token))
    _add_sign_in(app, services, settings, is_secure=is_https)
    app.include_router(data_copies.build_router(services.data_requests))
    app.include_router(document_files.build_router(services.documents))
    app.include_router(answer_pictures.build_router(services.database))
    app.include_router(export.build_router(services.database, services.accounts, services.clock))
    app.include_router(knowledge_export.build_router(services.knowledge_reports))
    app.include_router(lending_export.build_router(services.lending_reports))
    app.include_router(quality_export.build_router(services.quality_reports))

    @app.get("/static/{name}", include_in_schema=False)
    async def send_asset(name: str) -> FileResponse:
        path = next((p for p in STATIC.iterdir() if p.name == name), None)
        if path is None:
            raise RequestError(404, "not_found", "no such file")
        # The service worker has to be here to serve every page.
        headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/", "X-Content-Type-Options": "nosniff"}
        return FileResponse(path, headers=headers)

    mount(app, services)
    return app


def _add_sign_in(app: FastAPI, services: DeskServices, settings: DeskSettings, *, is_secure: bool) -> None:
    database, accounts, provider = services.database, services.accounts, services.provider
    options: dict[str, Any] = {"is_secure": is_secure, "has_passwords": services.has_passwords}
    app.include_router(sign_in.build_router(accounts, provider=provider, **options))
    app.include_router(
        second_factor_pages.build_router(
            database,
            accounts,
            services.second_factors,
            is_secure=is_secure,
            must_have=settings.second_factor_roles,
        )
    )
    if provider:
        app.include_router(oidc_pages.build_router(database, accounts, provider, clock=services.clock, **options))


async def _warn_of_gaps(services: DeskServices) -> None:
    if not await services.accounts.has_admin():
        log.warning("there is no admin yet: `python -m desk first-password` creates one")
    if year := await services.calendar.find_unknown_year():
        log.warning("the holidays of %d are unknown: update chinesecalendar, or enter them as days off", year)
