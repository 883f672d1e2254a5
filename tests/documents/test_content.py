"""What is taken as a picture, by its bytes alone, and what is left of it."""

from io import BytesIO

import pytest
from PIL import Image, features

from documents.content import EDGE_MAX, clean_picture, make_thumbnail, require_size
from documents.decoding import BROKEN, HEIC, NOT_A_PICTURE, TOO_DETAILED, TOO_SMALL
from kit.errors import RequestError
from tests.documents.pictures import claim_size, draw, encode, take_photograph

SCRIPT = b"<script>alert('canary')</script>"


def reopen(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_of_each_form_is_kept_as_a_jpeg(form: str) -> None:
    assert features.check("webp")
    picture = clean_picture(encode(draw(), form))
    image = reopen(picture.content)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (640, 400))
    assert (picture.media_type, picture.width, picture.height) == ("image/jpeg", 640, 400)


@pytest.mark.parametrize(
    ("what", "content", "reason"),
    [
        ("a web page named .jpg", b"<!doctype html>" + SCRIPT, NOT_A_PICTURE),
        (
            "an SVG, which can hold scripts",
            b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + b"</svg>",
            NOT_A_PICTURE,
        ),
        ("a program", b"MZ" + bytes(200), NOT_A_PICTURE),
        ("an archive", b"PK\x03\x04" + bytes(200), NOT_A_PICTURE),
        ("a GIF", encode(draw(), "GIF"), NOT_A_PICTURE),
        ("a TIFF", encode(draw(), "TIFF"), NOT_A_PICTURE),
        ("a PDF", b"%PDF-1.7\n" + bytes(200), NOT_A_PICTURE),
        ("an iPhone's own form", b"\0\0\0\x18ftypheic" + bytes(200), HEIC),
        ("the beginning of a JPEG", encode(draw())[:600], BROKEN),
        ("the beginning of a PNG", encode(draw(), "PNG")[:60], BROKEN),
        ("only the first bytes of a JPEG", b"\xff\xd8\xff\xe0", NOT_A_PICTURE),
        ("a small bomb", claim_size(20_000, 20_000), TOO_DETAILED),
        ("a larger one", claim_size(2**31 - 1, 2**31 - 1), TOO_DETAILED),
        ("one that lies about its size", claim_size(4_000, 4_000), BROKEN),
        ("a dot", encode(draw(40, 300)), TOO_SMALL),
    ],
)
def test_what_is_no_picture_is_refused_with_a_reason(what: str, content: bytes, reason: str) -> None:
    with pytest.raises(RequestError) as refused:
        clean_picture(content)
    assert (refused.value.status, refused.value.reason) == (422, reason), what


def test_nothing_says_where_and_with_what_it_was_taken() -> None:
    taken = take_photograph()
    assert b"Canary" in taken
    assert Image.open(BytesIO(taken)).getexif().get_ifd(0x8825)
    kept = clean_picture(taken).content
    assert b"Canary" not in kept
    assert b"Exif" not in kept
    assert not reopen(kept).getexif()
    assert "comment" not in reopen(kept).info


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [(1, (20, 20)), (3, (620, 380)), (6, (380, 20)), (8, (20, 620)), (2, (620, 20))],
)
def test_a_picture_is_turned_as_its_phone_said(orientation: int, corner: tuple[int, int]) -> None:
    image = reopen(clean_picture(take_photograph(orientation=orientation)).content)
    assert image.size == ((400, 640) if orientation in (6, 8) else (640, 400))
    pixel = image.getpixel(corner)
    assert isinstance(pixel, tuple)
    assert max(pixel) < 40, "the black corner"


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_what_hides_behind_or_in_a_picture_is_gone(form: str) -> None:
    hiding = encode(draw(), form) + SCRIPT + b"PK\x03\x04"
    kept = clean_picture(hiding).content
    assert SCRIPT not in kept
    assert b"PK\x03\x04" not in kept


def test_a_large_picture_is_made_smaller_in_its_proportions() -> None:
    picture = clean_picture(encode(draw(4000, 3000)))
    assert (picture.width, picture.height) == (EDGE_MAX, 2250)


def test_what_is_transparent_becomes_white() -> None:
    clear = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    assert reopen(clean_picture(encode(clear, "PNG")).content).getpixel((50, 50)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "CMYK", "I;16"])
def test_every_kind_of_pixels_is_taken(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    image = draw().convert("L").convert(mode) if mode == "I;16" else draw().convert(mode)
    assert reopen(clean_picture(encode(image, form)).content).mode == "RGB"


def test_of_a_moving_picture_the_first_one_is_kept() -> None:
    moving = encode(draw(), "WEBP", save_all=True, append_images=[draw(colour="red")], duration=100)
    assert reopen(clean_picture(moving).content).getpixel((600, 380)) == (255, 255, 255)


@pytest.mark.parametrize(("size", "status"), [(0, 422), (1, None), (10 * 1024**2, None), (10 * 1024**2 + 1, 413)])
def test_the_size_is_limited(size: int, status: int | None) -> None:
    if status is None:
        return require_size(size, 10 * 1024**2)
    with pytest.raises(RequestError) as refused:
        require_size(size, 10 * 1024**2)
    assert refused.value.status == status
    return None


def test_a_thumbnail_is_too_small_to_be_read() -> None:
    small = reopen(make_thumbnail(clean_picture(encode(draw(3000, 2000))).content))
    assert small.size == (120, 80)
