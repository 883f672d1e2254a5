"""The last gate: what may be handed in, whatever the dialogue did."""

from typing import Any

import pytest
from pydantic import ValidationError

from applications.schemas import ApplicationIn
from kit.money import format_months, format_yuan


def test_a_complete_form_is_taken(form: dict[str, Any]) -> None:
    assert ApplicationIn.model_validate(form).model_dump() == form


def test_outer_white_space_goes(form: dict[str, Any]) -> None:
    taken = ApplicationIn.model_validate({**form, "name": " 张建国\n", "purpose": "\u3000买化肥 "})
    assert (taken.name, taken.purpose) == ("张建国", "买化肥")


@pytest.mark.parametrize(
    ("product", "low", "high", "longest"),
    [
        ("farmer_loan", 1_000, 300_000, 36),
        ("trader_loan", 5_000, 300_000, 36),
        ("firm_loan", 10_000, 3_000_000, 24),
    ],
)
def test_limits_are_those_of_the_product(form: dict[str, Any], product: str, low: int, high: int, longest: int) -> None:
    for amount, term in ((low, 1), (high, longest)):
        ApplicationIn.model_validate({**form, "product": product, "amount": amount, "term": term})
    for amount in (low - 1, high + 1, 0, -low):
        with pytest.raises(ValidationError, match=f"{format_yuan(low)}到{format_yuan(high)}"):
            ApplicationIn.model_validate({**form, "product": product, "amount": amount})
    for term in (0, longest + 1, -1):
        with pytest.raises(ValidationError, match=f"期限不超过{format_months(longest)}"):
            ApplicationIn.model_validate({**form, "product": product, "amount": low, "term": term})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("product", "house_loan"),
        ("product", "农户贷"),
        ("amount", "50000"),
        ("amount", 50_000.0),
        ("amount", True),
        ("amount", None),
        ("term", "12"),
        ("phone", "23812345678"),
        ("phone", "1381234567"),
        ("phone", "138123456789"),
        ("phone", "138 1234 5678"),
        ("phone", "138１２３４５６７８"),
        ("phone", 13812345678),
        ("phone", "13812345678\n"),
        ("name", "张"),
        ("name", "张" * 21),
        ("name", " \n "),
        ("purpose", ""),
        ("purpose", " "),
        ("purpose", "买" * 101),
        ("region", ""),
        ("conversation_id", ""),
        ("conversation_id", "c" * 65),
        ("consent_version", ""),
    ],
)
def test_a_wrong_value_is_refused_by_name(form: dict[str, Any], field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        ApplicationIn.model_validate({**form, field: value})
    assert [error["loc"] for error in refused.value.errors()] == [(field,)]


def test_every_field_is_needed_and_no_other_is_taken(form: dict[str, Any]) -> None:
    for field in form:
        with pytest.raises(ValidationError, match=field):
            ApplicationIn.model_validate({key: value for key, value in form.items() if key != field})
    with pytest.raises(ValidationError, match="stage"):
        ApplicationIn.model_validate({**form, "stage": "approved"})
