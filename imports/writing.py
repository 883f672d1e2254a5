"""Rows as the texts of a csv, and the media types of files of tables."""

from collections.abc import Iterable, Iterator, Sequence

from pydantic import BaseModel

from imports.columns import NamedColumn

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


def write_rows(columns: Sequence[NamedColumn], rows: Iterable[BaseModel]) -> Iterator[list[str]]:
    """The headings, then each row as `read_table` takes it again."""
    yield [each.column.heading for each in columns]
    for row in rows:
        values = [(each.column.kind, getattr(row, each.field)) for each in columns]
        yield ["" if value is None else kind.write(value) for kind, value in values]
