"""The paper on a desk: its corners, straightened, cut off."""

from random import Random

import cv2
import numpy as np
import pytest

from pictures.image import Pixels
from pictures.paper import find_corners, is_cut_off, measure_sides, straighten


def make_scene(corners: list[tuple[int, int]], size: tuple[int, int] = (1600, 1200)) -> Pixels:
    """A light paper on a dark desk, with some noise."""
    noise = np.random.default_rng(3).integers(0, 20, (size[1], size[0], 3))
    scene = np.asarray(60 + noise, np.uint8)
    cv2.fillPoly(scene, [np.array(corners, np.int32)], (225, 228, 230))
    return scene


@pytest.mark.parametrize(
    "corners",
    [
        [(400, 300), (1200, 300), (1200, 800), (400, 800)],
        [(300, 400), (1250, 250), (1350, 850), (380, 950)],  # turned, and seen from the side
        [(500, 200), (900, 260), (860, 900), (430, 820)],  # upright
    ],
)
def test_the_corners_of_the_paper_are_found(corners: list[tuple[int, int]]) -> None:
    found = find_corners(make_scene(corners))
    assert found is not None
    assert np.abs(found - np.array(corners)).max() < 12


def test_an_empty_desk_has_no_paper() -> None:
    assert find_corners(make_scene([(0, 0), (1, 0), (1, 1), (0, 1)])) is None


def test_a_round_thing_is_no_paper() -> None:
    scene = make_scene([(0, 0), (1, 0), (1, 1), (0, 1)])
    cv2.circle(scene, (800, 600), 350, (225, 228, 230), -1)
    assert find_corners(scene) is None


def test_a_paper_that_is_seen_whole_goes_before_a_larger_thing_that_is_not() -> None:
    scene = make_scene([(500, 400), (1100, 400), (1100, 780), (500, 780)])
    cv2.rectangle(scene, (0, 900), (1600, 1200), (150, 150, 150), -1)
    found = find_corners(scene)
    assert found is not None
    assert found[:, 1].max() < 800


def test_a_straightened_paper_has_its_own_shape() -> None:
    corners = np.array([(300, 400), (1250, 250), (1350, 850), (380, 950)], np.float32)
    paper = straighten(make_scene([(300, 400), (1250, 250), (1350, 850), (380, 950)]), corners)
    width, height = measure_sides(corners)
    assert paper.shape[1] / paper.shape[0] == pytest.approx(width / height, rel=0.02)
    assert np.median(paper) > 200


@pytest.mark.parametrize(
    ("corners", "is_cut"),
    [
        ([(400, 300), (1200, 300), (1200, 800), (400, 800)], False),
        ([(900, 300), (1599, 300), (1599, 800), (900, 800)], True),
        ([(400, 300), (1599, 300), (1200, 800), (400, 800)], False),  # one corner may touch
    ],
)
def test_cut_off(corners: list[tuple[int, int]], is_cut: bool) -> None:
    assert is_cut_off(np.array(corners, np.float32), make_scene(corners)) == is_cut


def test_noise_alone_never_fails() -> None:
    for seed in range(20):
        size = Random(seed).choice(((64, 64), (300, 90), (90, 300)))  # noqa: S311 (repeatable on purpose)
        noise = np.random.default_rng(seed).integers(0, 256, (*size, 3)).astype(np.uint8)
        corners = find_corners(noise)
        assert corners is None or straighten(noise, corners).ndim == 3
