"""Decoding: the bytes of a picture, from anybody, to pixels of a bounded size that stand as the camera was held."""

import struct
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from kit.errors import RequestError

Pixels = NDArray[np.uint8]  # height, width, 3: blue, green, red

PIXELS_MAX = 50_000_000
SIDE_MAX = 2400  # what is read at most; a card that fills half of it has digits of 35 pixels
SIDE_MIN = 64
Image.MAX_IMAGE_PIXELS = None  # our own bound is checked before anything is decoded


def decode(content: bytes) -> Pixels:
    """The picture, scaled down to SIDE_MAX. Raises RequestError 422 for what is no JPEG, PNG or WebP, or too large."""
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > PIXELS_MAX:
                raise RequestError(422, "picture_too_large", f"a picture may have {PIXELS_MAX} pixels")
            if min(image.size) < SIDE_MIN:
                raise RequestError(422, "picture_too_small", f"a side needs {SIDE_MIN} pixels")
            image.draft("RGB", (SIDE_MAX, SIDE_MAX))  # a large JPEG is decoded at a half or a quarter of its size
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except RequestError:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, OverflowError, MemoryError) as error:
        raise RequestError(422, "invalid_picture", "this is no JPEG, PNG or WebP picture") from error
    pixels = np.asarray(upright)[..., ::-1]
    return shrink(np.ascontiguousarray(pixels), SIDE_MAX)


def shrink(image: Pixels, side: int) -> Pixels:
    """The image with a longer side of at most `side`."""
    share = side / max(image.shape[:2])
    if share >= 1:
        return image
    size = (max(1, round(image.shape[1] * share)), max(1, round(image.shape[0] * share)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
