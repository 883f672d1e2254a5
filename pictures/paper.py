"""Finding the paper in a photograph, and straightening it."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from pictures.image import Pixels, shrink

Corners = NDArray[np.float32]  # 4, 2: clockwise from the top left

_SEARCH_SIDE = 500
_AREA_MIN = 0.004  # of the picture
_FILL_MIN = 0.88  # of the quadrilateral that the shape found covers
CARD_SIDE, SHEET_SIDE = 1280, 1760  # of the straightened paper
_PIXELS_MAX = 2_200_000  # of it: what the models take memory for
_CARD_ASPECT = 1.45  # cards are 1.585, sheets 1.414; perspective changes both


def find_corners(image: Pixels) -> Corners | None:
    """The corners of the largest thing with four straight sides, rather one that is wholly seen; None without any."""
    small = shrink(image, _SEARCH_SIDE)
    area_min = _AREA_MIN * small.shape[0] * small.shape[1]
    found: list[tuple[bool, float, Corners]] = []
    for mask in _list_masks(small):
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:4]:
            corners = _fit(np.asarray(contour, np.int32))
            if corners is not None and (area := cv2.contourArea(corners)) > area_min:
                found.append((not is_cut_off(corners, small), area, corners))
    if not found:
        return None
    _, _, best = max(found, key=lambda each: each[:2])
    return np.asarray(best * (max(image.shape[:2]) / max(small.shape[:2])), np.float32)


def straighten(image: Pixels, corners: Corners) -> Pixels:
    """The paper alone, seen from above, on its side or upright as in the picture, with a little margin."""
    centre = corners.mean(axis=0)
    corners = np.asarray(centre + (corners - centre) * 1.015, np.float32)
    width, height = measure_sides(corners)
    aspect = max(width, height) / max(1.0, min(width, height))
    side = CARD_SIDE if aspect >= _CARD_ASPECT else SHEET_SIDE
    scale = min(side / max(width, height), (_PIXELS_MAX / (width * height)) ** 0.5)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    target = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.warpPerspective(image, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def measure_sides(corners: Corners) -> tuple[float, float]:
    """Width and height in pixels: the longer one of opposite sides."""
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    return float(max(sides[0], sides[2])), float(max(sides[1], sides[3]))


def is_cut_off(corners: Corners, image: Pixels) -> bool:
    """Whether two corners or more lie at the border of the picture."""
    height, width = image.shape[:2]
    margin = 0.008 * max(height, width)
    x, y = corners[:, 0], corners[:, 1]
    at_border = (x < margin) | (y < margin) | (x > width - margin) | (y > height - margin)
    return int(at_border.sum()) >= 2


def _list_masks(small: Pixels) -> Iterator[Pixels]:
    """What may be the paper, white on black: by its edges, and by its brightness against the desk."""
    grey = cv2.medianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), 5)
    kernel = np.ones((3, 3), np.uint8)
    for low, high in ((20, 60), (40, 120)):
        edges = cv2.dilate(cv2.Canny(grey, low, high), kernel, iterations=2)
        # What the edges enclose: everything that the border of the picture does not reach.
        outside = cv2.copyMakeBorder(255 - edges, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=255)
        cv2.floodFill(outside, None, (0, 0), 0)
        enclosed = cv2.bitwise_or(outside[1:-1, 1:-1], edges)
        yield np.asarray(cv2.morphologyEx(cv2.erode(enclosed, kernel, iterations=2), cv2.MORPH_OPEN, kernel), np.uint8)
    saturation = cv2.cvtColor(small, cv2.COLOR_BGR2HSV)[..., 1]
    for channel in (grey, 255 - saturation):
        _, mask = cv2.threshold(channel, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        yield np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8)), np.uint8)


def _fit(contour: NDArray[np.int32]) -> Corners | None:
    """The quadrilateral around a shape, if it fills one."""
    hull = cv2.convexHull(contour)
    length = cv2.arcLength(hull, True)
    for share in (0.015, 0.02, 0.03, 0.04, 0.06, 0.08):
        shape = cv2.approxPolyDP(hull, share * length, True)
        if len(shape) == 4:
            corners = _order(np.asarray(shape, np.float32).reshape(4, 2))
            fill = cv2.contourArea(contour) / max(1.0, cv2.contourArea(corners))
            return corners if _FILL_MIN < fill < 1.1 and _is_paper_like(corners) else None
    return None


def _order(corners: Corners) -> Corners:
    """Clockwise from the one nearest to the top left."""
    centre = corners.mean(axis=0)
    angles = np.arctan2(corners[:, 1] - centre[1], corners[:, 0] - centre[0])
    corners = corners[np.argsort(angles)]
    return np.roll(corners, -int(corners.sum(axis=1).argmin()), axis=0)


def _is_paper_like(corners: Corners) -> bool:
    """Whether the angles are such as perspective makes of right ones, and the sides not those of a strip."""
    before, after = np.roll(corners, 1, axis=0) - corners, np.roll(corners, -1, axis=0) - corners
    cosines = (before * after).sum(axis=1) / (np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1))
    width, height = measure_sides(corners)
    return bool(np.abs(cosines).max() < 0.6) and max(width, height) < 3 * min(width, height)
