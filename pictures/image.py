"""The pixels of a picture, of a bounded size, as the camera was held."""

import cv2
import numpy as np
from numpy.typing import NDArray

from documents.decoding import decode_picture

Pixels = NDArray[np.uint8]  # height, width, 3: blue, green, red

SIDE_MAX = 2400  # what is read at most; a card that fills half of it has digits of 35 pixels


def decode(content: bytes) -> Pixels:
    """The picture, scaled down to SIDE_MAX. Raises RequestError as documents.decoding.decode_picture."""
    return np.ascontiguousarray(np.asarray(decode_picture(content, SIDE_MAX))[..., ::-1])


def shrink(image: Pixels, side: int) -> Pixels:
    """The image with a longer side of at most `side`."""
    share = side / max(image.shape[:2])
    if share >= 1:
        return image
    size = (max(1, round(image.shape[1] * share)), max(1, round(image.shape[0] * share)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
