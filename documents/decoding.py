"""Decodes pictures from anybody, within bounds: the one place where bytes that nobody knows reach Pillow."""

from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from kit.errors import RequestError

FORMATS = ("JPEG", "PNG", "WEBP")
EDGE_MIN = 64
PIXELS_MAX = 50_000_000  # the largest phones' photographs; decoded they take 150 MB
Image.MAX_IMAGE_PIXELS = None  # our own bound is checked before anything is decoded

NOT_A_PICTURE = "这个文件不是照片，请发JPG、PNG或WebP格式的照片"
HEIC = "这张照片是HEIC格式，打不开，请截一张图再发"
BROKEN = "这张照片没有传完整，请再发一次"
TOO_DETAILED = "照片的尺寸太大了，请缩小一点再发"
TOO_SMALL = "照片太小了，看不清，请重新拍一张"
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis")


def decode_picture(content: bytes, edge_max: int) -> Image.Image:
    """The picture in RGB, upright, on white where it was transparent, with edges of at most `edge_max` pixels.

    Whatever name or type it came with is not asked. RequestError 422 with a reason for the customer: `not_a_picture`,
    `picture_broken`, `picture_too_detailed`, `picture_too_small`.
    """
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            _require_bounds(image)
            image.draft("RGB", (edge_max, edge_max))  # decodes a large JPEG at a fraction of its size
            image.thumbnail((edge_max, edge_max), Image.Resampling.LANCZOS)
            ImageOps.exif_transpose(image, in_place=True)
            return _flatten(image)
    except RequestError:
        raise
    except UnidentifiedImageError:
        raise RequestError(422, "not_a_picture", _explain(content)) from None
    except Exception:
        # Pillow's decoders raise whatever they come upon in what is cut off or made up (struct.error, KeyError,
        # MemoryError ...), and no list of it stays complete.
        raise RequestError(422, "picture_broken", BROKEN) from None


def _require_bounds(image: Image.Image) -> None:
    """Refuses by the header, before a pixel is decoded."""
    width, height = image.size
    if width * height > PIXELS_MAX:
        raise RequestError(422, "picture_too_detailed", TOO_DETAILED)
    if min(width, height) < EDGE_MIN:
        raise RequestError(422, "picture_too_small", TOO_SMALL)


def _flatten(image: Image.Image) -> Image.Image:
    """The pixels alone: metadata are on the image they came with."""
    coloured = image.convert("RGBA" if image.has_transparency_data else "RGB")
    plain = Image.new("RGB", coloured.size, "white")
    plain.paste(coloured, mask=coloured if coloured.mode == "RGBA" else None)
    return plain


def _explain(content: bytes) -> str:
    return HEIC if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS else NOT_A_PICTURE
