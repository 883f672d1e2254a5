"""Reads the first sheet of an xlsx file, and writes one; formulas are neither computed nor are stored results taken."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from pydantic import BaseModel

from imports.cells import Cell
from imports.columns import NamedColumn
from imports.formulas import defuse
from imports.reading import BLANK_MAX, COLUMNS_MAX, ROWS_MAX
from imports.xlsx_parts import BROKEN, check_parts
from kit.errors import RequestError
from kit.text import clean_text

FORMULA = "="  # stands for one that has no text of its own; `read_text` refuses whatever begins so
_BOLD, _PALE = Font(bold=True), Font(italic=True, color="808080")
_REQUIRED = PatternFill("solid", fgColor="FFF2CC")
_LIST_MAX = 255  # characters that a list of choices may have in the format


def is_zip(content: bytes) -> bool:
    """Whether it looks like an xlsx file."""
    return content.startswith(b"PK")


def is_old_excel(content: bytes) -> bool:
    """Whether it is an xls file, or an encrypted xlsx."""
    return content.startswith(b"\xd0\xcf\x11\xe0")


def read_xlsx(content: bytes) -> Iterator[list[Cell]]:
    """The rows of the first sheet, up to what `read_table` takes; RequestError 413 or 415."""
    check_parts(content)
    try:
        book = load_workbook(BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file claims may be wrong
        for row in sheet.iter_rows(max_row=ROWS_MAX + BLANK_MAX + 2, max_col=COLUMNS_MAX + 1):
            yield [_read_cell(cell) for cell in row]
        book.close()
    except (RequestError, GeneratorExit):
        raise
    except Exception:  # the library raises whatever it stumbles over in a broken file
        raise BROKEN from None


def write_xlsx(columns: Sequence[NamedColumn], rows: Sequence[BaseModel]) -> bytes:
    """The rows' values under their headings, numbers as numbers, as `read_xlsx` takes them again."""
    book = Workbook()
    _write_sheet(book.active, columns, rows)
    return _save(book)


def write_sheets(sheets: Mapping[str, tuple[Sequence[NamedColumn], Sequence[BaseModel]]]) -> bytes:
    """A file of several sheets by their titles, each as `write_xlsx` writes one."""
    book = Workbook()
    book.remove(book.active)
    for title, (columns, rows) in sheets.items():
        _write_sheet(book.create_sheet(title), columns, rows)
    return _save(book)


def write_template(columns: Sequence[NamedColumn], title: str) -> bytes:
    """An empty table: headings with notes, an example in the second row, lists to choose from, and a sheet of notes."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    _write_headings(sheet, columns)
    notes = book.create_sheet("说明")
    notes.append(["列", "必填", "怎么填", "例子"])
    for cell in notes[1]:
        cell.font = _BOLD
    for place, each in enumerate(columns, 1):
        column, letter = each.column, get_column_letter(place)
        example = sheet.cell(2, place, defuse(column.example))
        example.font, example.number_format = _PALE, "@"
        help_text = "；".join(filter(None, (column.kind.name, column.help)))
        notes.append([column.heading, "必填" if each.is_required else "", help_text, defuse(column.example)])
        note = f"{'必填。' if each.is_required else ''}{help_text}"
        sheet.cell(1, place).comment = Comment(note, "小禾", width=260, height=90)
        choices = f'"{",".join(column.kind.choices)}"'
        if column.kind.choices and len(choices) <= _LIST_MAX:
            offered = DataValidation("list", formula1=choices, allow_blank=not each.is_required)
            offered.error, offered.errorTitle = f"请从列表里选：{'、'.join(column.kind.choices)}", column.heading
            sheet.add_data_validation(offered)
            offered.add(f"{letter}2:{letter}{ROWS_MAX + 1}")
    notes.append([])
    notes.append(["第2行是例子，填好后可以删掉；留着也不会导入。黄色的列必填。"])
    for letter, width in zip("ABCD", (24, 8, 60, 40), strict=True):
        notes.column_dimensions[letter].width = width
    return _save(book)


def _read_cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return None
    if not isinstance(value, str | int | float | Decimal | datetime | date | time | timedelta):
        return FORMULA
    if isinstance(value, time | timedelta):
        return str(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and "%" in (cell.number_format or ""):
        return f"{Decimal(repr(value)) * 100:f}%"
    return value


def _write_sheet(sheet: Any, columns: Sequence[NamedColumn], rows: Sequence[BaseModel]) -> None:
    _write_headings(sheet, columns)
    for number, row in enumerate(rows, 2):
        for place, each in enumerate(columns, 1):
            _write_value(sheet.cell(number, place), each, getattr(row, each.field))


def _write_headings(sheet: Any, columns: Sequence[NamedColumn]) -> None:
    for place, each in enumerate(columns, 1):
        cell = sheet.cell(1, place, each.column.heading)
        cell.font = _BOLD
        if each.is_required:
            cell.fill = _REQUIRED
        sheet.column_dimensions[get_column_letter(place)].width = max(12, 2 * len(each.column.heading) + 2)
    sheet.freeze_panes = "A2"


def _write_value(cell: Any, each: NamedColumn, value: Any) -> None:
    kind = each.column.kind
    cell.number_format = kind.format
    if value is None:
        return
    if kind.number:
        cell.value = kind.number(value)
    elif text := clean_text(kind.write(value)):
        cell.value, cell.data_type = defuse(text), "s"


def _save(book: Workbook) -> bytes:
    written = BytesIO()
    book.save(written)
    return written.getvalue()
