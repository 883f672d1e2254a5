"""Reads customers' facts from a csv: one customer a row, a column for each fact."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from scoring.facts import Facts
from scoring.scorecards.training_data import read_table

YES, NO = ("1", "true", "yes", "y", "是", "有"), ("0", "false", "no", "n", "否", "无", "没有")


class Row(NamedTuple):
    """A row of the file, by its number there (the headings are row 1), and its cells by column."""

    number: int
    cells: Mapping[str, str]


def read_rows(content: bytes) -> tuple[list[str], Sequence[Row]]:
    """The columns and the rows of a csv; ValueError if it is none."""
    headings, body = read_table(content)
    if not body:
        raise ValueError("there are no rows below the headings")
    return headings, [Row(number, dict(zip(headings, cells, strict=True))) for number, cells in body]


def read_facts(cells: Mapping[str, str], facts_type: type[Facts]) -> Facts:
    """The facts in a row; ValueError that names each column at fault."""
    values = {
        name: _read_cell(cells[name], field.annotation)
        for name, field in facts_type.model_fields.items()
        if cells.get(name)
    }
    try:
        return facts_type.model_validate(values)
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise ValueError("; ".join(problems)) from None


def _read_cell(text: str, annotation: Any) -> Any:
    """Yes, no or a number; anything else stays text, which the facts refuse."""
    if bool in (annotation, *getattr(annotation, "__args__", ())):
        return text.lower() in YES if text.lower() in YES + NO else text
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
