"""Widgets of the smaller pages: headings, buttons, dialogs with forms and questions, and their style sheet."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar, cast

from nicegui import ui

Value = TypeVar("Value")


def add_style() -> None:
    """Links the style sheet of these pages."""
    ui.add_head_html('<link rel="stylesheet" href="/static/widgets.css">')


def show_heading(text: str, level: int = 1) -> None:
    """A heading that screen readers find; the text is never read as HTML."""
    ui.label(text).classes(f"heading-{level}").props(f"role=heading aria-level={level}")


def add_button(text: str, act: Callable[[], Any]) -> ui.button:
    """A plain button."""
    return ui.button(text, on_click=act, color=None).props("flat no-caps").classes("quiet")


def show_all(place: ui.element, values: Sequence[Value], draw: Callable[[Value], None], nothing: str = "") -> None:
    """Draws each value into an emptied place, or a note that there is nothing, if one is given."""
    place.clear()
    with place:
        for value in values:
            draw(value)
        if nothing and not values:
            ui.label(nothing).classes("empty")


@contextmanager
def open_form(title: str, save: Callable[[], Awaitable[bool]], action: str = "保存") -> Iterator[ui.dialog]:
    """A dialog with the fields made in the block. It closes when `save` returns True, and else keeps its input."""
    with _open_dialog(title) as dialog, ui.element("form").classes("form") as form:
        yield dialog
        with ui.row().classes("dialog-buttons"):
            add_button("取消", dialog.close)
            button = ui.button(action).props("type=submit unelevated no-caps")
    form.on("submit.prevent", make_finish(dialog, button, save))


def make_finish(
    dialog: ui.dialog, button: ui.button, finish: Callable[[], Awaitable[bool]]
) -> Callable[[], Awaitable[None]]:
    """What a dialog's button does: it closes the dialog if `finish` returns True; a double click does it once."""
    is_at_it = False

    async def act() -> None:
        nonlocal is_at_it
        if is_at_it:
            return
        is_at_it = True
        button.props("loading")
        try:
            if await finish():
                dialog.close()
        finally:
            is_at_it = False
            button.props(remove="loading")

    return act


@contextmanager
def open_sheet(title: str) -> Iterator[ui.dialog]:
    """A dialog to read, with what is made in the block."""
    with _open_dialog(title) as dialog:
        with ui.element("div").classes("sheet"):
            yield dialog
        with ui.row().classes("dialog-buttons"):
            add_button("关闭", dialog.close).props("autofocus")


@contextmanager
def open_task(title: str) -> Iterator[tuple[ui.dialog, ui.element]]:
    """A dialog for several steps, with what is made in the block; gives it and the place of its buttons."""
    with _open_dialog(title) as dialog:
        sheet = ui.element("div").classes("sheet")
        buttons = ui.row().classes("dialog-buttons")
        with sheet:
            yield dialog, buttons


def show_fact(name: str, value: str) -> ui.label:
    """A name and its value in a line of a card; gives the value's label."""
    with ui.element("div").classes("fact"):
        ui.label(name).classes("soft")
        return ui.label(value)


async def confirm(question: str, consequence: str, action: str) -> bool:
    """Asks for confirmation; `consequence` says what will happen."""
    with _open_dialog(question) as dialog:
        ui.label(consequence)
        with ui.row().classes("dialog-buttons"):
            add_button("取消", dialog.close).props("autofocus")
            ui.button(action, color="negative", on_click=lambda: dialog.submit(True)).props("unelevated no-caps")
    return bool(await dialog)


async def ask(question: str, consequence: str, *answers: str) -> str | None:
    """Asks for one of the answers, the last being the usual one; None if none was wanted."""
    with _open_dialog(question) as dialog:
        ui.label(consequence)
        with ui.row().classes("dialog-buttons"):
            add_button("取消", dialog.close)
            for answer in answers:
                button = ui.button(answer, on_click=partial(dialog.submit, answer)).props("no-caps")
                button.props("unelevated autofocus" if answer == answers[-1] else "flat")
    return cast(str | None, await dialog)


def show_once(title: str, value: str, advice: str) -> None:
    """Shows something that is not shown again, to be written down."""
    with _open_dialog(title) as dialog:
        ui.input("密码", value=value).props("readonly outlined").classes("once")
        ui.label(advice)
        with ui.row().classes("dialog-buttons"):
            ui.button("已记下", on_click=dialog.close).props("unelevated no-caps autofocus")


@contextmanager
def _open_dialog(title: str) -> Iterator[ui.dialog]:
    # Outside the clicked element, which may be redrawn while the dialog is open.
    with ui.context.client.content, ui.dialog(value=True).props("persistent") as dialog, ui.card().classes("dialog"):
        dialog.on("hide", dialog.delete)
        dialog.props["aria-label"] = title
        show_heading(title, 2)
        yield dialog
