"""Files: what is taken as what, and under which name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.files import ENDINGS, NAME_MAX, PDF, check_file, clean_name
from kit.errors import RequestError
from tests.documents.samples import PDF as A_PDF
from tests.documents.samples import pack_office

DOCX, XLSX = list(ENDINGS)[1:]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (A_PDF, PDF),
        (pack_office(), DOCX),
        (pack_office("xl/workbook.xml"), XLSX),
    ],
)
def test_a_file_is_known_by_its_content(content: bytes, media_type: str) -> None:
    assert check_file(content) == media_type


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (A_PDF[:-7], "file_broken"),
        (A_PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /JavaScript >>"), "file_runs"),
        (A_PDF.replace(b"/Catalog", b"/Catalog /Launch"), "file_runs"),
        (pack_office("word/document.xml", "word/vbaProject.bin"), "file_runs"),
        (pack_office("xl/workbook.xml", "xl/embeddings/oleObject1.bin"), "file_runs"),
        (pack_office("ppt/presentation.xml"), "not_a_file"),
        (pack_office()[:40], "file_broken"),
        (b"MZ" * 99, "not_a_file"),
        (b"<html>", "not_a_file"),
        (b"", "not_a_file"),
    ],
)
def test_what_is_cut_off_runs_or_is_something_else_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(RequestError, match=code):
        check_file(content)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("合同.pdf", "合同.pdf"),
        ("合同.PDF", "合同.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\桌面\\流水.pdf", "流水.pdf"),
        ("合同\u202efdp.exe", "合同fdp.exe.pdf"),
        ('a<b>"c.pdf', "abc.pdf"),
        ("", "文件.pdf"),
        (" .pdf", "文件.pdf"),
        ("长" * 300, "长" * (NAME_MAX - 4) + ".pdf"),
    ],
)
def test_names(name: str, shown: str) -> None:
    assert clean_name(name, PDF) == shown


@given(st.text(max_size=200))
def test_any_name_can_be_shown_and_saved(name: str) -> None:
    cleaned = clean_name(name, PDF)
    assert cleaned.endswith(".pdf")
    assert 4 < len(cleaned) <= NAME_MAX
    assert cleaned.isprintable()
    assert not set(cleaned) & set('/\\<>:"|?*')
