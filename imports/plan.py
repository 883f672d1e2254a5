"""What importing a table would do: the effect of every row, decided before anything is changed; pure."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from imports.cells import Cell, read_text
from imports.columns import NamedColumn, list_columns, map_headings
from imports.formulas import restore
from imports.reading import Cells, Table, Tick
from imports.wording import explain

Effect = Literal["new", "changed", "unchanged", "wrong"]
EFFECT_NAMES: Mapping[Effect, str] = {"new": "新增", "changed": "修改", "unchanged": "不变", "wrong": "有错"}
TICK_ROWS = 200
SHOWN_MAX = 20  # characters of a wrong cell that are said back

RowT = TypeVar("RowT", bound=BaseModel)
Check = Callable[[RowT], Mapping[str, str] | None]
"""What is wrong with a row beyond its model, in Chinese, by field; None if an identical draft is open."""
MakeCheck = Callable[[Sequence[RowT]], Check[RowT]]
"""The check of rows that stand in one file with all that can be read of it."""


class CellDiff(NamedTuple):
    """A cell that would change, old and new in words."""

    heading: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class PlannedRow(Generic[RowT]):
    """A row with its number in the file; wrong ones have `problems` and may lack `values`."""

    number: int
    key: str
    effect: Effect
    values: RowT | None
    changes: tuple[CellDiff, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan(Generic[RowT]):
    """All rows, and notes on the file: columns that nobody knows, the template's example.

    `token` names what was shown: the same file has another one as soon as it would do anything else.
    """

    rows: tuple[PlannedRow[RowT], ...]
    notes: tuple[str, ...]
    token: str

    @property
    def counts(self) -> dict[Effect, int]:
        """How many rows have each effect."""
        counted = Counter(row.effect for row in self.rows)
        return {effect: counted[effect] for effect in EFFECT_NAMES}

    @property
    def todo(self) -> tuple[PlannedRow[RowT], ...]:
        """The rows that would change something."""
        return tuple(row for row in self.rows if row.effect in ("new", "changed"))

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong: 第12行 年利率：“5,2%”不是数字."""
        return tuple(problem for row in self.rows for problem in row.problems)


def make_plan(
    table: Table,
    model: type[RowT],
    key: str,
    existing: Mapping[str, RowT],
    make_check: MakeCheck[RowT] = lambda rows: lambda row: {},
    tick: Tick = lambda count: None,
) -> Plan[RowT]:
    """The plan of a table whose rows are told apart by the field `key`, beside what is there already, by key.

    A column that the file lacks keeps the values that are there; an empty cell is the field's default.
    RequestError 422 if a required column is missing.
    """
    columns = list_columns(model)
    mapped = map_headings(columns, table.headings)
    present = [each for each in columns if each.field in mapped.places]
    notes = [f"这几列不认识，没有导入：{'、'.join(mapped.unknown)}"] if mapped.unknown else []
    seen = _Seen(present, key)
    rules = _Rules(model, columns, key, existing, {each.field for each in columns} - mapped.places.keys())
    read: list[_ReadRow] = []
    for count, (number, cells) in enumerate(table.rows, 1):
        if count % TICK_ROWS == 0:
            tick(count)
        if _is_example(cells, present, mapped.places):
            notes.append(f"第{number}行是模板里的例子，没有导入")
            continue
        values, problems = _read_cells(cells, present, mapped.places)
        read.append(_read_row(number, values, {**problems, **seen.find_twice(number, values)}, rules))
    check = make_check([each.row for each in read if each.row is not None])
    rows: list[PlannedRow[RowT]] = []
    for count, each in enumerate(read, 1):
        if count % TICK_ROWS == 0:
            tick(len(table.rows))  # all are read; a cancelled import stops here too
        rows.append(_plan_row(each, rules, check))
    kept = len(existing.keys() - {row.key for row in rows})
    if kept:
        notes.append(f"表里没有的{kept}条保持不变")
    return Plan(tuple(rows), tuple(notes), _sign(rows))


class _Rules(NamedTuple):
    model: type[Any]
    columns: Sequence[NamedColumn]
    key: str
    existing: Mapping[str, Any]
    absent: Set[str]


class _ReadRow(NamedTuple):
    """A row of the file: with its values where nothing is wrong with each by itself."""

    number: int
    key: str
    row: Any
    problems: Mapping[str, str]


class _Seen:
    """Values that only one row of a file may have."""

    def __init__(self, columns: Sequence[NamedColumn], key: str) -> None:
        self._columns = [each for each in columns if each.column.is_unique or each.field == key]
        self._rows: dict[tuple[str, Any], int] = {}

    def find_twice(self, number: int, values: Mapping[str, Any]) -> dict[str, str]:
        """What this row repeats; it is remembered for those that follow."""
        problems = {}
        for each in self._columns:
            if values.get(each.field) is None:
                continue
            first = self._rows.setdefault((each.field, values[each.field]), number)
            if first != number:
                problems[each.field] = f"“{each.column.kind.write(values[each.field])}”和第{first}行重复"
        return problems


def _read_cells(
    cells: Cells, columns: Sequence[NamedColumn], places: Mapping[str, int]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of the cells that hold anything, and what is wrong with the others."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for each in columns:
        cell = cells[places[each.field]] if places[each.field] < len(cells) else None
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            if each.is_required:
                problems[each.field] = "没有填"
            continue
        try:
            values[each.field] = each.column.kind.read(cell)
        except ValueError as error:
            problems[each.field] = f"“{_quote(cell)}”{error}"
    return values, problems


def _read_row(number: int, values: dict[str, Any], problems: dict[str, str], rules: _Rules) -> _ReadRow:
    key = str(values.get(rules.key, ""))
    before = rules.existing.get(key)
    kept = {} if before is None else {name: getattr(before, name) for name in rules.absent}
    row = None
    if not problems:
        try:
            row = rules.model.model_validate({**kept, **values})
        except ValidationError as error:
            problems = {str(each["loc"][0]) if each["loc"] else rules.key: explain(each) for each in error.errors()}
    return _ReadRow(number, key, row, problems)


def _plan_row(read: _ReadRow, rules: _Rules, check: Check[Any]) -> PlannedRow[Any]:
    number, key, row, problems = read
    before, is_done = rules.existing.get(key), False
    changes: tuple[CellDiff, ...] = ()
    if row is not None:
        changes = _list_changes(before, row, rules.columns) if before is not None else ()
        found = check(row) if before is None or changes else {}
        is_done, problems = found is None, found or {}
    if problems:
        headings = {each.field: each.column.heading for each in rules.columns}
        told = tuple(f"第{number}行 {headings.get(field, field)}：{reason}" for field, reason in problems.items())
        return PlannedRow(number, key, "wrong", row, changes, told)
    if is_done:
        return PlannedRow(number, key, "unchanged", row)
    return PlannedRow(number, key, "new" if before is None else "changed" if changes else "unchanged", row, changes)


def _list_changes(before: BaseModel, row: BaseModel, columns: Sequence[NamedColumn]) -> tuple[CellDiff, ...]:
    return tuple(
        CellDiff(each.column.heading, each.column.kind.describe(old), each.column.kind.describe(new))
        for each in columns
        if (old := getattr(before, each.field)) != (new := getattr(row, each.field))
    )


def _is_example(cells: Cells, columns: Sequence[NamedColumn], places: Mapping[str, int]) -> bool:
    """Whether a row is the template's example, unchanged."""
    texts = [restore(str(cell or "")) for cell in cells]
    return all(
        places[each.field] < len(texts) and texts[places[each.field]] == each.column.example
        for each in columns
        if each.column.example
    )


def _quote(cell: Cell) -> str:
    try:
        text = read_text(cell)
    except ValueError:
        text = str(cell)
    text = "".join(character for character in text if character.isprintable())
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…"


def _sign(rows: Sequence[PlannedRow[Any]]) -> str:
    """A hash of all that the rows would do."""
    digest = hashlib.sha256()
    for row in rows:
        values = row.values.model_dump(mode="json") if row.values else None
        digest.update(json.dumps([row.number, row.key, row.effect, values, row.changes, row.problems]).encode())
    return digest.hexdigest()
