"""Counts how two judgements of the same customers differ."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import fmean, median, quantiles
from typing import Any

from scoring.backtest.judgement import Judgement

Judged = tuple[Judgement, Judgement]
"""Old and new, of one customer."""
OUTCOMES = ("approve", "review", "decline")
GRADES = ("A", "B", "C", "D")


def compare(judged: Sequence[Judged]) -> dict[str, Any]:
    """Everything that is counted: moves from old (outer) to new (inner); yuan and percentage points, new less old."""
    differences = [new.quota - old.quota for old, new in judged]
    rates = [
        float(new.annual_rate - old.annual_rate)
        for old, new in judged
        if new.annual_rate is not None and old.annual_rate is not None
    ]
    return {
        "rows": len(judged),
        "changed": sum(is_changed(pair) for pair in judged),
        "outcomes": _count_moves(((old.outcome, new.outcome) for old, new in judged), OUTCOMES),
        "quota": {
            "old": sum(old.quota for old, _ in judged),
            "new": sum(new.quota for _, new in judged),
            **describe_differences(differences),
        },
        "rates": {"mean": _tidy(fmean(rates)) if rates else 0, **describe_differences(rates)},
        "grades": _count_moves(((old.grade, new.grade) for old, new in judged), GRADES),
        "rules": {
            "new": _count(code for old, new in judged for code in new.rules if code not in old.rules),
            "gone": _count(code for old, new in judged for code in old.rules if code not in new.rules),
        },
    }


def is_changed(pair: Judged) -> bool:
    """Whether a customer would be told something else that matters."""
    old, new = pair
    return (old.outcome, old.quota, old.annual_rate) != (new.outcome, new.quota, new.annual_rate)


def describe_differences(differences: Sequence[float]) -> dict[str, float]:
    """Their sum and spread, and how many rise, fall and stay."""
    # A single value, or none, has no tenths.
    tenths = quantiles(differences, n=10, method="inclusive") if len(differences) > 1 else [*differences, 0][:1]
    return {
        "sum": _tidy(sum(differences)),
        "median": _tidy(median(differences)) if differences else 0,
        "p10": _tidy(tenths[0]),
        "p90": _tidy(tenths[-1]),
        "raised": sum(each > 0 for each in differences),
        "lowered": sum(each < 0 for each in differences),
        "same": sum(each == 0 for each in differences),
    }


def _tidy(number: float) -> float:
    rounded = round(number, 4)
    return int(rounded) if rounded == int(rounded) else rounded


def list_lines(compared: Mapping[str, Any]) -> Iterator[str]:
    """The comparison as a table to read."""
    quota, rates = compared["quota"], compared["rates"]
    yield f"{compared['rows']} customers, {compared['changed']} would be told something else"
    yield from _draw_moves("outcome", compared["outcomes"])
    yield from _draw_moves("grade", compared["grades"])
    yield (
        f"quota: {quota['old']:,} -> {quota['new']:,} yuan ({quota['sum']:+,}); median {quota['median']:+,}, "
        f"p10 {quota['p10']:+,}, p90 {quota['p90']:+,}; {quota['raised']} raised, {quota['lowered']} lowered"
    )
    yield f"rate: {rates['mean']:+} points on average; {rates['raised']} raised, {rates['lowered']} lowered"
    for name, told in (("new", "rules that find more"), ("gone", "rules that find less")):
        if rules := compared["rules"][name]:
            yield f"{told}: " + ", ".join(f"{code} {count}" for code, count in rules.items())


def _draw_moves(name: str, moves: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    yield f"{name + ' old, new:':<20}" + "".join(f"{new:>9}" for new in moves)
    for old, counts in moves.items():
        yield f"{old:<20}" + "".join(f"{count:>9}" for count in counts.values())


def _count_moves(moves: Iterable[tuple[str, str]], names: Sequence[str]) -> dict[str, dict[str, int]]:
    counted = Counter(moves)
    return {old: {new: counted[old, new] for new in names} for old in names}


def _count(codes: Iterable[str]) -> dict[str, int]:
    return dict(Counter(codes).most_common())
