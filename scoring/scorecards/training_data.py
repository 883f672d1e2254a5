"""Reads the table that a scorecard is fitted to: one loan a row, with a target that says which ones went bad."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from imports.csv_files import read_csv
from kit.errors import RequestError
from scoring.scorecards.options import ColumnOptions, TrainingOptions
from scoring.scorecards.scorecard import read_number

ROWS_MIN = 100
CLASS_MIN = 20
VALUES_MAX = 50
BAD_WORDS = ("1", "bad", "坏", "逾期", "违约", "default", "yes", "true", "是")


class TrainingData(NamedTuple):
    """Columns of cells (empty where missing) and whether each row is bad; `left_out` says why by column."""

    columns: Mapping[str, Sequence[str]]
    kinds: Mapping[str, str]
    is_bad: Sequence[bool]
    left_out: Mapping[str, str]


def read_table(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The headings, and the rows with their numbers in the file (the headings are row 1); ValueError if it is none."""
    try:
        rows = [[cell.strip() for cell in row] for row in read_csv(content)]
    except RequestError as error:
        raise ValueError(error.reason) from None
    headings = rows[0] if rows else []
    if not headings or not all(headings) or len(set(headings)) != len(headings):
        raise ValueError("the first row has to name each column, once")
    body = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(row)]
    for number, row in body:
        if len(row) != len(headings):
            raise ValueError(f"row {number}: {len(row)} cells, {len(headings)} are needed")
    return headings, body


def read_training_data(content: bytes, target: str, options: TrainingOptions) -> TrainingData:
    """The data in a csv; raises ValueError that says which row or column is at fault."""
    headings, body = read_table(content)
    if target not in headings:
        raise ValueError(f"there is no column {target!r}; there are {', '.join(headings)}")
    if unknown := set(options.columns) - set(headings):
        raise ValueError(f"the options name columns that do not exist: {', '.join(sorted(unknown))}")
    cells = dict(zip(headings, zip(*(row for _, row in body), strict=True), strict=True)) if body else {}
    numbers = [number for number, _ in body]
    is_bad = _read_target(cells.pop(target, ()), numbers, target, options.bad)
    columns: dict[str, list[str]] = {}
    kinds: dict[str, str] = {}
    left_out: dict[str, str] = {}
    for name, column in cells.items():
        rules = options.columns.get(name, ColumnOptions())
        known = ["" if cell in options.missing_values else cell for cell in column]
        if not rules.use:
            left_out[name] = rules.why
        elif why := _find_fault(known, kind := rules.kind or _guess_kind(known, rules)):
            left_out[name] = why
        else:
            columns[name], kinds[name] = known, kind
            if kind == "number":
                _require_numbers(name, known, numbers)
    if not columns:
        raise ValueError("no column is left to fit")
    return TrainingData(columns, kinds, is_bad, left_out)


def _read_target(cells: Sequence[str], numbers: Sequence[int], target: str, bad: str) -> list[bool]:
    if empty := [number for number, cell in zip(numbers, cells, strict=True) if not cell]:
        shown = ", ".join(map(str, empty[:5]))
        raise ValueError(f"{target} is empty in {len(empty)} rows, such as {shown}: leave out loans without an outcome")
    values = sorted(set(cells))
    if len(values) != 2:
        raise ValueError(f"{target} has {len(values)} different values, 2 are needed: good and bad")
    named = [value for value in values if value == bad or (not bad and value.lower() in BAD_WORDS)]
    if len(named) != 1:
        raise ValueError(f"which of {' and '.join(values)} in {target} is bad? Name it with --bad")
    is_bad = [cell == named[0] for cell in cells]
    bads = sum(is_bad)
    if len(cells) < ROWS_MIN or min(bads, len(cells) - bads) < CLASS_MIN:
        raise ValueError(f"{len(cells)} rows with {bads} bad: {ROWS_MIN} with {CLASS_MIN} of each are the least")
    return is_bad


def _guess_kind(cells: Sequence[str], rules: ColumnOptions) -> str:
    if rules.groups:
        return "category"
    return "number" if rules.edges or all(_is_number(cell) for cell in set(cells) if cell) else "category"


def _find_fault(cells: Sequence[str], kind: str) -> str:
    values = set(cells) - {""}
    if len(values) < 2:
        return "has one value only"
    if kind == "category" and len(values) > VALUES_MAX:
        return f"has {len(values)} different values: a name or a number of something"
    return ""


def _require_numbers(name: str, cells: Sequence[str], numbers: Sequence[int]) -> None:
    for number, cell in zip(numbers, cells, strict=True):
        if cell and not _is_number(cell):
            raise ValueError(f"row {number}: {name}: {cell[:20]!r} is no number")


def _is_number(cell: str) -> bool:
    try:
        return read_number(cell).is_finite()
    except ValueError:
        return False
