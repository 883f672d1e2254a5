"""The data map knows every column there is, and says of it what is true."""

import pytest

from kit.settings import ROOT
from migrations.metadata import METADATA
from privacy.data_map import TableEntry, load_data_map, write_map
from privacy.retention import load_retention

MAP = load_data_map()
DOCUMENT = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")


def test_every_table_and_column_is_on_the_map_once() -> None:
    there = {table.name: sorted(table.columns.keys()) for table in METADATA.tables.values()}
    mapped = {
        name: sorted(column for columns in entry.columns.values() for column in columns)
        for name, entry in MAP.tables.items()
    }
    assert mapped == there


@pytest.mark.parametrize("entry", [*MAP.tables.values(), *MAP.elsewhere.values()], ids=lambda entry: entry.table)
def test_what_is_personal_has_an_end(entry: TableEntry) -> None:
    assert entry.retention in load_retention().kinds
    if entry.list_personal():
        assert entry.erasure != "none"
        assert load_retention().kinds[entry.retention].time


def test_the_page_has_the_map_as_it_is() -> None:
    assert "\n".join(write_map()) in DOCUMENT, "python -m privacy map, into docs/privacy.md"
