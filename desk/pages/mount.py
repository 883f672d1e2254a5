"""Puts the pages on the staff site's application."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from nicegui import app as nicegui_app
from nicegui import core, ui
from starlette.exceptions import HTTPException

from desk.pages import (
    answers,
    audit,
    batch_test,
    blocked_people,
    campaigns,
    customers,
    dashboard,
    data_requests,
    early_warnings,
    encoder,
    entries,
    golden_questions,
    knowledge_report,
    lending_report,
    my_day,
    my_quality,
    notifications,
    office,
    person,
    products,
    quality,
    quality_check,
    staff,
    supervise,
    unanswered,
    undelivered,
    workplace,
)
from desk.pages.frame import register_page
from desk.pages.sockets import bind_sockets
from desk.pages.templates import render
from desk.services import DeskServices

TITLE = "小禾工作台"
BODIES = {
    "/customers": customers.build,
    "/my-day": my_day.build,
    "/campaigns": campaigns.build,
    "/early-warnings": early_warnings.build,
    "/supervise": supervise.build,
    "/quality": quality.build,
    "/my-quality": my_quality.build,
    "/dashboard": dashboard.build,
    "/lending-report": lending_report.build,
    "/undelivered": undelivered.build,
    "/answers": answers.build,
    "/entries": entries.build,
    "/golden-questions": golden_questions.build,
    "/unanswered": unanswered.build,
    "/batch-test": batch_test.build,
    "/knowledge-report": knowledge_report.build,
    "/encoder": encoder.build,
    "/products": products.build,
    "/staff": staff.build,
    "/office": office.build,
    "/data-requests": data_requests.build,
    "/blocked-people": blocked_people.build,
    "/audit": audit.build,
}
REFUSALS = {403: "您的角色不能查看这个页面", 404: "没有这个页面"}


def mount_pages(app: FastAPI, desk: DeskServices) -> None:
    """Registers every page and mounts NiceGUI; once a process."""
    for module in (notifications, workplace, quality_check, person):
        module.register(desk)
    for path, build in BODIES.items():
        register_page(desk, path, build, is_wide=path == "/customers")
    for status in REFUSALS:
        nicegui_app.add_exception_handler(status, _show_refusal)
    ui.run_with(
        app,
        title=TITLE,
        favicon="🌾",
        language="zh-CN",
        dark=None,
        tailwind=False,
        reconnect_timeout=20,
        show_welcome_message=False,
    )
    nicegui_app.config.socket_io_js_transports = ["websocket"]
    bind_sockets(core.sio)


async def _show_refusal(request: Request, error: Exception) -> HTMLResponse:
    status, reason = (error.status_code, error.detail) if isinstance(error, HTTPException) else (404, "")
    if reason == HTTPStatus(status).phrase:  # nobody gave a reason
        reason = ""
    return HTMLResponse(render("refusal.html", reason=reason or REFUSALS[status]), status)
