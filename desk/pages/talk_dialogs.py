"""Dialogs before a talk is closed, transferred or turned into a callback. Each calls a function with the answers."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager

from nicegui import ui

from desk.talks import DISPOSITIONS, NOTE_MAX, SUMMARY_MAX


def ask_disposition(layer: ui.element, close: Callable[[str, str], Awaitable[bool]]) -> None:
    """Asks for the disposition and a one-sentence summary."""
    with _open(layer, "结束会话") as dialog:
        disposition = ui.radio(DISPOSITIONS).props('aria-label="处理结果"')
        summary = ui.textarea("小结：客户要什么，怎么办的", placeholder="一句话即可").props(
            f"outlined autogrow maxlength={SUMMARY_MAX}"
        )
        _add_buttons(dialog, "结束", lambda: close(disposition.value or "", summary.value or ""))


def ask_colleague(
    layer: ui.element, title: str, colleagues: Mapping[str, str], give: Callable[[str, str], Awaitable[bool]]
) -> None:
    """Asks for a colleague and a message to them; `colleagues` by id."""
    with _open(layer, title) as dialog:
        if not colleagues:
            ui.label("现在没有别的同事在接待，可以给客户预约回电。")
        colleague = ui.select(dict(colleagues), label="同事", with_input=True).props("outlined")
        note = ui.input("给同事留句话（客户看不到）").props(f"outlined maxlength={NOTE_MAX}")
        _add_buttons(dialog, "确定", lambda: give(colleague.value or "", note.value or ""))


def ask_phone(layer: ui.element, book: Callable[[str], Awaitable[bool]]) -> None:
    """Asks for the number to call."""
    with _open(layer, "预约回电") as dialog:
        phone = ui.input("客户的手机号").props("outlined inputmode=tel")
        _add_buttons(dialog, "登记", lambda: book(phone.value or ""))


@contextmanager
def _open(layer: ui.element, title: str) -> Iterator[ui.dialog]:
    with layer, ui.dialog() as dialog, ui.card().classes("dialog"):
        ui.label(title).classes("title")
        yield dialog
    dialog.on("hide", dialog.delete)
    dialog.open()


def _add_buttons(dialog: ui.dialog, title: str, finish: Callable[[], Awaitable[bool]]) -> None:
    """The dialog stays open with its input until `finish` succeeds."""

    async def act() -> None:
        if await finish():
            dialog.close()

    with ui.row().classes("dialog-buttons"):
        ui.button("取消", on_click=dialog.close, color=None).props("flat no-caps").classes("quiet")
        ui.button(title, on_click=act).props("unelevated no-caps")
