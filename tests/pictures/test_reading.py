"""The way from bytes to fields, with a scripted recogniser."""

import pytest
from PIL import Image

from kit.errors import RequestError
from pictures.reading import read_picture
from tests.pictures.fakes import ScriptedRecogniser
from tests.pictures.pages import make_lines
from tests.pictures.test_identity_card import NUMBER, write_card
from tests.pictures.test_image import encode, make_image
from tests.pictures.test_paper import make_scene

DESK = encode(Image.fromarray(make_scene([(400, 300), (1200, 300), (1200, 800), (400, 800)])))


def test_a_card_on_a_desk_is_straightened_and_read() -> None:
    recognise = ScriptedRecogniser(make_lines(write_card()))
    reading = read_picture(DESK, recognise)
    assert (reading.kind, reading.quality, reading.fields["id_number"]) == ("identity_card", "good", NUMBER)
    [(height, width, _)] = recognise.shown
    assert width == 1280
    assert height / width == pytest.approx(0.625, abs=0.02)


def test_where_the_shape_found_says_nothing_the_whole_picture_is_read() -> None:
    recognise = ScriptedRecogniser([], make_lines(write_card()))
    assert read_picture(DESK, recognise).fields["id_number"] == NUMBER
    assert recognise.shown[1] == (1200, 1600, 3)


def test_where_the_shape_found_holds_half_a_card_the_whole_picture_is_read() -> None:
    half = write_card(NUMBER[:9])
    assert read_picture(DESK, ScriptedRecogniser(make_lines(half), make_lines(write_card()))).fields != {}


def test_a_second_look_that_says_less_changes_nothing() -> None:
    reading = read_picture(DESK, ScriptedRecogniser(make_lines(write_card("")), []))
    assert (reading.kind, reading.fields) == ("identity_card", {})


def test_a_number_that_is_not_certain_leaves_no_fields() -> None:
    reading = read_picture(DESK, ScriptedRecogniser(make_lines(write_card(NUMBER[:-1]))))
    assert (reading.kind, reading.fields) == ("identity_card", {})


def test_a_picture_of_something_else_is_unknown() -> None:
    reading = read_picture(encode(make_image()), ScriptedRecogniser([]))
    assert (reading.kind, reading.fields) == ("unknown", {})


def test_a_dark_picture_is_told_at_once() -> None:
    recognise = ScriptedRecogniser([])
    assert read_picture(encode(Image.new("RGB", (1600, 1200), (9, 9, 9))), recognise).quality == "dark"
    assert len(recognise.shown) == 1


def test_what_is_no_picture_is_not_shown_to_the_models() -> None:
    recognise = ScriptedRecogniser([])
    with pytest.raises(RequestError):
        read_picture(b"GIF89a", recognise)
    assert recognise.shown == []
