"""Files as they are kept: PDF, Word and Excel, as they came, if there is nothing in them that runs by itself."""

from io import BytesIO
from zipfile import BadZipFile, ZipFile

from kit.errors import RequestError

PDF = "application/pdf"
_OFFICE = "application/vnd.openxmlformats-officedocument."
# By the part that the kind has and no other.
_PARTS = {
    "word/document.xml": f"{_OFFICE}wordprocessingml.document",
    "xl/workbook.xml": f"{_OFFICE}spreadsheetml.sheet",
}
ENDINGS = {PDF: ".pdf", **dict(zip(_PARTS.values(), (".docx", ".xlsx"), strict=True))}
_RUNS = ("vbaproject.bin", "activex", "embeddings/")
_PDF_RUNS = (b"/JavaScript", b"/Launch", b"/EmbeddedFile")
UNPACKED_MAX = 200 * 1024**2
NAME_MAX = 80
NOT_A_FILE = "只能收PDF、Word（docx）、Excel（xlsx）文件和照片"
RUNS = "这个文件里有会自动运行的内容，不能接收，请另存为不带宏的文件再发"
BROKEN = "这个文件没有传完整，请再发一次"


def check_file(content: bytes) -> str:
    """What it is, by its content: its media type. RequestError 422 with a reason for who sent it.

    What runs is found where it stands plainly; a virus is for the scanner to find.
    """
    if content[:5] == b"%PDF-":
        return _check_pdf(content)
    if content[:4] == b"PK\3\4":
        return _check_office(content)
    raise RequestError(422, "not_a_file", NOT_A_FILE)


def clean_name(name: str, media_type: str) -> str:
    """A file's name as it may be shown and saved: no path, no control or bidirectional characters, the right ending."""
    plain = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable() and c not in '<>:"|?*')
    ending = ENDINGS[media_type]
    stem = plain[: -len(ending)] if plain.lower().endswith(ending) else plain
    return (stem.strip(" .")[: NAME_MAX - len(ending)] or "文件") + ending


def _check_pdf(content: bytes) -> str:
    if b"%%EOF" not in content[-2048:]:
        raise RequestError(422, "file_broken", BROKEN)
    if any(mark in content for mark in _PDF_RUNS):
        raise RequestError(422, "file_runs", RUNS)
    return PDF


def _check_office(content: bytes) -> str:
    try:
        with ZipFile(BytesIO(content)) as packed:
            parts = {part.filename.lower(): part.file_size for part in packed.infolist()}
    except (BadZipFile, ValueError, NotImplementedError):
        raise RequestError(422, "file_broken", BROKEN) from None
    media_type = next((kind for part, kind in _PARTS.items() if part in parts), None)
    if media_type is None or sum(parts.values()) > UNPACKED_MAX:
        raise RequestError(422, "not_a_file", NOT_A_FILE)
    if any(mark in part for part in parts for mark in _RUNS):
        raise RequestError(422, "file_runs", RUNS)
    return media_type
