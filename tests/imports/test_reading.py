"""Files as people save them, and files that are meant to hurt."""

import re
import time
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from imports import xlsx_parts
from imports.reading import BLANK_MAX, COLUMNS_MAX, ROWS_MAX, read_table
from kit.errors import RequestError

ROWS = "编码,村名\nV1,石桥村\n\nV2,柳庄\n"


def build_xlsx(rows: Sequence[Sequence[Any]], prepare: Callable[[Any], None] = lambda sheet: None) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    prepare(book.active)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def swap_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The file with one of its parts changed."""
    written = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            data = old.read(part)
            new.writestr(part, change(data) if part == name else data)
    return written.getvalue()


NEW_YEAR = datetime.combine(date(2026, 1, 1), datetime.min.time())
SHEET = "xl/worksheets/sheet1.xml"
SMALL = build_xlsx([["编码"], ["V1"]])
LAUGHS = b"".join(
    [b'<!DOCTYPE x [<!ENTITY a "ha">', *(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 50) for n in range(8))]
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_csv_is_read_however_it_was_saved(encoding: str, delimiter: str, ending: str) -> None:
    table = read_table(ROWS.replace(",", delimiter).replace("\n", ending).encode(encoding))
    assert table.headings == ("编码", "村名")
    assert table.rows == ((2, ("V1", "石桥村")), (4, ("V2", "柳庄")))


def test_quoted_cells_keep_commas_and_line_breaks() -> None:
    table = read_table('编码,村名\nV1,"石,桥\n村"\n'.encode())
    assert table.rows == ((2, ("V1", "石,桥\n村")),)


def test_an_xlsx_keeps_numbers_dates_and_percentages() -> None:
    def show_percent(sheet: Any) -> None:
        sheet["B2"].number_format = "0.00%"

    rows: list[list[Any]] = [
        ["编码", "利率", "日期", "户数"],
        ["V1", 0.049, NEW_YEAR, 320],
        [],
        [None, None, None, "=1+1"],
    ]
    table = read_table(build_xlsx(rows, show_percent))
    assert table.rows == (
        (2, ("V1", "4.900%", NEW_YEAR, 320)),
        (4, (None, None, None, "=1+1")),
    )


def test_a_cell_without_heading_is_not_dropped_in_silence() -> None:
    assert read_table("编码\nV1,多出来的\n".encode()).headings == ("编码", "")


@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        (b"", 422, "没有数据"),
        ("编码,村名\n".encode(), 422, "没有数据"),
        (b"x" * 8_000_001, 413, "太大"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), 415, "另存为xlsx"),
        (b"PK\x03\x04 no zip at all", 415, "打不开"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 415, "看不懂"),
        ('编码\n"没有配对\nV1\n'.encode(), 415, "引号"),
        ((",".join("x" * (COLUMNS_MAX + 1)) + "\n").encode() * 2, 413, "列太多"),
        (b"a\n" * (ROWS_MAX + 2), 413, "行太多"),
        (('a\n"' + "x" * 200_000 + '"\n').encode(), 415, "一格太长"),
        (SMALL[: len(SMALL) // 2], 415, "打不开"),
        (swap_part(SMALL, SHEET, lambda data: data[:-60]), 415, "打不开"),
        (swap_part(SMALL, SHEET, lambda data: b" " * 50_000_001), 413, "解开后太大"),
        (swap_part(SMALL, "xl/workbook.xml", lambda data: b""), 415, "打不开"),
        (
            swap_part(SMALL, SHEET, lambda data: LAUGHS + b"]>" + data.replace(b"<sheetData>", b"<sheetData>&i;")),
            415,
            "打不开",
        ),
        (build_xlsx([["x"] * (COLUMNS_MAX + 1)] * 2), 413, "列太多"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_reason(content: bytes, status: int, reason: str) -> None:
    started = time.process_time()
    with pytest.raises(RequestError, match=reason) as refused:
        read_table(content)
    assert refused.value.status == status
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    ("part", "end", "element"),
    [
        (SHEET, b"</sheetData>", b"<row/>"),
        (SHEET, b"</row>", b"<c/>"),
        (SHEET, b"</row>", b"<x:c/>"),
        (SHEET, b"</worksheet>", b'<mergeCell ref="A1:B2"/>'),
        (SHEET, b"</worksheet>", b"<v/>"),
        ("xl/styles.xml", b"</cellXfs>", b"<xf/>"),
        ("[Content_Types].xml", b"</Types>", b'<Override PartName="/a" ContentType="b"/>'),
    ],
)
def test_what_would_take_a_minute_and_a_gigabyte_is_refused_at_once(part: str, end: bytes, element: bytes) -> None:
    content = swap_part(SMALL, part, lambda data: data.replace(end, element * (5_000_000 // len(element)) + end))
    started = time.process_time()
    with pytest.raises(RequestError, match="解开后太大"):
        read_table(content)
    assert (len(content) < 100_000, time.process_time() - started < 5) == (True, True)


def test_a_sheet_that_claims_a_million_rows_and_columns_costs_nothing() -> None:
    def lie(data: bytes) -> bytes:
        row = b'<row r="%d"><c r="%s%d" t="inlineStr"><is><t>x</t></is></c></row>'
        far = row % (9, b"XFD", 9) + row % (1_048_576, b"A", 1_048_576)
        claimed = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', data)
        return claimed.replace(b"</sheetData>", far + b"</sheetData>")

    started = time.process_time()
    assert read_table(swap_part(SMALL, SHEET, lie)).rows == ((2, ("V1",)),)
    assert time.process_time() - started < 5


def test_rows_after_many_blank_ones_are_not_looked_for() -> None:
    assert len(read_table(("a\n1\n" + "\n" * (BLANK_MAX + 5) + "2\n").encode()).rows) == 1


def test_a_part_that_lies_about_its_size_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytearray(swap_part(SMALL, SHEET, lambda data: data + b" " * 1_000_000))
    # Both the local and the central record of the part say it is small.
    size = (len(zipfile.ZipFile(BytesIO(content)).read(SHEET))).to_bytes(4, "little")
    assert content.count(size) == 2
    lying = bytes(content).replace(size, (900).to_bytes(4, "little"))
    monkeypatch.setattr(xlsx_parts, "UNPACKED_MAX", 200_000)
    with pytest.raises(RequestError, match="打不开"):
        read_table(lying)


@given(st.binary() | st.binary().map(lambda data: b"PK\x03\x04" + data) | st.text().map(str.encode))
def test_any_file_is_a_table_or_refused(content: bytes) -> None:
    with suppress(RequestError):
        assert read_table(content).rows


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_damaged_xlsx_is_a_table_or_refused(data: st.DataObject) -> None:
    content = bytearray(SMALL)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(RequestError):
        assert read_table(bytes(content)).rows


def test_dates_are_kept_as_days() -> None:
    assert read_table(build_xlsx([["日期"], [date(2026, 1, 1)]])).rows[0][1] == (NEW_YEAR,)
