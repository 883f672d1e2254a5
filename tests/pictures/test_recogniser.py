"""The real models on made-up papers: hard ones are read, unreadable ones refused."""

from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from PIL import Image

from pictures.reading import read_picture
from pictures.recogniser import Recogniser
from pictures.schemas import PictureReading
from tests.pictures import specimens
from tests.pictures.made_up import make_up_person
from tests.pictures.papers import draw_card_front
from tests.pictures.photographs import Conditions, photograph
from tests.pictures.test_image import encode

pytestmark = pytest.mark.slow

Read = Callable[[bytes], PictureReading]


@pytest.fixture(scope="module")
def read() -> Read:
    recognise = Recogniser()
    return lambda content: read_picture(content, recognise)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(1, 6))])
def test_hard_cards(read: Read, seed: int) -> None:
    content, person = specimens.make_card(seed)
    reading = read(content)
    assert (reading.kind, reading.quality) == ("identity_card", "good")
    assert (reading.fields["id_number"], reading.fields["sex"]) == (person.id_number, person.sex)


@pytest.mark.parametrize(
    ("how", "told"), [("blur", "blurred"), ("glare", "glare"), ("cover", "good"), ("cropped", "cropped")]
)
def test_unreadable_cards_are_refused_with_the_reason(read: Read, how: specimens.Spoiled, told: str) -> None:
    reading = read(specimens.make_unreadable_card(7, how)[0])
    assert (reading.fields, reading.quality) == ({}, told)


@pytest.mark.parametrize(
    "quarter_turns", [1, *(pytest.param(turns, marks=pytest.mark.exhaustive) for turns in (0, 2, 3))]
)
def test_a_card_may_lie_any_way(read: Read, quarter_turns: int) -> None:
    rng = Random(5)  # noqa: S311 (repeatable on purpose)
    person = make_up_person(rng)
    paper = np.rot90(np.asarray(draw_card_front(person, rng)), quarter_turns)
    fields = read(encode(Image.fromarray(paper))).fields
    assert (fields["id_number"], fields["name"], fields["address"]) == (person.id_number, person.name, person.address)


@pytest.mark.parametrize(("strength", "is_given"), [(1.3, False), (0.15, True)])
def test_a_text_that_glare_has_taken_a_part_of_is_left_out(read: Read, strength: float, is_given: bool) -> None:
    rng = Random(5)  # noqa: S311 (repeatable on purpose)
    person = make_up_person(rng)
    glare = Conditions(glare=[(0.5, 0.46, 0.09, strength)])  # over the end of the address's first line
    fields = read(photograph(draw_card_front(person, rng), glare, rng)).fields
    assert (fields["id_number"], fields["name"]) == (person.id_number, person.name)
    assert fields.get("address") == (person.address if is_given else None)


def test_a_back(read: Read) -> None:
    content, person = specimens.make_card_back(1)
    assert read(content).fields == {"issued_by": person.issued_by, "valid_until": str(person.valid_until)}


def test_a_licence(read: Read) -> None:
    content, firm = specimens.make_licence(3)
    fields = read(content).fields
    assert {name: fields[name] for name in ("company", "credit_code", "legal_person", "address")} == {
        "company": firm.company,
        "credit_code": firm.credit_code,
        "legal_person": firm.legal_person,
        "address": firm.address,
    }


def test_a_contract(read: Read) -> None:
    content, contract = specimens.make_contract(1)
    assert read(content).fields == {
        "name": contract.name,
        "land_mu": contract.land_mu,
        "place": contract.place,
        "valid_until": str(contract.valid_until),
    }


def test_a_statement(read: Read) -> None:
    content, statement = specimens.make_statement(4)
    fields = read(content).fields
    assert (fields["name"], fields["account"]) == (statement.name, statement.account[-4:])
    assert (fields["total_in"], fields["total_out"]) == (statement.total_in / 100, statement.total_out / 100)


def test_an_empty_picture(read: Read) -> None:
    assert read(encode(Image.new("RGB", (800, 600), (120, 130, 140)))).kind == "unknown"
