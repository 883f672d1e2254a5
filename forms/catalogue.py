"""Reads the form catalogue, catalogue.yml beside this file."""

from functools import cache
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from products import schemas as products
from products.catalogue import find_product

_FILE = Path(__file__).with_name("catalogue.yml")

# An `amount` may be none (没有), a `yearly_amount` told by the month; the limits of a loan are its product's.
Kind = Literal[
    "consent",
    "product",
    "loan_amount",
    "loan_term",
    "amount",
    "yearly_amount",
    "area",
    "years",
    "yes_no",
    "purpose",
    "place",
    "name",
    "phone",
    "confirmation",
]
# Answers, and facts, that are somebody's own words about themselves.
PERSONAL_KINDS = frozenset({"name", "phone", "place", "purpose"})
_UNITS: dict[Kind, str] = {
    "loan_amount": "元",
    "loan_term": "个月",
    "amount": "元",
    "yearly_amount": "元",
    "area": "亩",
    "years": "年",
}


class Question(BaseModel):
    """One question; its answer is kept in `slot`. Without `customers` it is asked of every kind of customer.

    `words` are what customers call it when they change it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slot: str
    label: str
    kind: Kind
    customers: tuple[products.Kind, ...] = ()
    words: tuple[str, ...] = ()
    asks_for: str = ""

    @property
    def role(self) -> str:
        """What facts call it: another question's slot where both ask for the same thing."""
        return self.asks_for or self.slot

    @property
    def unit(self) -> str:
        """The unit of its answer: 元, 个月, 亩, 年 or none."""
        return _UNITS.get(self.kind, "")

    @property
    def awaits_number(self) -> bool:
        """Whether a bare number may be the answer; buttons under it must then not be numbered."""
        return self.kind in _UNITS or self.kind == "phone"

    def is_asked_of(self, product_id: str | None) -> bool:
        """Whether it is asked of a customer with this product, or with none yet."""
        product = find_product(product_id) if product_id else None
        return not self.customers or (product is not None and product.kind in self.customers)


class Form(BaseModel):
    """A form and its questions in order; `starts` are the intents that open it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    starts: tuple[str, ...]
    questions: tuple[Question, ...]

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots of its questions, in their order."""
        return tuple(question.slot for question in self.questions)

    @property
    def consent(self) -> str | None:
        """The slot of the consent without which nothing else is asked."""
        return self.questions[0].slot if self.questions[0].kind == "consent" else None

    def list_answers(self, product_id: str | None) -> list[str]:
        """The slots of the customer's answers, without consent, product and confirmation."""
        return [
            question.slot
            for question in self.questions
            if question.kind not in ("consent", "product", "confirmation") and question.is_asked_of(product_id)
        ]


class Catalogue(BaseModel):
    """All forms and questions, by id and by slot."""

    model_config = ConfigDict(frozen=True)

    forms: dict[str, Form]
    questions: dict[str, Question]

    def awaits_number(self, slot: str | None) -> bool:
        """Whether the question for this slot, if there is one, may be answered by a bare number."""
        return slot is not None and slot in self.questions and self.questions[slot].awaits_number

    @model_validator(mode="after")
    def check_references(self) -> Self:
        """Every question belongs to a form, what it asks for exists, and a consent comes first."""
        asked = {question.slot for form in self.forms.values() for question in form.questions}
        named = {question.role for question in self.questions.values()}
        if stray := (self.questions.keys() - asked) | (named - self.questions.keys()):
            raise ValueError(f"in no form, or unknown: {sorted(stray)}")
        if any(question.kind == "consent" for form in self.forms.values() for question in form.questions[1:]):
            raise ValueError("a consent is the first question of its form")
        return self


@cache
def load_catalogue(path: Path = _FILE) -> Catalogue:
    """The catalogue; raises pydantic.ValidationError or KeyError for a wrong file."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    questions = {slot: Question(slot=slot, **values) for slot, values in content["questions"].items()}
    forms = {
        form_id: Form(**{**values, "id": form_id, "questions": [questions[slot] for slot in values["questions"]]})
        for form_id, values in content["forms"].items()
    }
    return Catalogue(forms=forms, questions=questions)
