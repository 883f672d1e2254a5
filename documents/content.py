"""A picture as it is kept: one format, upright, without metadata."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from documents.decoding import decode_picture
from kit.errors import RequestError

MEDIA_TYPE = "image/jpeg"
EDGE_MAX = 3000  # a page of small print stays readable
QUALITY = 88
THUMBNAIL_EDGE = 120

EMPTY = "没有收到内容，请再发一次"
TOO_LARGE = "太大了，请发{megabytes}MB以内的"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept: a JPEG in sRGB of at most `EDGE_MAX` pixels an edge."""

    content: bytes
    width: int
    height: int
    media_type: str = MEDIA_TYPE


def require_size(size: int, bytes_max: int) -> None:
    """Refuses what is empty or over the limit, before anything looks into it. RequestError 413, 422."""
    if size > bytes_max:
        raise RequestError(413, "picture_too_large", TOO_LARGE.format(megabytes=bytes_max // 1024**2))
    if not size:
        raise RequestError(422, "picture_empty", EMPTY)


def clean_picture(content: bytes, *, edge_max: int = EDGE_MAX) -> Picture:
    """The picture in the bytes, decoded and encoded anew: nothing else that was in them is kept.

    RequestError as decode_picture.
    """
    plain = decode_picture(content, edge_max)
    written = BytesIO()
    plain.save(written, "JPEG", quality=QUALITY, optimize=True)
    return Picture(written.getvalue(), *plain.size)


def make_thumbnail(content: bytes) -> bytes:
    """A kept picture, so small that nobody can read it."""
    with Image.open(BytesIO(content), formats=("JPEG",)) as image:
        image.draft("RGB", (THUMBNAIL_EDGE, THUMBNAIL_EDGE))
        image.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE))
        written = BytesIO()
        image.save(written, "JPEG", quality=70)
    return written.getvalue()
