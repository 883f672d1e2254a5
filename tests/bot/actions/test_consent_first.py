"""Walks through every form of the catalogue: before the yes, nothing personal is asked or taken, whatever is told."""

import pytest

from bot.actions.form_filling import fill
from bot.actions.slots import EARLY
from forms.catalogue import Form, load_catalogue
from privacy.purposes import load_purposes
from products.catalogue import list_products
from understanding.schemas import Act, Fact
from understanding.situation import ANSWERS

FORMS = [*load_catalogue().forms.values()]
# What somebody asks of a loan, not tells of themselves.
IMPERSONAL = {"loan_amount", "loan_term", "product"}
# Opened only for an application, whose consent stands (bot/actions/visits.py, completion.py).
AFTER_CONSENT = {"visit_form", "completion_form"}
WITH_CONSENT = [form for form in FORMS if form.consent]


def tell_all(form: Form, name: str) -> Act:
    """Everything at once, of every question that takes facts."""
    told = [
        Fact(kind=kind, role=question.slot, text="farmer_loan" if kind == "product" else "某某", low=5, high=5)
        for question in form.questions
        for kind in ANSWERS.get(question.kind, ())[:1]
    ]
    return Act(name=name, facts=tuple(told))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_a_form_that_asks_anything_personal_begins_with_a_consent(form: Form) -> None:
    if {question.kind for question in form.questions} <= IMPERSONAL or form.id in AFTER_CONSENT:
        return
    assert form.consent
    assert load_catalogue().questions[form.consent].gives in load_purposes()


@pytest.mark.parametrize("form", WITH_CONSENT, ids=lambda form: form.id)
@pytest.mark.parametrize("product", [None, *(product.id for product in list_products())])
def test_before_the_yes_nothing_is_taken_or_asked(form: Form, product: str | None) -> None:
    slots = {"product": product} if product else {}
    for requested, act in [
        *((None, tell_all(form, start)) for start in form.starts),
        (form.consent, tell_all(form, "inform")),
        *((form.consent, Act(name=name)) for name in ("skip", "dont_know", "repeat", "rephrase", "rather_not_say")),
    ]:
        update = fill(form, slots, requested, act)
        assert update
        assert update.requested == form.consent
        assert update.values.keys() <= {EARLY}


@pytest.mark.parametrize("form", WITH_CONSENT, ids=lambda form: form.id)
def test_after_a_no_the_form_is_over_and_what_was_told_forgotten(form: Form) -> None:
    update = fill(
        form, {EARLY: [{"kind": "name"}]}, form.consent, Act(name="inform", values={str(form.consent): False})
    )
    assert update
    assert (update.requested, update.values) == (None, {str(form.consent): False, EARLY: None})
