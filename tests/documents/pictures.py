"""Pictures for tests, drawn when they are needed."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

HERE = (39, 54, 20.0)  # where a photograph was taken: degrees, minutes, seconds


def draw(width: int = 640, height: int = 400, colour: str = "white") -> Image.Image:
    """A paper with a black mark in its upper left corner."""
    image = Image.new("RGB", (width, height), colour)
    ImageDraw.Draw(image).rectangle((0, 0, width // 4, height // 4), fill="black")
    return image


def encode(image: Image.Image, form: str = "JPEG", **more: Any) -> bytes:
    """The bytes of an image."""
    written = BytesIO()
    image.save(written, form, **more)
    return written.getvalue()


def take_photograph(*, orientation: int = 1) -> bytes:
    """A JPEG as a phone makes it: with its maker, where it was taken and which side is up."""
    image = draw()
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Canary Phones", orientation
    exif.get_ifd(0x8825).update({1: "N", 2: HERE, 3: "E", 4: HERE})
    return encode(image, exif=exif, comment=b"Canary comment")


def claim_size(width: int, height: int) -> bytes:
    """A PNG of a hundred bytes that says it is as large as this."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack("!L", len(content)) + name + content + struct.pack("!L", zlib.crc32(name + content))

    header = struct.pack("!LLBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )
