"""Each purpose is agreed to by itself, and says what needs it and what becomes of it."""

from typing import get_args

import pytest

from forms.catalogue import load_catalogue
from privacy.notice import list_sections
from privacy.purposes import Need, list_missing, load_purposes


@pytest.mark.parametrize(
    ("need", "given", "missing"),
    [
        ("score", [], ["quota"]),
        ("score", ["application", "sharing"], ["quota"]),
        ("score", ["quota"], []),
        ("ask_application", ["quota"], ["application"]),
        ("submit", ["application"], ["sharing"]),
        ("submit", ["application", "sharing"], []),  # neither the credit inquiry nor promotions
        ("query_credit", ["application", "sharing"], ["credit_inquiry"]),
        ("promote", ["application", "sharing", "credit_inquiry"], ["marketing"]),
    ],
)
def test_an_act_waits_for_its_own_consents_alone(need: Need, given: list[str], missing: list[str]) -> None:
    assert list_missing(need, given) == missing


def test_no_act_is_free_for_want_of_a_purpose() -> None:
    assert all(list_missing(need, []) for need in get_args(Need))


def test_what_a_yes_gives_is_a_purpose_and_each_form_that_asks_has_its_own() -> None:
    catalogue = load_catalogue()
    assert {question.gives for question in catalogue.questions.values()} - {""} <= load_purposes().keys()
    first = [catalogue.questions[form.consent].gives for form in catalogue.forms.values() if form.consent]
    assert sorted(first) == ["application", "quota"]


def test_the_page_tells_each_with_what_a_withdrawal_ends() -> None:
    told = "\n".join(text for _, texts in list_sections() for text in texts)
    assert all(each.use in told and each.withdrawn in told for each in load_purposes().values())
