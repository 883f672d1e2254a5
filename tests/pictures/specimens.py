"""Specimens: photographs of made-up papers, hard or unreadable, each known by its seed."""

from random import Random
from typing import Literal

from tests.pictures import papers
from tests.pictures.made_up import (
    Contract,
    Firm,
    Person,
    Statement,
    make_up_contract,
    make_up_firm,
    make_up_person,
    make_up_statement,
)
from tests.pictures.photographs import Conditions, make_hard_conditions, photograph

Spoiled = Literal["blur", "glare", "cover", "dark", "cropped", "small"]
SPOILED: tuple[Spoiled, ...] = ("blur", "glare", "cover", "dark", "cropped", "small")
NUMBER = (0.3, 0.8, 0.93, 0.92)  # where the number stands on a card


def make_card(seed: int) -> tuple[bytes, Person]:
    """A hard photograph of a card's front, and what it says."""
    rng = Random(seed)  # noqa: S311 (repeatable on purpose)
    person = make_up_person(rng)
    paper = papers.draw_card_front(person, rng)
    return photograph(paper, make_hard_conditions(rng, reserved=NUMBER), rng), person


def make_card_back(seed: int) -> tuple[bytes, Person]:
    rng = Random(seed)  # noqa: S311 (repeatable on purpose)
    person = make_up_person(rng)
    conditions = make_hard_conditions(rng, reserved=(0.2, 0.6, 0.9, 0.9))
    return photograph(papers.draw_card_back(person, rng), conditions, rng), person


def make_licence(seed: int) -> tuple[bytes, Firm]:
    rng = Random(seed)  # noqa: S311 (repeatable on purpose)
    firm = make_up_firm(rng)
    conditions = make_hard_conditions(rng, reserved=(0.05, 0.15, 0.6, 0.5))
    return photograph(papers.draw_licence(firm, rng), conditions, rng), firm


def make_contract(seed: int) -> tuple[bytes, Contract]:
    rng = Random(seed)  # noqa: S311 (repeatable on purpose)
    contract = make_up_contract(rng)
    conditions = make_hard_conditions(rng, reserved=(0.0, 0.1, 1.0, 0.9))
    return photograph(papers.draw_contract(contract, rng), conditions, rng), contract


def make_statement(seed: int) -> tuple[bytes, Statement]:
    rng = Random(seed)  # noqa: S311 (repeatable on purpose)
    statement = make_up_statement(rng)
    conditions = make_hard_conditions(rng, reserved=(0.0, 0.0, 1.0, 1.0))
    return photograph(papers.draw_statement(statement, rng), conditions, rng), statement


def make_unreadable_card(seed: int, how: Spoiled) -> tuple[bytes, Person]:
    """A photograph of a card's front whose number nobody can read, and what it would say."""
    rng = Random(seed)  # noqa: S311 (repeatable on purpose)
    person = make_up_person(rng)
    conditions = make_hard_conditions(rng, reserved=(0.0, 0.0, 1.0, 1.0))
    _spoil(conditions, how, rng)
    return photograph(papers.draw_card_front(person, rng), conditions, rng), person


def _spoil(conditions: Conditions, how: Spoiled, rng: Random) -> None:
    match how:
        case "blur":
            conditions.blur = rng.uniform(22, 32)
        case "glare":
            conditions.glare = [(rng.uniform(0.5, 0.75), 0.86, rng.uniform(0.12, 0.2), 3.0)]
        case "cover":
            left = rng.uniform(0.4, 0.7)
            conditions.cover = (left, 0.78, left + rng.uniform(0.06, 0.2), 1.0)
        case "dark":
            conditions.light, conditions.noise, conditions.shadow = 0.05, 9.0, 0.3
        case "cropped":
            conditions.turn = rng.uniform(-5, 5)
            conditions.quarter_turns, conditions.share = 0, 0.78
            conditions.shift = (rng.uniform(0.35, 0.45), 0.0)
        case "small":
            conditions.share = rng.uniform(0.06, 0.1)
