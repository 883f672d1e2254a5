"""From the bytes of a picture to what it says: decode, find the paper, straighten, recognise, read."""

from collections.abc import Callable
from statistics import median
from typing import NamedTuple

from documents.schemas import DocumentKind, Value
from pictures.image import Pixels, decode, shrink
from pictures.kinds import find_kind, read_fields
from pictures.lines import Line, Page
from pictures.paper import Corners, find_corners, is_cut_off, measure_sides, straighten
from pictures.quality import judge
from pictures.schemas import PictureReading, Quality

WHOLE_SIDE = 1700  # of a whole picture, when it is read for want of a paper in it
Recognise = Callable[[Pixels], list[Line]]  # the text on a picture that may lie on its side


class _Look(NamedTuple):
    """One look at a picture: the pixels that were read, and what stood there."""

    pixels: Pixels
    corners: Corners | None  # of the paper that the pixels are cut out of
    lines: list[Line]
    kind: DocumentKind
    fields: dict[str, Value]


def read_picture(content: bytes, recognise: Recognise) -> PictureReading:
    """What a picture says. Raises RequestError 422 for what is no picture."""
    image = decode(content)
    corners = find_corners(image)
    whole = shrink(image, WHOLE_SIDE)
    look = _look(whole if corners is None else straighten(image, corners), corners, recognise)
    # Shadows and other things on a desk mislead the search for corners: then the whole picture may say more.
    if corners is not None and not look.fields and _judge(image, look) not in ("dark", "blurred"):
        second = _look(whole, None, recognise)
        if second.fields or (look.kind == "unknown" and second.kind != "unknown"):
            look = second
    quality: Quality = "good" if look.fields else _judge(image, look)
    return PictureReading(kind=look.kind, quality=quality, fields=look.fields)


def _look(pixels: Pixels, corners: Corners | None, recognise: Recognise) -> _Look:
    lines = recognise(pixels)
    page = Page(lines)
    kind = find_kind(page)
    return _Look(pixels, corners, lines, kind, read_fields(kind, page))


def _judge(image: Pixels, look: _Look) -> Quality:
    is_cut = _runs_over(look.pixels, look.lines) if look.corners is None else is_cut_off(look.corners, image)
    width = max(measure_sides(look.corners)) if look.corners is not None else None
    text_height = median(line.height for line in look.lines) if look.lines else None
    return judge(look.pixels, is_cut=is_cut, width=width, text_height=text_height)


def _runs_over(paper: Pixels, lines: list[Line]) -> bool:
    """Whether text goes over the border of the picture."""
    height, width = paper.shape[:2]
    return any(min(x.left, x.top, width - x.right, height - x.bottom) < 0.004 * width for x in lines)
