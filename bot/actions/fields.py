"""The fields of a form: each question of the catalogue with the reader of its kind."""

from collections.abc import Callable
from functools import partial

from bot.actions.form_reading import Field, Slots
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

# What counts as an answer of a kind; see `Field`.
FIELDS: dict[Kind, Callable[..., Field]] = {
    "consent": partial(Field, read=read_consent),
    "confirmation": partial(Field, read=read_confirmation),
    "product": partial(Field, read=read_product, pick_up=pick_up_product),
    "loan_amount": partial(Field, read=read_sum(limit_amount), pick_up=read_sum(limit_amount), check=check_amount),
    "loan_term": partial(Field, read=read_term(limit_term), pick_up=read_term(limit_term), check=check_term),
    "amount": partial(Field, read=read_sum(_ANY_SUM, may_be_none=True)),
    "yearly_amount": partial(Field, read=read_sum(_ANY_SUM, is_yearly=True)),
    "area": partial(Field, read=read_area),
    "years": partial(Field, read=read_years),
    "yes_no": partial(Field, read=read_yes_no),
    "purpose": partial(Field, read=read_purpose),
    "place": partial(Field, read=read_place),
    "name": partial(Field, read=read_name),
    "phone": partial(Field, read=read_phone_number),
}


def make_fields(form: Form) -> tuple[Field, ...]:
    """The form's fields in the order they are asked."""
    return tuple(_make_field(form, question) for question in form.questions)


def _make_field(form: Form, question: Question) -> Field:
    def applies(slots: Slots) -> bool:
        has_consent = form.consent in (None, question.slot) or slots.get(form.consent or "") is True
        product = get_product(slots) if question.products else None
        return has_consent and question.is_asked_of(product.id if product else None)

    return FIELDS[question.kind](
        slot=question.slot, words=question.words, companions=question.companions, applies=applies
    )
