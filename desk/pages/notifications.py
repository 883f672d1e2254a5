"""The page of a staff member's recent notifications; opening it marks them as read."""

from fastapi import Request
from nicegui import ui

from desk.notifications.service import NotificationView
from desk.pages.frame import frame
from desk.pages.open_page import OpenPage
from desk.pages.widgets import add_style, show_all, show_heading
from desk.services import DeskServices
from desk.wording import format_time


def register(desk: DeskServices) -> None:
    """The page at /notifications."""

    @ui.page("/notifications")
    async def show_notifications(request: Request) -> None:
        page = OpenPage(desk, request, None)
        shown = await desk.notifications.list_recent(page.staff.id)
        await desk.notifications.mark_read(page.staff.id, [each.id for each in shown])
        with frame(page, "通知", "/notifications"):
            add_style()
            with ui.row().classes("bar"):
                show_heading("通知")
                ui.label("最近7天").classes("soft")
            show_all(ui.element("div").classes("stacked"), shown, _draw, "没有通知")


def _draw(notification: NotificationView) -> None:
    headline, _, rest = notification.text.partition("\n")
    with ui.link(target=notification.path or "/").classes("card notification"):
        with ui.row().classes("card-head"):
            if not notification.is_read:
                ui.label("未读").classes("chip urgent")
            ui.label(headline).classes("headline")
            ui.label(format_time(notification.created_at)).classes("soft time")
        if rest:
            ui.label(rest).classes("words")
