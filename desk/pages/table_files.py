"""Tables as files: where staff choose one to upload, and how one is sent to them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from nicegui import events, ui
from pydantic import BaseModel

from desk.pages.toasts import show_toast
from imports.columns import list_columns
from imports.csv_files import BOM, write_csv
from imports.reading import BYTES_MAX
from imports.writing import CSV, XLSX, write_rows


async def _take_as_it_is(content: bytes) -> bytes:
    return content


@dataclass(frozen=True, slots=True)
class FileKind:
    """Files that can be imported: what people call them, how their names end, and how one becomes a table."""

    name: str
    endings: str
    convert: Callable[[bytes], Awaitable[bytes]] = _take_as_it_is


TABLE = FileKind("xlsx或csv", ".xlsx,.csv")


def add_upload(kind: FileKind, take: Callable[[bytes], Awaitable[None]]) -> None:
    """The place where a file is chosen; it is free again for the next one before `take` gets the content."""

    async def upload(event: events.UploadEventArguments) -> None:
        content = await event.file.read()
        place.reset()
        await take(content)

    what = f"{kind.name}文件，最多{BYTES_MAX // 1_000_000}MB"
    place = ui.upload(
        label=f"选择{what}",
        max_file_size=BYTES_MAX,
        max_files=1,
        auto_upload=True,
        on_upload=upload,
        on_rejected=lambda: show_toast(f"请选一个{what}", "warning"),
    )
    place.props(f'accept="{kind.endings}" flat bordered').classes("whole")


def send_template(model: type[BaseModel], title: str) -> None:
    """An empty table, with an example."""
    from imports.xlsx_files import write_template  # loads numpy: the site does without until somebody asks

    ui.download.content(write_template(list_columns(model), title), f"{title}模板.xlsx", XLSX)


async def send_xlsx(model: type[BaseModel], rows: Sequence[BaseModel], title: str) -> None:
    """Rows as a spreadsheet."""
    from imports.xlsx_files import write_xlsx

    content = await asyncio.to_thread(write_xlsx, list_columns(model), rows)
    ui.download.content(content, f"{title}.xlsx", XLSX)


def send_csv(model: type[BaseModel], rows: Sequence[BaseModel], title: str) -> None:
    """Rows as a csv."""
    text = BOM + write_csv(write_rows(list_columns(model), rows))
    ui.download.content(text.encode(), f"{title}.csv", CSV)
