"""Answers in words for customers: one, several in a sentence, or all of a form."""

from collections.abc import Iterable, Sequence
from typing import Any

from bot.actions.slots import Slots
from forms.catalogue import Question
from kit.money import format_quantity, format_years

_NONE = {"land_mu": "不种地"}


def describe_answer(question: Question, value: Any) -> str:
    """One answer: 8万元, 1年, 没有."""
    if isinstance(value, bool):
        return "有" if value else "没有"
    if question.kind == "years" and value:
        return format_years(value)
    if question.unit:
        if value == 0 and question.kind in ("amount", "area"):
            return _NONE.get(question.slot, "没有")
        return format_quantity(value, question.unit)
    return str(value)


def describe_answers(questions: Iterable[Question], slots: Slots) -> str:
    """Several with their labels: 金额8万元，期限2年."""
    return "，".join(f"{question.label}{describe_answer(question, slots[question.slot])}" for question in questions)


def describe_summary(questions: Sequence[Question], slots: Slots, notes: Sequence[str] = ()) -> dict[str, Any]:
    """What a response needs to show answers for checking: in a sentence, and as a card."""
    rows = [describe_row(question, slots) for question in questions]
    card = {"kind": "summary", "title": "请核对", "rows": rows, "notes": [*notes]}
    return {"answers": describe_answers(questions, slots), "json_message": {"card": card}}


def describe_row(question: Question, slots: Slots) -> dict[str, str]:
    """A row of a summary card: pressed, it says that this is to be changed."""
    value = describe_answer(question, slots[question.slot])
    return {"label": question.label, "value": value, "say": f"改{question.label}"}
