"""Bytes from anybody: pictures of every kind, and what is none."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from kit.errors import RequestError
from pictures.image import SIDE_MAX, decode


def encode(image: Image.Image, form: str = "JPEG", **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def make_image(width: int = 300, height: int = 200, mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2, 0] = 250
    pixels[:, width // 2 :, 2] = 250
    return Image.fromarray(pixels).convert(mode)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_three_kinds_of_file(form: str) -> None:
    pixels = decode(encode(make_image(), form))
    assert pixels.shape == (200, 300, 3)
    assert pixels[100, 20, 2] > 200  # red comes last
    assert pixels[100, 280, 0] > 200


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "LA"])
def test_pictures_of_other_colours(mode: str) -> None:
    assert decode(encode(make_image(mode=mode), "PNG")).shape == (200, 300, 3)


@pytest.mark.parametrize(("orientation", "red_at"), [(1, "left"), (3, "right"), (6, "top"), (8, "bottom")])
def test_a_picture_stands_as_the_phone_was_held(orientation: int, red_at: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = decode(encode(make_image(), exif=exif))
    height, width = pixels.shape[:2]
    places = {
        "left": (height // 2, 10),
        "right": (height // 2, width - 10),
        "top": (10, width // 2),
        "bottom": (height - 10, width // 2),
    }
    assert pixels[places[red_at]][2] > 200


def test_a_large_picture_is_scaled_down() -> None:
    assert decode(encode(make_image(6000, 3000))).shape == (SIDE_MAX // 2, SIDE_MAX, 3)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_a_picture"),
        (b"%PDF-1.7", "not_a_picture"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 100, "not_a_picture"),
        (encode(make_image())[:900], "picture_broken"),
        (encode(make_image(), "PNG")[:200], "picture_broken"),
        (encode(make_image(), "GIF"), "not_a_picture"),
        (encode(make_image(), "BMP"), "not_a_picture"),
        (encode(Image.new("1", (10_000, 5_001)), "PNG"), "picture_too_detailed"),  # 6 KB, of 50 megapixels
        (encode(make_image(2000, 40)), "picture_too_small"),
    ],
)
def test_what_is_no_picture_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(RequestError) as refusal:
        decode(content)
    assert (refusal.value.status, refusal.value.code) == (422, code)
