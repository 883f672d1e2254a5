"""What did not reach its customer, and who of the staff could not be told; looked at anew every few seconds."""

from collections.abc import Sequence

from fastapi import Request
from nicegui import ui

from conversations.schemas import TroubleView
from desk.notices.notifier import NoticeProblem
from desk.pages.admin import add_style, show_heading
from desk.pages.frame import frame
from desk.pages.visit import Visit
from desk.services import Services
from desk.wording import CHANNELS, DELIVERY_STATES, describe_source, format_time
from kit.security import mask_personal_data

LOOK_SECONDS = 10.0
LOST = frozenset({"failed", "expired"})
NOTICE_STATES = {"waiting": "还在尝试", "failed": "没有通知到"}


def register(desk: Services) -> None:
    """Adds the page."""

    @ui.page("/troubles")
    async def show_troubles(request: Request) -> None:
        visit = Visit(desk, request, "troubles")
        with frame(visit, "未送达", "/troubles"):
            add_style()
            troubles = _Troubles(visit)
        await troubles.load()


class _Troubles:
    """Both lists; drawn anew only when something changed, so that nobody loses their place."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._shown: tuple[Sequence[TroubleView], Sequence[NoticeProblem]] | None = None
        with ui.row().classes("bar"):
            show_heading("未送达")
            ui.label("最近7天，自动更新").classes("soft")
        self._place = ui.element("div").classes("troubles-page")
        client = ui.context.client

        async def look() -> None:
            if client.has_socket_connection and await visit.check():
                await self.load()

        ui.timer(LOOK_SECONDS, look, immediate=False)

    async def load(self) -> None:
        """Reads both lists anew."""
        desk = self._visit.desk
        found = await desk.outbox.list_troubles(), await desk.notifier.list_problems()
        if found == self._shown:
            return
        self._shown = messages, notices = found
        self._place.clear()
        with self._place:
            show_heading("给客户的消息", 2)
            for message in messages:
                _draw_message(message)
            if not messages:
                ui.label("都送到了").classes("empty")
            show_heading("给同事的通知", 2)
            for notice in notices:
                _draw_notice(notice)
            if not notices:
                ui.label("都通知到了").classes("empty")


def _draw_message(trouble: TroubleView) -> None:
    with ui.element("article").classes("card trouble"):
        with ui.row().classes("card-head"):
            ui.label(DELIVERY_STATES[trouble.state]).classes("chip urgent" if trouble.state in LOST else "chip")
            ui.label(CHANNELS.get(trouble.channel, trouble.channel))
            if trouble.source:
                ui.label(describe_source(trouble.source)).classes("soft")
            ui.label(format_time(trouble.created_at)).classes("soft time")
        ui.label(mask_personal_data(trouble.text)).classes("words")
        if trouble.problem:
            ui.label(trouble.problem).classes("problem")


def _draw_notice(notice: NoticeProblem) -> None:
    with ui.element("article").classes("card trouble"):
        with ui.row().classes("card-head"):
            ui.label(NOTICE_STATES.get(notice.state, notice.state)).classes(
                "chip urgent" if notice.state == "failed" else "chip"
            )
            ui.label(notice.staff_name)
            ui.label(format_time(notice.created_at)).classes("soft time")
        ui.label(notice.text).classes("words")
        ui.label(notice.problem).classes("problem")
