"""Answers in words for customers: one, several in a sentence, or all of a form."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from bot.actions.slots import Slots
from forms.catalogue import LEFT_OPEN, Question
from kit.money import format_quantity, format_years

_NONE = {"land_mu": "不种地"}
# More answers than these are not read in one sentence.
SENTENCE_MAX = 8
LINES_END = "\n就这些"  # so that the sentence goes on after them


def describe_answer(question: Question, value: Any) -> str:
    """One answer: 8万元, 1年, 没有."""
    if value == LEFT_OPEN:
        return "稍后补"
    if question.kind == "identity_number":
        return f"{value[:6]}********{value[-4:]}"
    if isinstance(value, bool):
        return "有" if value else "没有"
    if question.kind == "visit_time":
        at = datetime.fromisoformat(value)
        return f"{at.month}月{at.day}日{at.hour}:{at.minute:02}"
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
    """What a response needs to show answers for checking: in a sentence, or in lines if there are many; as a card."""
    rows = [describe_row(question, slots) for question in questions]
    card = {"kind": "summary", "title": "请核对", "rows": rows, "notes": [*notes]}
    answers = describe_answers(questions, slots)
    if len(questions) > SENTENCE_MAX:
        answers = "".join(f"\n· {line}" for line in _list_lines(questions, slots)) + LINES_END
    return {"answers": answers, "json_message": {"card": card}}


def _list_lines(questions: Sequence[Question], slots: Slots) -> Iterator[str]:
    """A line for each answer, and one for all that was left open."""
    answered = [question for question in questions if slots[question.slot] != LEFT_OPEN]
    yield from (describe_answers([question], slots) for question in answered)
    if left := [question.label for question in questions if question not in answered]:
        yield f"见面再补：{'、'.join(left)}"


def describe_row(question: Question, slots: Slots) -> dict[str, str]:
    """A row of a summary card: pressed, it says that this is to be changed."""
    value = describe_answer(question, slots[question.slot])
    return {"label": question.label, "value": value, "say": f"改{question.label}"}
