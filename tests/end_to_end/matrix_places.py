"""The questions at which the matrix tries every pattern, what is answered there (matrix.yml), and what must follow."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from forms.catalogue import Form, Question, load_catalogue
from products.catalogue import list_products
from products.schemas import Product

TOGETHER = 3  # answers in one message on the way to a question
CONTENT = yaml.safe_load(Path(__file__).with_name("matrix.yml").read_text(encoding="utf-8"))
Slots = Mapping[str, Any]
Turns = tuple["Step", ...]


class Answer(NamedTuple):
    """What is said, and what is stored."""

    say: str
    stored: Any


@dataclass(frozen=True)
class Expected:
    """What must follow a message.

    `stored` are the answers kept, no more and no less. `asks` is the slot that is asked for, None for no question at
    all; `hint` is the wording of that question, "" for any. `hear` are words, or responses of domain.yml. `is_new`:
    not the same text as before. `result`: a slot that the finished form leaves, and values in it.
    """

    stored: Slots
    asks: str | None = None
    hint: str = "plain"
    hear: tuple[str, ...] = ()
    is_new: bool = False
    holder: str = "bot"
    result: tuple[str, Any] | None = None


@dataclass(frozen=True)
class Step:
    """A message and what must follow it."""

    say: str
    expected: Expected
    is_button: bool = False


@dataclass(frozen=True)
class Place:
    """A question of a form, asked of customers with a product; everything before it was answered."""

    form: Form
    product: Product
    question: Question
    number: int

    @property
    def slot(self) -> str:
        """The slot of the question."""
        return self.question.slot

    @property
    def questions(self) -> list[Question]:
        """The form's questions for this product."""
        return [question for question in self.form.questions if question.is_asked_of({"product": self.product.id})]

    @property
    def before(self) -> list[Question]:
        """The questions already answered."""
        return self.questions[: self.questions.index(self.question)]

    @property
    def after(self) -> list[Question]:
        """The questions not yet asked."""
        return self.questions[self.questions.index(self.question) + 1 :]

    @property
    def answered(self) -> list[Question]:
        """The questions already answered that a customer may change."""
        return [question for question in self.before if question.kind != "consent"]

    @property
    def stored(self) -> dict[str, Any]:
        """What is stored when the question is asked."""
        return {slot: answer.stored for part in self.messages for slot, answer in part.items()}

    @property
    def messages(self) -> list[dict[str, Answer]]:
        """The answers before the question, by message: a plain one, and what can be told beside it."""
        parts: list[dict[str, Answer]] = []
        for question in self.before:
            is_full = not parts or self.form.consent in parts[-1] or len(parts[-1]) == TOGETHER
            if not is_full and has_answer(question, "told"):
                parts[-1][question.slot] = self.find(question, "told")
            else:
                parts.append({question.slot: self.find(question, "answer")})
        return parts

    def fill(self, stored: Slots | None) -> Iterator["Step"]:
        """The messages that lead to the question from where `stored` is answered, or from the first word (None)."""
        if stored is None:
            stored = {}
            yield Step(CONTENT["starts"][self.form.id], self.go_on(stored))
        for part in self.messages:
            left = {slot: answer for slot, answer in part.items() if slot not in stored}
            if not left:
                continue
            stored = {**stored, **{slot: answer.stored for slot, answer in left.items()}}
            yield Step("，".join(answer.say for answer in left.values()), self.go_on(stored))
            if self.form.consent in left and self.form.optional:
                yield Step(CONTENT["more"], self.go_on(stored))

    def find(self, question: Question, kind: str) -> Answer:
        """What a customer with this product says to a question, see matrix.yml."""
        return find_answer(question, kind, self.product)

    def stay(self, **more: Any) -> Expected:
        """Nothing changes and the question is asked again."""
        return Expected(stored=self.stored, asks=self.slot, **more)

    def go_on(self, stored: Slots, **more: Any) -> Expected:
        """What is stored now, and the first question that it does not answer; the result when there is none."""
        asked = find_next(self.form, stored)
        return Expected(dict(stored), asked, **more) if asked else finish(self.form, stored)


def find_answer(question: Question, kind: str, product: Product) -> Answer:
    """What a customer of a product says to a question, and what is stored then."""
    is_product = question.kind == "product"
    answers = CONTENT["products"][product.id] if is_product else CONTENT["answers"][question.slot]
    return Answer(*answers[kind])


def has_answer(question: Question, kind: str) -> bool:
    """Whether customers say that of the question."""
    return question.kind == "product" or kind in CONTENT["answers"].get(question.slot, {})


def find_next(form: Form, stored: Slots) -> str | None:
    """The first question of the form that is not answered yet."""
    asked = [question.slot for question in form.questions if question.is_asked_of(stored)]
    return next((slot for slot in asked if slot not in stored), None)


def finish(form: Form, stored: Slots) -> Expected:
    """The form is done: its answers are forgotten, the result is told and kept."""
    told = {slot: value for slot, value in stored.items() if slot != form.consent}
    response, result = {
        "application_form": ("utter_application_submitted", ("application_number", "QH")),
        "quota_form": ("utter_quota_approve", ("quota_summary", {"answers": told})),
        "repayment_form": ("utter_repayment", ("calculation", told)),
    }[form.id]
    return Expected({}, hear=(response,), result=result)


def list_places() -> Iterator[Place]:
    """Every question of the forms that anybody can open; for further products those only such customers are asked.

    A visit needs an application, and its times are those of the day: tests/end_to_end/dialogues/visits.yml.
    """
    numbers = count()
    for form in (load_catalogue().forms[name] for name in CONTENT["starts"]):
        variants: dict[tuple[str, ...], Product] = {}
        for product in list_products():
            variants.setdefault(tuple(form.list_answers({"product": product.id})), product)
        for number, product in enumerate(variants.values()):
            for question in form.questions:
                is_new = bool(question.customers) if number else True
                if is_new and question.is_asked_of({"product": product.id}):
                    yield Place(form, product, question, next(numbers))
