"""Bytes from anybody are a picture or refused: nothing that Pillow stumbles over comes out as another error."""

import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from documents.decoding import decode_picture
from kit.errors import RequestError
from tests.documents.pictures import draw, encode

EDGE = 300
FORMS = ("JPEG", "PNG", "WEBP")
SAMPLES = {form: encode(draw(80, 80), form) for form in FORMS}
EXIF = b"Exif\0\0"
CHUNKS = (
    b"eXIf",
    b"iCCP",
    b"tRNS",
    b"PLTE",
    b"pHYs",
    b"gAMA",
    b"cHRM",
    b"tEXt",
    b"zTXt",
    b"iTXt",
    b"acTL",
    b"fcTL",
    b"fdAT",
)
# The beginnings of metadata, so that most of them are looked into.
HEADERS = st.sampled_from(
    [b"", EXIF, b"II*\0", b"MM\0*", EXIF + b"II*\0\x08\0\0\0", b"name\0\0", b"XML:com.adobe.xmp\0"]
)
METADATA = st.builds(bytes.__add__, HEADERS, st.binary(max_size=40))


def make_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack("!L", len(content)) + name + content + struct.pack("!L", zlib.crc32(name + content))


def add_png_chunk(name: bytes, content: bytes) -> bytes:
    """A PNG whose chunks are all whole: what is wrong stands in one of them."""
    header, png = 33, SAMPLES["PNG"]
    return png[:header] + make_chunk(name, content) + png[header:]


def add_jpeg_segment(marker: int, content: bytes) -> bytes:
    return SAMPLES["JPEG"][:2] + struct.pack("!BBH", 0xFF, marker, len(content) + 2) + content + SAMPLES["JPEG"][2:]


def refuse_or_decode(content: bytes) -> None:
    with suppress(RequestError):
        image = decode_picture(content, EDGE)
        assert (image.mode, max(image.size) <= EDGE) == ("RGB", True)


@pytest.mark.parametrize("exif", [b"II*\0", b"MM\0*", b"II*\0\xff", b"II*\0\x08\0\0\0\xff"])
def test_metadata_that_end_too_early_are_refused(exif: bytes) -> None:
    with pytest.raises(RequestError) as refused:
        decode_picture(add_png_chunk(b"eXIf", exif), EDGE)
    assert (refused.value.status, refused.value.code) == (422, "picture_broken")


@pytest.mark.parametrize("error", [struct.error, AttributeError, RecursionError, AssertionError, ZeroDivisionError])
def test_whatever_pillow_raises_is_a_refusal(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("documents.decoding.ImageOps.exif_transpose", fail)
    with pytest.raises(RequestError, match="picture_broken"):
        decode_picture(SAMPLES["JPEG"], EDGE)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(CHUNKS), content=METADATA)
@example(b"eXIf", b"II*\0")
def test_metadata_of_a_png(name: bytes, content: bytes) -> None:
    refuse_or_decode(add_png_chunk(name, content))


@settings(max_examples=100)
@given(marker=st.integers(0xC0, 0xFE), content=METADATA)
def test_segments_of_a_jpeg(marker: int, content: bytes) -> None:
    refuse_or_decode(add_jpeg_segment(marker, content))


@settings(max_examples=50)
@given(exif=METADATA)
def test_metadata_of_a_webp(exif: bytes) -> None:
    refuse_or_decode(encode(draw(80, 80), "WEBP", exif=exif))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    form=st.sampled_from(FORMS),
    damage=st.lists(st.tuples(st.integers(0, 10_000), st.binary(min_size=1, max_size=8)), max_size=4),
    end=st.integers(0, 10_000),
)
def test_damaged_and_cut_off(form: str, damage: list[tuple[int, bytes]], end: int) -> None:
    content = bytearray(SAMPLES[form][: end or None])
    for place, bytes_there in damage:
        at = place % max(len(content), 1)
        content[at : at + len(bytes_there)] = bytes_there
    refuse_or_decode(bytes(content))


@given(content=st.binary(max_size=300))
def test_any_bytes(content: bytes) -> None:
    refuse_or_decode(content)
