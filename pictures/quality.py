"""Measures of a picture: what keeps it from being read."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pictures.image import Pixels, shrink
from pictures.schemas import Quality

_SIDE = 1000  # blur is measured at this size: a soft edge is the same share of the paper in every picture

# Bounds between specimens that are read and those that are not (decision 0033).
_DARK = 60.0  # brightness of the brightest fifth
_WHITE, _WASHED_OUT = 235, 246  # brightness of white paper in good light, and of glare on paper that is darker
_BLURRED = 0.06  # sharpness: those that are read have 0.07 at least, unreadable ones 0.05 at most
_GLARE = 0.008  # of the paper's area
_SMALL = 400.0  # pixels of the paper's longer side in a decoded picture
_SMALL_TEXT = 11.0  # pixels of a usual line's height


class _Measures(NamedTuple):
    """Of a paper: brightness of 0 to 255, sharpness without a unit, glare as a share of the area."""

    brightness: float
    sharpness: float
    glare: float


def _measure(paper: Pixels) -> _Measures:
    """The measures of a straightened paper, or of a whole picture."""
    grey = np.asarray(cv2.cvtColor(shrink(paper, _SIDE), cv2.COLOR_BGR2GRAY), np.uint8)
    low, bright, high = (float(each) for each in np.percentile(grey, (1, 80, 99)))
    # Smoothed first: noise has edges too. By the contrast, as a faint print is no blur.
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.2).astype(np.float32)
    edges = cv2.Laplacian(smooth, cv2.CV_32F)
    strongest = float(np.percentile(np.abs(edges), 99.5))
    return _Measures(bright, strongest / max(10.0, high - low), _measure_glare(paper))


def judge(paper: Pixels, *, is_cut: bool, width: float | None, text_height: float | None) -> Quality:
    """What is wrong with a picture that could not be read, by what a customer would have to change first.

    `is_cut`: the paper goes over the border. `width`: of the paper in the picture, None if no paper was found.
    `text_height`: of a usual line.
    """
    measures = _measure(paper)
    is_small = (width is not None and width < _SMALL) or (text_height is not None and text_height < _SMALL_TEXT)
    reasons: tuple[tuple[bool, Quality], ...] = (
        (measures.brightness < _DARK, "dark"),
        (is_small, "small"),
        (measures.sharpness < _BLURRED, "blurred"),
        (is_cut, "cropped"),
        (measures.glare > _GLARE, "glare"),
    )
    return next((quality for holds, quality in reasons if holds), "good")


def find_washed_out(paper: Pixels) -> NDArray[np.bool_]:
    """Where light has left nothing of the print; nowhere if the whole paper is as bright."""
    grey = cv2.cvtColor(paper, cv2.COLOR_BGR2GRAY)
    if np.median(grey) > _WHITE:
        return np.zeros(grey.shape, np.bool_)
    smooth = cv2.blur(grey, (7, 7))  # noise makes some pixels darker again
    return np.asarray(smooth >= _WASHED_OUT, np.bool_)


def _measure_glare(paper: Pixels) -> float:
    """The largest washed-out spot."""
    white = np.asarray(find_washed_out(shrink(paper, _SIDE)), np.uint8)
    count, _, about, _ = cv2.connectedComponentsWithStats(white)
    largest = max((int(about[index, cv2.CC_STAT_AREA]) for index in range(1, count)), default=0)
    return largest / white.size
