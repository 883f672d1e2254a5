"""What the bytes of an upload really are, and the picture as it is kept: one format, upright, without metadata."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from kit.errors import RequestError

MEDIA_TYPE = "image/jpeg"
FORMATS = ("JPEG", "PNG", "WEBP")
EDGE_MAX = 3000  # a page of small print stays readable
EDGE_MIN = 64
PIXELS_MAX = 50_000_000  # the largest phones' photographs; decoded they take 150 MB
QUALITY = 88
THUMBNAIL_EDGE = 120

NOT_A_PICTURE = "这个文件不是照片，请发JPG、PNG或WebP格式的照片"
PDF = "现在只能收照片，PDF请拍照或截图再发"
HEIC = "这张照片是HEIC格式，打不开，请截一张图再发"
BROKEN = "这张照片没有传完整，请再发一次"
EMPTY = "没有收到照片，请再发一次"
TOO_LARGE = "照片太大了，请发{megabytes}MB以内的"
TOO_DETAILED = "照片的尺寸太大了，请缩小一点再发"
TOO_SMALL = "照片太小了，看不清，请重新拍一张"
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis")


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

    Whatever name or type it came with is not asked. RequestError 422 with a reason for the customer.
    """
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            width, height = image.size
            if width * height > PIXELS_MAX:
                raise RequestError(422, "picture_too_detailed", TOO_DETAILED)
            if min(width, height) < EDGE_MIN:
                raise RequestError(422, "picture_too_small", TOO_SMALL)
            image.draft("RGB", (edge_max, edge_max))  # decodes a large JPEG at a fraction of its size
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((edge_max, edge_max), Image.Resampling.LANCZOS)
            plain = _flatten(upright)
    except UnidentifiedImageError:
        raise RequestError(422, "not_a_picture", _explain(content)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise RequestError(422, "picture_too_detailed", TOO_DETAILED) from None
    # Of a file that is cut off or made up Pillow's decoders raise any of these.
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError, MemoryError):
        raise RequestError(422, "picture_broken", BROKEN) from None
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


def _flatten(image: Image.Image) -> Image.Image:
    """The pixels alone, on white where they were transparent: metadata are on the image they came with."""
    coloured = image.convert("RGBA" if image.has_transparency_data else "RGB")
    plain = Image.new("RGB", coloured.size, "white")
    plain.paste(coloured, mask=coloured if coloured.mode == "RGBA" else None)
    return plain


def _explain(content: bytes) -> str:
    if content.lstrip()[:5] == b"%PDF-":
        return PDF
    return HEIC if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS else NOT_A_PICTURE
