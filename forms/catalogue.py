"""Reads the form catalogue, catalogue.yml beside this file."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from products import schemas as products
from products.catalogue import find_product

_FILE = Path(__file__).with_name("catalogue.yml")

# A `consent` comes first, and nothing is asked without it. An `amount` may be none (没有), a `yearly_amount` told by
# the month; the limits of a loan are its product's.
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
    "identity_number",
    "livelihood",
    "company",
    "credit_code",
    "people",
    "possession",
    "choice",
    "method",
    "confirmation",
    "visit_time",
]
# Answers, and facts, that are somebody's own words about themselves.
PERSONAL_KINDS = frozenset(
    {"name", "phone", "place", "purpose", "identity_number", "livelihood", "company", "credit_code"}
)
_UNITS: dict[Kind, str] = {
    "loan_amount": "元",
    "loan_term": "个月",
    "amount": "元",
    "yearly_amount": "元",
    "area": "亩",
    "years": "年",
    "people": "人",
}
When = Literal["always", "several_methods", "spouse_consent"]
Answers = Mapping[str, Any]
# The answer to a question that a customer left open.
LEFT_OPEN = ""


class Question(BaseModel):
    """One question; its answer is kept in `slot`. Without `customers` it is asked of every kind of customer.

    `when`: only if the product has several ways of repaying, or needs the spouse's consent to such a sum.
    `options`: what may be chosen, each with a regular expression of how customers say it; of the ways of repaying the
    product says them. `words` are what customers call it when they change it. A yes to it `gives` the consent to a
    purpose (privacy/purposes.yml).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slot: str
    label: str
    kind: Kind
    customers: tuple[products.Kind, ...] = ()
    when: When = "always"
    options: dict[str, str] = {}
    words: tuple[str, ...] = ()
    asks_for: str = ""
    gives: str = ""

    @property
    def role(self) -> str:
        """What facts call it: another question's slot where both ask for the same thing."""
        return self.asks_for or self.slot

    @property
    def unit(self) -> str:
        """The unit of its answer: 元, 个月, 亩, 年, 人 or none."""
        return _UNITS.get(self.kind, "")

    @property
    def awaits_number(self) -> bool:
        """Whether a bare number may be the answer; buttons under it must then not be numbered."""
        return self.kind in _UNITS or self.kind in ("phone", "identity_number")

    @property
    def is_answered(self) -> bool:
        """Whether it is neither the consent, nor the product, nor the confirmation."""
        return self.kind not in ("consent", "product", "confirmation")

    def is_asked_of(self, answers: Answers) -> bool:
        """Whether it is asked of a customer with these answers, so far, to other questions."""
        product = find_product(str(answers.get("product") or ""))
        if product is None:
            return not self.customers and self.when == "always"
        if self.customers and product.kind not in self.customers:
            return False
        if self.when == "spouse_consent":
            return product.needs_spouse(answers.get("amount") or 0)
        return self.when == "always" or len(product.repayment) > 1


class Form(BaseModel):
    """A form and its questions in order; `starts` are the intents that open it, `optional` slots may be left open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    starts: tuple[str, ...]
    questions: tuple[Question, ...]
    optional: frozenset[str] = frozenset()

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots of its questions, in their order."""
        return tuple(question.slot for question in self.questions)

    @property
    def consent(self) -> str | None:
        """The slot of the consent without which nothing else is asked."""
        return self.questions[0].slot if self.questions[0].kind == "consent" else None

    def list_answers(self, answers: Answers) -> list[str]:
        """The slots of the customer's answers, without consent, product and confirmation."""
        return [question.slot for question in self.questions if question.is_answered and question.is_asked_of(answers)]


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
    forms: dict[str, Form] = {}
    for form_id, values in content["forms"].items():
        own = [questions[slot] for slot in values["questions"]]
        others = forms[values.pop("answers_of")].questions if "answers_of" in values else ()
        answers = [question for question in others if question.is_answered]
        forms[form_id] = Form(**{**values, "id": form_id, "questions": [*answers, *own]})
    return Catalogue(forms=forms, questions=questions)
