"""Reads an uploaded file, xlsx or csv, into rows of bounded size; whatever the file is, it raises only RequestError."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from imports.cells import LENGTH_MAX, Cell
from kit.errors import RequestError

BYTES_MAX = 8_000_000
ROWS_MAX = 20_000
COLUMNS_MAX = 60
# How many rows of nothing are looked through before the end is taken for reached.
BLANK_MAX = 1_000

Cells = tuple[Cell, ...]
Tick = Callable[[int], None]
"""Told every so often how many rows were read; raises to stop."""


@dataclass(frozen=True, slots=True)
class Table:
    """The headings, and the rows that hold anything, each with its number in the file."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, Cells], ...]


def read_table(content: bytes, tick: Tick = lambda count: None) -> Table:
    """The table in a file: the first row that holds anything is that of the headings.

    RequestError 413 if it is too large, 415 if it is no xlsx or csv, 422 if it has no rows.
    """
    # Only here: openpyxl loads numpy, and most processes never read a table.
    from imports.csv_files import read_csv
    from imports.xlsx_files import is_old_excel, is_zip, read_xlsx

    if len(content) > BYTES_MAX:
        raise RequestError(413, "file_too_large", f"文件太大，最多{BYTES_MAX // 1_000_000}MB")
    if is_old_excel(content):
        raise RequestError(415, "old_excel", "这是旧版或加了密码的Excel文件，请去掉密码，另存为xlsx")
    return _build(read_xlsx(content) if is_zip(content) else read_csv(content), tick)


def _build(rows: Iterable[Sequence[Cell]], tick: Tick) -> Table:
    headings: tuple[str, ...] = ()
    found: list[tuple[int, Cells]] = []
    blanks = 0
    for number, cells in enumerate(rows, 1):
        last = max((place for place, cell in enumerate(cells) if not _is_blank(cell)), default=-1)
        blanks = 0 if last >= 0 else blanks + 1
        if blanks > BLANK_MAX:
            break
        if last < 0:
            continue
        if last >= COLUMNS_MAX:
            raise RequestError(413, "too_many_columns", f"列太多，最多{COLUMNS_MAX}列")
        if not headings:
            headings = tuple("" if cell is None else str(cell)[:LENGTH_MAX].strip() for cell in cells[: last + 1])
            continue
        if len(found) == ROWS_MAX:
            raise RequestError(413, "too_many_rows", f"行太多，一次最多{ROWS_MAX}行")
        found.append((number, tuple(cells[: last + 1])))
        if number % 200 == 0:
            tick(len(found))
    if not found:
        raise RequestError(422, "no_rows", "表里没有数据：第一行是标题，从第二行起每行填一条")
    # Cells without a heading are told as an unknown column rather than dropped in silence.
    width = max(len(headings), *(len(cells) for _, cells in found))
    return Table(headings + ("",) * (width - len(headings)), tuple(found))


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
