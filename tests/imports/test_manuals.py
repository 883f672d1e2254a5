"""A manual is split by its headings, whatever it is written with; a broken one is refused."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document

from imports import manuals
from imports.manuals import Section, read_manual
from kit.errors import RequestError

TEXT = """农户贷手册
第一章 产品介绍
农户贷是给种植养殖户的贷款。
一、贷款条件
年满18周岁，有稳定的收入。
信用记录良好。
（一）已婚客户
还要带结婚证。
1. 结婚证丢了
先到民政局补。
第二章 还款
2024年起可以先息后本。
一、提前还款
随时可以。
"""
SECTIONS = [
    Section(("产品介绍",), ["农户贷是给种植养殖户的贷款。"]),
    Section(("产品介绍", "贷款条件"), ["年满18周岁，有稳定的收入。", "信用记录良好。"]),
    Section(("产品介绍", "贷款条件", "已婚客户"), ["还要带结婚证。"]),
    Section(("产品介绍", "贷款条件", "已婚客户", "结婚证丢了"), ["先到民政局补。"]),
    Section(("还款",), ["2024年起可以先息后本。"]),
    Section(("还款", "提前还款"), ["随时可以。"]),
]
MARKDOWN = "# 农户贷\n\n给农户的。\n## 条件\n- 年满18周岁\n\n【材料】\n身份证\n"


def write_docx(*lines: tuple[int, str], table: tuple[str, ...] = ()) -> bytes:
    document = Document()
    for level, text in lines:
        if level:
            document.add_heading(text, level)
        else:
            document.add_paragraph(text)
    if table:
        row = document.add_table(1, len(table)).rows[0]
        for cell, text in zip(row.cells, table, strict=True):
            cell.text = text
    content = BytesIO()
    document.save(content)
    return content.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_plain_text(encoding: str) -> None:
    assert read_manual(TEXT.encode(encoding)) == SECTIONS


def test_markdown_and_brackets() -> None:
    assert read_manual(MARKDOWN.encode()) == [
        Section(("农户贷",), ["给农户的。"]),
        Section(("农户贷", "条件"), ["- 年满18周岁"]),
        Section(("农户贷", "材料"), ["身份证"]),
    ]


def test_a_document_with_heading_styles() -> None:
    lines = (0, "前言"), (1, "一、贷款条件"), (0, "年满18周岁。"), (2, "材料"), (0, "身份证")
    content = write_docx(*lines, table=("年利率", "5.20%"))
    assert read_manual(content) == [
        Section(("贷款条件",), ["年满18周岁。"]),
        Section(("贷款条件", "材料"), ["身份证", "年利率，5.20%"]),
    ]


def test_a_document_without_styles() -> None:
    lines = [(0, line) for line in TEXT.splitlines()]
    assert read_manual(write_docx(*lines)) == SECTIONS


def make_zip(**parts: bytes) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        ("没有标题，只有一段话。".encode(), 422),
        ("一、标题\n二、只有标题\n".encode(), 422),
        (b"\xff\xfe\x00\x01\x9f", 415),
        (b"a\0b", 415),
        (b"PK\x03\x04 broken", 415),
        (write_docx((1, "标题"), (0, "内容"))[:-200], 415),
        (make_zip(xl__workbook_xml=b"<a/>"), 415),
        (make_zip(word__document_xml=b"<!DOCTYPE x [<!ENTITY a 'b'>]><w/>"), 415),
        (make_zip(word__document_xml=b"<w>"), 415),
        (b"x" * (manuals.BYTES_MAX + 1), 413),
        ("".join(f"# 标题{n}\n内容\n" for n in range(manuals.SECTIONS_MAX + 1)).encode(), 413),
        (b"line\n" * (manuals.PARAGRAPHS_MAX + 2), 413),
    ],
)
def test_what_is_refused(content: bytes, status: int) -> None:
    with pytest.raises(RequestError) as refusal:
        read_manual(content)
    assert refusal.value.status == status


def test_what_unpacks_to_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manuals, "UNPACKED_MAX", 1000)
    with pytest.raises(RequestError) as refusal:
        read_manual(write_docx((1, "标题"), (0, "内容")))
    assert refusal.value.status == 413
