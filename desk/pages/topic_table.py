"""The menu with which staff download the contents of a topic as a table, change it and import it again."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from nicegui import ui
from pydantic import BaseModel

from desk.drafts import TopicDrafts
from desk.pages.open_page import OpenPage
from desk.pages.revisions import WAITS
from desk.pages.table_files import TABLE, FileKind
from desk.pages.table_import import TableMenu, open_import
from desk.topic_import import TopicImport, TopicTable


def add_table_menu(
    page: OpenPage,
    noun: str,
    table: TopicTable[Any],
    drafts: TopicDrafts,
    load: Callable[[], Awaitable[None]],
    more: Mapping[str, FileKind] | None = None,
) -> None:
    """Adds it; who may draft may import. `load` shows what was imported, `more` are other files, by what is done."""

    async def list_rows() -> Sequence[BaseModel]:
        return [row for _, row in table.list_rows(await drafts.list_all(page.staff), drafts.read_today())]

    def open_dialog(title: str, kind: FileKind) -> None:
        def build_target() -> TopicImport[Any]:
            return TopicImport(table, page.staff, day.value or "", page.desk.clock)

        with open_import(page, title, build_target, WAITS, load, kind) as dialog:
            ui.label(f"每个新增或修改的{noun}起草一份，由另一位同事审核；表里没有的{noun}不变。").classes("soft")
            day = ui.input("从哪天起生效", value=drafts.read_today().isoformat(), on_change=dialog.plan_again)
            day.props("type=date stack-label outlined dense").classes("whole")

    may_draft = drafts.may(page.staff, "draft")
    others = {f"{name}…": partial(open_dialog, name, kind) for name, kind in (more or {}).items()}
    main = partial(open_dialog, f"导入{noun}", TABLE) if may_draft else None
    TableMenu(page, noun, table.model, list_rows, main, others)
