"""Photographs of papers: turned, in perspective, with shadow, glare, noise, blur and JPEG, on a desk."""

from dataclasses import dataclass, field
from io import BytesIO
from random import Random
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

CANVAS = (4000, 3000)  # 12 megapixels
# All layers are of bytes: the light that leaves a paper as it is, the noise that adds nothing.
_FULL_LIGHT, _NO_NOISE = 160, 128

Layer = NDArray[np.uint8]


@dataclass
class Conditions:
    """How a photograph is taken. Angles in degrees, blur in pixels of the canvas, places in shares of the paper."""

    share: float = 0.72  # of the canvas's width, or height
    tilt: tuple[float, float] = (0.0, 0.0)  # about the horizontal and the vertical axis
    turn: float = 0.0
    quarter_turns: int = 0
    shadow: float = 0.0  # what share of the light it takes
    light: float = 1.0
    glare: list[tuple[float, float, float, float]] = field(default_factory=list)  # x, y, radius, strength
    cover: tuple[float, float, float, float] | None = None  # a finger: left, top, right, bottom
    blur: float = 0.6
    noise: float = 4.0
    quality: int = 80
    orientation: int = 1  # as EXIF tells it
    shift: tuple[float, float] = (0.0, 0.0)  # of the canvas; a large one cuts the paper off


def make_hard_conditions(rng: Random, *, reserved: tuple[float, float, float, float] | None = None) -> Conditions:
    """Hard, yet readable for a person: no glare is strong enough to wash out what stands in the `reserved` area."""
    tilt = rng.uniform(8, 20)
    about = rng.uniform(-np.pi, np.pi)
    glare = []
    for _ in range(rng.choice((0, 1, 1, 2))):
        x, y, radius = rng.random(), rng.random(), rng.uniform(0.06, 0.16)
        is_apart = reserved is None or not (
            reserved[0] - radius < x < reserved[2] + radius and reserved[1] - 2 * radius < y < reserved[3] + 2 * radius
        )
        glare.append((x, y, radius, rng.uniform(0.7, 1.3) if is_apart else rng.uniform(0.15, 0.4)))
    return Conditions(
        share=rng.uniform(0.5, 0.78),
        tilt=(float(tilt * np.sin(about)), float(tilt * np.cos(about))),
        turn=rng.uniform(-15, 15),
        quarter_turns=rng.choice((0, 0, 0, 1, 2, 3)),
        shadow=rng.uniform(0.0, 0.55),
        light=rng.uniform(0.65, 1.05),
        glare=glare,
        blur=rng.uniform(0.6, 3.0),
        noise=rng.uniform(2, 12),
        quality=rng.randrange(40, 91),
        orientation=rng.choice((1, 1, 3, 6, 8)),
        shift=(rng.uniform(-0.05, 0.05), rng.uniform(-0.05, 0.05)),
    )


def photograph(paper: Image.Image, conditions: Conditions, rng: Random) -> bytes:
    """A JPEG of the paper on a desk."""
    noise = np.random.default_rng(rng.randrange(2**32))
    sheet = np.asarray(paper)
    if conditions.cover:
        sheet = _cover(sheet, conditions.cover)
    desk = _make_desk(noise, rng)
    matrix = _project(*paper.size, conditions)
    scene = cv2.warpPerspective(sheet, matrix, CANVAS, desk, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_TRANSPARENT)
    scene = cv2.multiply(scene, _spread(_make_light(conditions, rng)), scale=1 / _FULL_LIGHT)
    if conditions.glare:
        glare = cv2.warpPerspective(_make_glare(paper.size, conditions.glare), matrix, CANVAS)
        scene = cv2.add(scene, _spread(np.asarray(glare, np.uint8)))
    scene = cv2.GaussianBlur(scene, (0, 0), conditions.blur)
    scene = cv2.addWeighted(scene, 1, _spread(_make_noise(noise, conditions.noise)), 1, -_NO_NOISE)
    image = Image.fromarray(np.asarray(scene))
    # The camera stores what its sensor saw, and beside it how the phone was held.
    turn = {1: 0, 3: 180, 6: 90, 8: 270}[conditions.orientation]
    if turn:
        image = image.rotate(turn, expand=True)
    exif = Image.Exif()
    exif[0x0112] = conditions.orientation
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=conditions.quality, exif=exif)
    return buffer.getvalue()


def _cover(sheet: Layer, box: tuple[float, float, float, float]) -> Layer:
    """The paper under a finger."""
    height, width = sheet.shape[:2]
    left, top, right, bottom = box
    covered = sheet.copy()
    covered[int(top * height) : int(bottom * height), int(left * width) : int(right * width)] = (206, 168, 146)
    return covered


def _make_glare(size: tuple[int, int], spots: list[tuple[float, float, float, float]]) -> Layer:
    """The light that shiny paper throws back, beside what is printed there."""
    width, height = size
    y, x = np.mgrid[0 : height // 4, 0 : width // 4].astype(np.float32) * 4
    glare = np.zeros_like(x)
    for at_x, at_y, radius, strength in spots:
        distance = ((x / width - at_x) ** 2 + (y / height - at_y) ** 2 * (height / width) ** 2) / radius**2
        glare += 255 * strength * np.exp(-distance)
    return _to_bytes(cv2.resize(glare, size))


def _make_noise(noise: np.random.Generator, strength: float) -> Layer:
    """Coarse grain of the sensor's own smoothing, and fine noise; the tile repeats."""
    coarse = cv2.resize(noise.normal(0, strength, (250, 250)).astype(np.float32), (1000, 1000))
    tile = _to_bytes(_NO_NOISE + coarse + noise.normal(0, strength / 2, (1000, 1000)).astype(np.float32))
    return np.tile(tile, (CANVAS[1] // 1000, CANVAS[0] // 1000))


def _make_desk(noise: np.random.Generator, rng: Random) -> Layer:
    colours = ((96, 74, 58), (70, 74, 80), (140, 118, 92), (52, 60, 56), (168, 160, 150))
    colour, strength = rng.choice(colours), rng.uniform(3, 12)
    coarse = noise.normal(0, strength, (30, 8 if rng.random() < 0.5 else 40)).astype(np.float32)
    grain = cv2.resize(_to_bytes(_NO_NOISE + coarse), CANVAS, interpolation=cv2.INTER_CUBIC)
    desk = cv2.merge([cv2.addWeighted(grain, 1, grain, 0, float(shade - _NO_NOISE)) for shade in colour])
    for _ in range(rng.randrange(4)):  # other things on the desk: books, edges, cloth
        corner, size = rng.choice((0, 1)) * CANVAS[0], rng.uniform(0.1, 0.4) * CANVAS[0]
        thing = ((corner, rng.uniform(0, CANVAS[1])), (size, rng.uniform(0.3, 1.5) * CANVAS[1]), rng.uniform(-40, 40))
        shade = rng.uniform(-45, 60)
        cv2.fillPoly(desk, [cv2.boxPoints(thing).astype(np.int32)], [max(20.0, each + shade) for each in colour])
    return np.asarray(desk, np.uint8)


def _make_light(conditions: Conditions, rng: Random) -> Layer:
    """Light falling off to one side, and a shadow with a soft edge across the picture."""
    width, height = CANVAS[0] // 8, CANVAS[1] // 8
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    along = (x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle)
    fall = conditions.light * (1 + 0.25 * along)
    edge = 1 / (1 + np.exp(-(along - rng.uniform(-0.25, 0.25)) * 30))
    return np.asarray(cv2.resize(_to_bytes(_FULL_LIGHT * fall * (1 - conditions.shadow * edge)), CANVAS), np.uint8)


def _to_bytes(values: Any) -> Layer:
    return np.asarray(np.clip(values, 0, 255), np.uint8)


def _spread(layer: Layer) -> Layer:
    """One layer for all three colours."""
    return np.asarray(cv2.merge([layer] * 3), np.uint8)


def _project(width: int, height: int, conditions: Conditions) -> np.ndarray:
    """The matrix from paper to canvas, of a camera 1.3 canvas widths away."""
    about_x, about_y = np.radians(conditions.tilt)
    turn = np.radians(conditions.turn + 90 * conditions.quarter_turns)
    scale = conditions.share * min(
        CANVAS[0] / abs(np.array([width, height]) @ [abs(np.cos(turn)), abs(np.sin(turn))]),
        CANVAS[1] / abs(np.array([width, height]) @ [abs(np.sin(turn)), abs(np.cos(turn))]),
    )
    scale *= 1.25
    corners = (np.array([[0, 0], [width, 0], [width, height], [0, height]], float) - [width / 2, height / 2]) * scale
    flat = np.column_stack([corners, np.zeros(4)])
    rotate_z = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    rotate_x = np.array([[1, 0, 0], [0, np.cos(about_x), -np.sin(about_x)], [0, np.sin(about_x), np.cos(about_x)]])
    rotate_y = np.array([[np.cos(about_y), 0, np.sin(about_y)], [0, 1, 0], [-np.sin(about_y), 0, np.cos(about_y)]])
    placed = flat @ (rotate_y @ rotate_x @ rotate_z).T
    distance = 1.3 * CANVAS[0]
    seen = placed[:, :2] * distance / (distance + placed[:, 2:])
    centre = np.array(CANVAS) * (0.5 + np.array(conditions.shift))
    target = (seen + centre).astype(np.float32)
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix: np.ndarray = cv2.getPerspectiveTransform(source, target)
    return matrix
