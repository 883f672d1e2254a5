"""What is wrong with a picture: dark, small, blurred, cut off, glare; the first of them is told."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from pictures.image import Pixels
from pictures.quality import judge


def make_paper(brightness: int = 200) -> Pixels:
    """Black bars on grey, as lines of text are."""
    image = Image.new("RGB", (1280, 800), (brightness,) * 3)
    pen = ImageDraw.Draw(image)
    for y in range(100, 700, 60):
        for x in range(100, 1000, 30):
            pen.rectangle((x, y, x + 12, y + 30), fill=(brightness // 8,) * 3)
    return np.asarray(image)


def tell(paper: Pixels, *, is_cut: bool = False, width: float | None = 1200, text_height: float | None = 30) -> str:
    return judge(paper, is_cut=is_cut, width=width, text_height=text_height)


@pytest.mark.parametrize("brightness", [90, 200, 250])
def test_nothing_is_wrong_with_a_sharp_paper(brightness: int) -> None:
    assert tell(make_paper(brightness)) == "good"


def test_dark() -> None:
    assert tell(make_paper(40)) == "dark"


def test_blurred() -> None:
    assert tell(np.asarray(cv2.GaussianBlur(make_paper(), (0, 0), 9), np.uint8)) == "blurred"


def test_noise_does_not_make_a_blurred_picture_sharp() -> None:
    noise = np.random.default_rng(1).normal(0, 6, (800, 1280, 1))
    blurred = cv2.GaussianBlur(make_paper(), (0, 0), 9) + noise
    assert tell(np.asarray(np.clip(blurred, 0, 255), np.uint8)) == "blurred"


def test_glare() -> None:
    paper = make_paper().copy()
    cv2.circle(paper, (500, 400), 150, (255, 255, 255), -1)
    assert tell(paper) == "glare"


def test_white_paper_is_no_glare() -> None:
    assert tell(make_paper(255)) == "good"


@pytest.mark.parametrize(("width", "text_height"), [(300, 30), (1200, 8), (None, 8)])
def test_small(width: float | None, text_height: float) -> None:
    assert tell(make_paper(), width=width, text_height=text_height) == "small"


def test_cropped() -> None:
    assert tell(make_paper(), is_cut=True) == "cropped"


def test_what_has_to_be_mended_first_is_told() -> None:
    assert tell(make_paper(40), is_cut=True, width=300) == "dark"
    assert tell(make_paper(), is_cut=True, width=300) == "small"
