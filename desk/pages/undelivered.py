"""The page of undelivered messages to one's own customers; for supervisors to all, and undelivered notifications."""

from collections.abc import Sequence

from nicegui import ui

from conversations.undelivered import UndeliveredView
from desk.notifications.service import UndeliveredNotification
from desk.pages.open_page import OpenPage
from desk.pages.widgets import add_style, show_all, show_heading
from desk.wording import CHANNELS, DELIVERY_STATES, describe_source, format_time
from kit.masking import mask_personal_data

SHOWN_MAX = 100
POLL_SECONDS = 10.0
LOST = frozenset({"failed", "expired", "unanswered"})
NOTIFICATION_STATES = {"pending": "还在尝试", "failed": "没有通知到"}


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    await _Lists(page).load()


class _Lists:
    """Both lists; redrawn only on a change, to keep the scroll position."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._shown: tuple[Sequence[UndeliveredView], Sequence[UndeliveredNotification]] | None = None
        with ui.row().classes("bar"):
            show_heading("未送达")
            ui.label("最近7天，自动更新").classes("soft")
        self._place = ui.element("div").classes("stacked")
        page.repeat(self.load, seconds=POLL_SECONDS)

    async def load(self) -> None:
        """Reads both lists."""
        desk, oversees = self._page.desk, self._page.may("oversee")
        messages = await desk.undelivered.list_all(SHOWN_MAX, of=None if oversees else self._page.staff.id)
        notifications = await desk.notifications.list_undelivered(SHOWN_MAX) if oversees else []
        if (messages, notifications) == self._shown:
            return
        self._shown = messages, notifications
        self._place.clear()
        with self._place:
            _show_title("给客户的消息", len(messages))
            show_all(ui.element("div").classes("stacked"), messages, _draw_message, "都送到了")
            if oversees:
                _show_title("给同事的通知", len(notifications))
                place = ui.element("div").classes("stacked")
                show_all(place, notifications, _draw_notification, "都通知到了")


def _show_title(title: str, count: int) -> None:
    show_heading(f"{title}（最近{count}条）" if count == SHOWN_MAX else f"{title} {count or ''}", 2)


def _draw_message(message: UndeliveredView) -> None:
    with ui.element("article").classes("card"):
        with ui.row().classes("card-head"):
            ui.label(DELIVERY_STATES[message.state]).classes("chip urgent" if message.state in LOST else "chip")
            ui.label(CHANNELS.get(message.channel, message.channel))
            if message.source:
                ui.label(describe_source(message.source)).classes("soft")
            ui.label(format_time(message.created_at)).classes("soft time")
        ui.label(mask_personal_data(message.text)).classes("words")
        if message.problem:
            ui.label(message.problem).classes("problem")


def _draw_notification(notification: UndeliveredNotification) -> None:
    with ui.element("article").classes("card"):
        with ui.row().classes("card-head"):
            is_lost = notification.state == "failed"
            ui.label(NOTIFICATION_STATES[notification.state]).classes("chip urgent" if is_lost else "chip")
            ui.label(notification.staff_name)
            ui.label(format_time(notification.created_at)).classes("soft time")
        ui.label(notification.text).classes("words")
        ui.label(notification.problem).classes("problem")
