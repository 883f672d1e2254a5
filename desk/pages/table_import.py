"""The buttons and the dialog by which staff download a table, change it in a spreadsheet and import it again."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from nicegui import ui
from pydantic import BaseModel

from desk.pages.open_page import OpenPage
from desk.pages.table_files import TABLE, FileKind, add_upload, send_csv, send_template, send_xlsx
from desk.pages.toasts import show_toast
from desk.pages.widgets import add_button, open_task
from imports.columns import list_columns
from imports.plan import EFFECT_NAMES, Effect, Plan, PlannedRow
from imports.service import ImportCancelled, ImportTarget, Progress

POLL_SECONDS = 0.2
SHOWN_MAX = 50
CHIPS: Mapping[Effect, str] = {"new": "chip", "changed": "chip", "unchanged": "chip", "wrong": "chip urgent"}


class TableMenu:
    """A menu: what is there as xlsx or csv, and for who may import, the dialog and the template."""

    def __init__(
        self,
        page: OpenPage,
        title: str,
        model: type[BaseModel],
        list_all: Callable[[], Awaitable[Sequence[BaseModel]]],
        open_import: Callable[[], None] | None,
        more: Mapping[str, Callable[[], None]] | None = None,
    ) -> None:
        """`more` are further ways to import, by what they are called."""
        self._page = page
        self._title = title
        self._model = model
        self._list_all = list_all
        with ui.button("表格", icon="table_view", color=None).props("flat no-caps").classes("quiet"), ui.menu():
            if open_import:
                ui.menu_item("导入表格…", open_import)
                ui.menu_item("下载模板", self._send_template)
                for name, act in (more or {}).items():
                    ui.menu_item(name, act)
                ui.separator()
            ui.menu_item("导出现有（Excel）", self._send_xlsx)
            ui.menu_item("导出现有（CSV）", self._send_csv)

    def _send_template(self) -> None:
        send_template(self._model, self._title)

    async def _send_xlsx(self) -> None:
        async def send() -> None:
            await send_xlsx(self._model, await self._list_all(), self._title)

        await self._page.attempt(send)

    async def _send_csv(self) -> None:
        async def send() -> None:
            send_csv(self._model, await self._list_all(), self._title)

        await self._page.attempt(send)


@contextmanager
def open_import(
    page: OpenPage,
    title: str,
    build_target: Callable[[], ImportTarget[Any]],
    done: str,
    then: Callable[[], Awaitable[None]],
    kind: FileKind = TABLE,
) -> Iterator["ImportDialog"]:
    """A dialog that uploads a file, shows what it would do, and does it; fields made in the block stand above the file.

    `build_target` reads them; RequestError says what will not do. `done` is said at the end.
    """
    with open_task(title) as (dialog, buttons):
        importing = ImportDialog(page, build_target, done, then, dialog, kind)
        yield importing
        importing.draw(buttons)


class ImportDialog:
    """One import, from the file to the end."""

    def __init__(
        self,
        page: OpenPage,
        build_target: Callable[[], ImportTarget[Any]],
        done: str,
        then: Callable[[], Awaitable[None]],
        dialog: ui.dialog,
        kind: FileKind,
    ) -> None:
        self._page = page
        self._kind = kind
        self._build_target = build_target
        self._done = done
        self._then = then
        self._dialog = dialog
        self._content = b""
        self._plan: Plan[Any] | None = None
        self._progress = Progress()

    def draw(self, buttons: ui.element) -> None:
        """Draws the place for the file, the progress, and what the file would do."""
        add_upload(self._kind, self._take)
        self._bar = ui.linear_progress(value=0, show_value=False).props('aria-label="进度"')
        self._bar_words = ui.label().classes("soft").props("role=status")
        self._shown = ui.element("div").classes("plan")
        with buttons:
            add_button("取消", self._close)
            self._button = ui.button("导入", on_click=self._commit).props("unelevated no-caps")
        self._button.set_enabled(False)
        self._show_progress(False)
        ui.timer(POLL_SECONDS, self._follow)
        self._dialog.on("hide", lambda: self._progress.cancel())
        ui.context.client.on_delete(lambda: self._progress.cancel())

    async def plan_again(self) -> None:
        """Makes the plan anew, after a field has changed."""
        if self._content:
            await self._make_plan()

    async def _take(self, content: bytes) -> None:
        async def convert() -> None:
            self._content = await self._kind.convert(content)

        self._content = b""
        if await self._run(convert):
            await self._make_plan()

    async def _make_plan(self) -> None:
        async def plan() -> None:
            self._plan = await self._page.desk.imports.dry_run(self._content, self._build_target(), self._progress)

        self._plan = None
        await self._run(plan)
        self._show_plan()

    async def _commit(self) -> None:
        plan = self._plan
        if plan is None or not self._button.enabled:  # a double click
            return

        async def commit() -> None:
            target = self._build_target()
            await self._page.desk.imports.commit(self._content, plan.token, target, self._progress)

        if await self._run(commit, self._done):
            self._dialog.close()
            await self._then()
        else:
            await self._make_plan()

    async def _run(self, work: Callable[[], Awaitable[None]], done: str = "") -> bool:
        """Whether the work was done; it was not if it was cancelled or refused, which is said."""
        is_done = False

        async def attempt() -> None:
            nonlocal is_done
            with suppress(ImportCancelled):
                await work()
                is_done = True

        self._progress = Progress()
        self._button.set_enabled(False)
        self._show_progress(True)
        try:
            await self._page.attempt(attempt)
        finally:
            self._show_progress(False)
        if is_done and done:
            show_toast(done, "positive", seconds=2)
        return is_done

    def _close(self) -> None:
        self._progress.cancel()
        self._dialog.close()

    def _follow(self) -> None:
        done, total = self._progress.done, self._progress.total
        self._bar.set_value(done / total if total else 0)
        self._bar.props(remove="indeterminate") if total else self._bar.props("indeterminate")
        self._bar_words.set_text(f"{done} / {total} 行" if total else f"正在读文件，{done}行")

    def _show_progress(self, is_running: bool) -> None:
        self._bar.set_visibility(is_running)
        self._bar_words.set_visibility(is_running)

    def _show_plan(self) -> None:
        plan = self._plan
        self._shown.clear()
        if plan is None:
            return
        todo = len(plan.todo)
        self._button.set_text(f"导入{todo}行" if todo else "导入")
        self._button.set_enabled(bool(todo) and not plan.problems)
        with self._shown:
            with ui.row().classes("card-head"):
                for effect, count in plan.counts.items():
                    if count:
                        ui.label(f"{EFFECT_NAMES[effect]} {count}").classes(CHIPS[effect])
            for note in plan.notes:
                ui.label(note).classes("soft")
            if plan.problems:
                ui.label("有错的改好以后再上传一次；现在一行都不会导入。").classes("headline")
            elif not todo:
                ui.label("和现有内容一样，没有要导入的。").classes("headline")
            _show_some(plan.problems, lambda problem: ui.label(problem).classes("problem"))
            _show_some(plan.todo, _show_row)


def _show_row(row: PlannedRow[Any]) -> None:
    with ui.element("section").classes("draft"):
        with ui.row().classes("card-head"):
            ui.label(EFFECT_NAMES[row.effect]).classes("chip")
            ui.label(name_row(row)).classes("headline")
            ui.label(f"第{row.number}行").classes("soft")
        for change in row.changes:
            with ui.element("div").classes("diff"):
                ui.label(change.heading).classes("soft")
                ui.label(change.old).classes("old")
                ui.label(change.new).classes("new")


def name_row(row: PlannedRow[Any]) -> str:
    """What people call a row, beside its key: 果园贷 orchard_loan."""
    values: BaseModel | None = row.values
    columns = list_columns(type(values)) if values else ()
    return " ".join([*(str(getattr(values, each.field)) for each in columns if each.column.is_unique), row.key])


def _show_some(values: Sequence[Any], show: Callable[[Any], Any]) -> None:
    for value in values[:SHOWN_MAX]:
        show(value)
    if len(values) > SHOWN_MAX:
        ui.label(f"还有{len(values) - SHOWN_MAX}条没有列出").classes("soft")
