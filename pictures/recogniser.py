"""Recognising text: rapidocr's detection, direction and recognition models, on the processor, loaded when made.

The lines come as if the paper stood upright, whichever of the four ways it lies in the picture.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidocr import RapidOCR

from pictures.image import Pixels
from pictures.lines import Line
from pictures.quality import find_washed_out

Boxes = NDArray[np.float32]  # n, 4, 2

BOXES_MAX = 200  # pieces of text read on one picture, the largest ones
_VOTES = 8  # pieces that tell which way is up


class Recogniser:
    """Not for two threads at once. `threads`: processor cores that one reading may use."""

    def __init__(self, threads: int = 1) -> None:
        engine = "EngineConfig.onnxruntime."
        cv2.setNumThreads(threads)
        self._engine = RapidOCR(
            params={
                engine + "intra_op_num_threads": threads,
                engine + "inter_op_num_threads": 1,
                "Global.log_level": "critical",
                "Global.max_side_len": 2000,
            }
        )

    def __call__(self, image: Pixels) -> list[Line]:
        """The text on a picture; without confidence where glare lies on or beside it and may have taken a part away."""
        found: Any = self._engine(image, use_det=True, use_cls=False, use_rec=False)
        if found.boxes is None or not len(found.boxes):
            return []
        boxes = _keep_largest(np.asarray(found.boxes, np.float32))
        quarter_turns = self._find_turn(image, boxes)
        crops = [_turn(_crop(image, box), quarter_turns) for box in boxes]
        read: Any = self._engine.recognize_txt(crops)
        is_doubted = self._find_doubted(image, boxes, is_vertical=quarter_turns % 2 == 1)
        upright = _level(_turn_points(boxes, quarter_turns, image.shape[1], image.shape[0]))
        corners = np.concatenate([upright.min(axis=1), upright.max(axis=1)], axis=1).tolist()
        return [
            Line(text, left, top, right, bottom, 0.0 if doubted else float(confidence))
            for text, (left, top, right, bottom), confidence, doubted in zip(
                read.txts, corners, read.scores, is_doubted, strict=True
            )
            if text.strip()
        ]

    def _find_doubted(self, image: Pixels, boxes: Boxes, *, is_vertical: bool) -> list[bool]:
        washed_out = find_washed_out(image)
        if not washed_out.any():
            return [False] * len(boxes)
        grey, white = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8), washed_out.astype(np.uint8) * 255
        return [_is_touched(grey, np.asarray(white, np.uint8), box, is_vertical=is_vertical) for box in boxes]

    def _find_turn(self, image: Pixels, boxes: Boxes) -> int:
        """How many quarter turns to the left make the picture upright, by a vote of the longest pieces of text."""
        widths, heights = _measure(boxes)
        longest = np.argsort(-np.maximum(widths, heights))[:_VOTES]
        weights = np.maximum(widths, heights)[longest]
        is_vertical = weights[heights[longest] > widths[longest]].sum() > weights.sum() / 2
        quarter_turns = 1 if is_vertical else 0
        crops = [_turn(_crop(image, boxes[index]), quarter_turns) for index in longest]
        told: Any = self._engine.cls_and_rotate(crops)[1].cls_res
        votes = [(weight * certainty, label) for weight, (label, certainty) in zip(weights, told, strict=True)]
        up, down = (sum(vote for vote, label in votes if label == direction) for direction in ("0", "180"))
        return quarter_turns + (2 if down > up else 0)


def _keep_largest(boxes: Boxes) -> Boxes:
    widths, heights = _measure(boxes)
    return boxes[np.sort(np.argsort(-(widths * heights))[:BOXES_MAX])]


def _measure(boxes: Boxes) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Widths and heights."""
    return np.linalg.norm(boxes[:, 0] - boxes[:, 1], axis=1), np.linalg.norm(boxes[:, 0] - boxes[:, 3], axis=1)


def _crop(image: Pixels, box: NDArray[np.float32]) -> Pixels:
    """A piece of the picture, straightened."""
    widths, heights = _measure(box[None])
    width, height = max(1, int(widths[0])), max(1, int(heights[0]))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(box, target)
    piece = cv2.warpPerspective(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(piece, np.uint8)


def _is_touched(grey: Pixels, washed_out: Pixels, box: NDArray[np.float32], *, is_vertical: bool) -> bool:
    """Whether glare has taken a part of a text: a character's room in it is washed out, or its ink fades into glare."""
    begin, end = ([0, 1], [3, 2]) if is_vertical else ([0, 3], [1, 2])
    along = (box[end] - box[begin]).mean(axis=0)
    widths, heights = _measure(box[None])
    height = float(widths[0] if is_vertical else heights[0])
    reach = along / max(1.0, float(np.linalg.norm(along))) * height
    grown = box.copy()
    grown[begin] -= reach
    grown[end] += reach
    ink, white = (_turn(_crop(each, grown), int(is_vertical)) for each in (grey, washed_out))
    beyond = max(1, round(height))
    columns = (white > 127).mean(axis=0) > 0.6
    if _find_longest_run(columns[beyond:-beyond]) > 0.8 * height:
        return True
    darkest, paper = np.percentile(ink[:, beyond:-beyond], (5, 90))
    faded = darkest + 0.4 * (paper - darkest)
    ends = ((slice(0, beyond), slice(beyond, 2 * beyond)), (slice(-beyond, None), slice(-2 * beyond, -beyond)))
    return any(columns[out].mean() > 0.5 and np.percentile(ink[:, last], 5) > faded for out, last in ends)


def _find_longest_run(flags: NDArray[np.bool_]) -> int:
    """How many true ones follow each other at most."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _turn(image: Pixels, quarter_turns: int) -> Pixels:
    return np.ascontiguousarray(np.rot90(image, quarter_turns))


def _turn_points(points: Boxes, quarter_turns: int, width: int, height: int) -> Boxes:
    """Points of a picture of that size after it is turned to the left."""
    x, y = points[..., 0], points[..., 1]
    turned = ((x, y), (y, width - x), (width - x, height - y), (height - y, x))[quarter_turns]
    return np.stack(turned, axis=-1)


def _level(boxes: Boxes) -> Boxes:
    """The boxes turned by the angle at which most of the text runs, so that rows are level."""
    edges = np.concatenate([boxes[:, 1] - boxes[:, 0], boxes[:, 2] - boxes[:, 1]])
    edges = edges[np.argsort(-np.linalg.norm(edges, axis=1))[: max(1, len(boxes) // 2)]]
    edges = edges * np.where(edges[:, :1] < 0, -1, 1)
    angle = float(np.median(np.arctan2(edges[:, 1], edges[:, 0])))
    if abs(angle) > np.pi / 4:
        return boxes
    cosine, sine = np.cos(-angle), np.sin(-angle)
    return np.asarray(boxes @ np.array([[cosine, sine], [-sine, cosine]]), np.float32)
