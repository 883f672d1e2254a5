"""The fields of a form: each question of the catalogue with the reader of its kind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.actions.form_reading import Field, Slots, Unclear, stays_valid
from bot.actions.product_field import (
    check_amount,
    check_term,
    get_product,
    limit_amount,
    limit_term,
    pick_up_product,
    read_product,
)
from bot.actions.readers import (
    Reader,
    make_limits,
    read_area,
    read_confirmation,
    read_consent,
    read_name,
    read_phone_number,
    read_place,
    read_purpose,
    read_sum,
    read_term,
    read_years,
    read_yes_no,
)
from forms.catalogue import Form, Kind, Question

_ANY_SUM = make_limits(0, 1_000_000_000)


@dataclass(frozen=True, slots=True)
class AnswerReaders:
    """What counts as an answer of a kind; see `Field`."""

    read: Reader
    pick_up: Reader | None = None
    check: Callable[[Any, Slots], Unclear | None] = stays_valid


ANSWER_READERS: dict[Kind, AnswerReaders] = {
    "consent": AnswerReaders(read_consent),
    "confirmation": AnswerReaders(read_confirmation),
    "product": AnswerReaders(read_product, pick_up_product),
    "loan_amount": AnswerReaders(read_sum(limit_amount), read_sum(limit_amount), check_amount),
    "loan_term": AnswerReaders(read_term(limit_term), read_term(limit_term), check_term),
    "amount": AnswerReaders(read_sum(_ANY_SUM, may_be_none=True)),
    "yearly_amount": AnswerReaders(read_sum(_ANY_SUM, is_yearly=True)),
    "area": AnswerReaders(read_area),
    "years": AnswerReaders(read_years),
    "yes_no": AnswerReaders(read_yes_no),
    "purpose": AnswerReaders(read_purpose),
    "place": AnswerReaders(read_place),
    "name": AnswerReaders(read_name),
    "phone": AnswerReaders(read_phone_number),
}


def make_fields(form: Form) -> tuple[Field, ...]:
    """The form's fields in the order they are asked."""
    return tuple(_make_field(form, question) for question in form.questions)


def _make_field(form: Form, question: Question) -> Field:
    def applies(slots: Slots) -> bool:
        has_consent = form.consent in (None, question.slot) or slots.get(form.consent or "") is True
        product = get_product(slots) if question.products else None
        return has_consent and question.is_asked_of(product.id if product else None)

    rules = ANSWER_READERS[question.kind]
    return Field(
        slot=question.slot,
        read=rules.read,
        pick_up=rules.pick_up,
        words=question.words,
        companions=question.companions,
        applies=applies,
        check=rules.check,
    )
