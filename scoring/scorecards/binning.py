"""Cuts a column into bands: a shallow decision tree finds them, the business sets which way the risk may move."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
from sklearn.tree import DecisionTreeClassifier

from scoring.scorecards.options import ColumnOptions
from scoring.scorecards.scorecard import Direction

# The way the probability of default moves while points rise, as scikit-learn writes it.
_RISK = {"rising": -1, "none": 0, "falling": 1}


class Bin(NamedTuple):
    """Values of a column and how many rows and bad ones have them; a number's bin begins at `start`."""

    start: Decimal | None
    values: tuple[str, ...]
    rows: int
    bads: int


class Bins(NamedTuple):
    """All rows of a column: the bins in order, those of rare categories, those without a value."""

    bins: Sequence[Bin]
    other: Bin | None
    missing: Bin


def cut_column(
    cells: Sequence[str], is_bad: Sequence[bool], kind: str, rules: ColumnOptions, rows_min: int, bands_max: int
) -> Bins:
    """The bins of one column; in a set direction the share of bad rows moves one way only."""
    rows = list(zip(cells, is_bad, strict=True))
    missing = _count(None, (), [bad for cell, bad in rows if not cell])
    known = [(cell, bad) for cell, bad in rows if cell]
    if kind == "number":
        numbers = [(Decimal(cell), bad) for cell, bad in known]
        return Bins(_cut_numbers(numbers, rules, rows_min, bands_max), None, missing)
    groups = _list_groups(Counter(cell for cell, _ in known), rules, rows_min)
    bins = [_count(None, group, [bad for cell, bad in known if cell in group]) for group in groups]
    named = {value for group in groups for value in group}
    other = _count(None, (), [bad for cell, bad in known if cell not in named])
    return Bins(_merge(bins, rules.direction, 1), other, missing)


def _cut_numbers(
    numbers: Sequence[tuple[Decimal, bool]], rules: ColumnOptions, rows_min: int, bands_max: int
) -> list[Bin]:
    edges = rules.edges or _find_edges(numbers, rules.direction, rows_min, bands_max)
    starts: list[Decimal | None] = [None, *edges]
    ends = [*edges, None]
    bins = [
        _count(start, (), [bad for n, bad in numbers if (start is None or n >= start) and (end is None or n < end)])
        for start, end in zip(starts, ends, strict=True)
    ]
    return _merge(bins, rules.direction, 1)


def _find_edges(
    numbers: Sequence[tuple[Decimal, bool]], direction: Direction, rows_min: int, bands_max: int
) -> list[Decimal]:
    """Lower edges: values that occur, so that they can be read and are exact."""
    values = sorted({n for n, _ in numbers})
    if len(values) < 2:  # a column that is mostly missing, in a part of the rows
        return []
    # The tree sees ranks: it would compare large sums with seven digits only.
    ranks = {value: rank for rank, value in enumerate(values)}
    table: Any = np.array([[ranks[n]] for n, _ in numbers])
    tree = DecisionTreeClassifier(
        criterion="entropy",
        max_leaf_nodes=bands_max,
        min_samples_leaf=rows_min,
        monotonic_cst=[_RISK[direction]],
        random_state=0,
    ).fit(table, [bad for _, bad in numbers])
    cuts = tree.tree_.threshold[tree.tree_.feature == 0]
    return [values[int(np.ceil(cut))] for cut in sorted(cuts)]


def _list_groups(counts: Counter[str], rules: ColumnOptions, rows_min: int) -> list[tuple[str, ...]]:
    if rules.groups:
        return list(rules.groups)
    frequent = sorted(value for value, rows in counts.items() if rows >= rows_min)
    return [(value,) for value in frequent] or [(value,) for value, _ in counts.most_common(1)]


def _merge(bins: Iterable[Bin], direction: Direction, rows_min: int) -> list[Bin]:
    """Joins neighbours until each has rows and, in a set direction, the share of bad rows moves one way."""
    merged: list[Bin] = []
    for each in bins:
        merged.append(each)
        while len(merged) > 1 and _must_merge(merged[-2], merged[-1], direction, rows_min):
            upper, lower = merged.pop(), merged.pop()
            merged.append(
                Bin(lower.start, lower.values + upper.values, lower.rows + upper.rows, lower.bads + upper.bads)
            )
    return merged


def _must_merge(lower: Bin, upper: Bin, direction: Direction, rows_min: int) -> bool:
    if min(lower.rows, upper.rows) < rows_min:
        return True
    # Of the same smoothed shares as the weights of evidence; in whole numbers, so that nothing is rounded.
    rises = (2 * upper.bads + 1) * (lower.rows + 1) - (2 * lower.bads + 1) * (upper.rows + 1)
    return (direction == "rising" and rises > 0) or (direction == "falling" and rises < 0)


def _count(start: Decimal | None, values: tuple[str, ...], bads: Sequence[bool]) -> Bin:
    return Bin(start, values, len(bads), sum(bads))
