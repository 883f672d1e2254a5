"""Whether an xlsx file is small enough to be opened, judged without building anything from it.

The library builds an object of each element: 30 MB of repeated ones fit into 60 KB and would take 800 MB and a minute.
"""

import re
import zlib
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from kit.errors import RequestError

UNPACKED_MAX = 50_000_000  # bytes
PARTS_MAX = 500
CELLS_MAX = 500_000  # with rows and shared texts
OTHERS_MAX = 30_000  # styles, merged cells and whatever else

BROKEN = RequestError(415, "broken_xlsx", "这个xlsx文件打不开，可能已损坏；请重新另存一次")
_TOO_LARGE = RequestError(413, "file_too_large", "文件解开后太大，请只留要导入的那一张表")
_CELL = re.compile(rb"<(?:\w+:)?(?:c|row|si)[\s/>]")
_INSIDE = re.compile(rb"<(?:\w+:)?(?:v|t|is|f)[\s/>]")
_ELEMENT = re.compile(rb"<[^/]")
_XML = re.compile(rb"\s*<|\xef\xbb\xbf|\xff\xfe|\xfe\xff|\0<")


def check_parts(content: bytes) -> None:
    """RequestError 413 if the file would take too much memory or time, 415 if it is none."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            # A part that unpacks to more than it says is cut off and fails its checksum.
            if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_MAX:
                raise _TOO_LARGE
            cells = others = 0
            for part in parts:
                data = archive.read(part)
                if not _XML.match(data):
                    continue
                if b"\0" in data or b"<!DOCTYPE" in data:  # UTF-16 or entities, which no spreadsheet writes
                    raise BROKEN
                found = _count(_CELL, data)
                cells += found
                others += _count(_ELEMENT, data) - found - min(_count(_INSIDE, data), 2 * found)
                if cells > CELLS_MAX or others > OTHERS_MAX:
                    raise _TOO_LARGE
    except (BadZipFile, zlib.error, ValueError, RuntimeError, NotImplementedError, EOFError, OSError):
        raise BROKEN from None


def _count(pattern: re.Pattern[bytes], data: bytes) -> int:
    return sum(1 for _ in pattern.finditer(data))
