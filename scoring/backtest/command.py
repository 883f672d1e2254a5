"""`python -m scoring backtest OLD NEW CASES.csv`: one JSON object on stdout, the same as a table on stderr."""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from scoring.backtest.cases import Row, read_facts, read_rows
from scoring.backtest.comparing import Judged, compare, describe_differences, is_changed, list_lines
from scoring.backtest.judgement import judge
from scoring.backtest.sides import PolicySide, read_side
from scoring.scorecards.scorecard import Scorecard

SHOWN_MAX = 20


def run_backtest(old: str, new: str, cases: Path, today: date) -> int:
    """Prints the comparison; returns 0, or 1 if rows could not be judged. Raises ValueError and the like."""
    sides = read_side(old, today), read_side(new, today)
    headings, rows = read_rows(cases.read_bytes())
    if isinstance(sides[0], Scorecard) and isinstance(sides[1], Scorecard):
        report = compare_cards(sides[0], sides[1], rows)
        lines = _list_card_lines(report)
    elif isinstance(sides[0], PolicySide) and isinstance(sides[1], PolicySide):
        report = compare_policies(sides[0], sides[1], headings, rows, today)
        lines = list_lines(report)
    else:
        raise ValueError("a scorecard can only be compared with a scorecard, a policy with a policy")
    print(json.dumps({"old": old, "new": new, **report}, ensure_ascii=False, indent=2))
    for line in (*lines, *(f"row {each['row']}: {each['reason']}" for each in report["errors"])):
        print(line, file=sys.stderr)
    return 1 if report["errors"] else 0


def compare_policies(
    old: PolicySide, new: PolicySide, headings: Sequence[str], rows: Sequence[Row], today: date
) -> dict[str, Any]:
    """The comparison of all rows and by product; rows at fault are told, each with its reason."""
    judged: dict[str, list[Judged]] = defaultdict(list)
    examples: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    used = {"product"}
    for row in rows:
        try:
            product = row.cells.get("product") or old.only_product or new.only_product
            if not product:
                raise ValueError("product is empty")
            policies = old.get_policy(product, today), new.get_policy(product, today)
            facts = read_facts(row.cells, policies[0].facts_type)
            used |= set(type(facts).model_fields)
            pair = judge(facts, policies[0], today), judge(facts, policies[1], today)
        except (TypeError, ValueError) as error:
            errors.append({"row": row.number, "reason": " ".join(str(error).split())})
            continue
        judged[product].append(pair)
        if is_changed(pair) and len(examples) < SHOWN_MAX:
            examples.append({"row": row.number, **dict(zip(("old", "new"), map(_show, pair), strict=True))})
    everything = [pair for pairs in judged.values() for pair in pairs]
    return {
        "versions": sorted({f"{old.version} -> {new.version}" for old, new in everything}),
        **compare(everything),
        "products": {product: compare(pairs) for product, pairs in judged.items()} if len(judged) > 1 else {},
        "examples": examples,
        "ignored_columns": [heading for heading in headings if heading not in used],
        "faulty": len(errors),
        "errors": errors,
    }


def compare_cards(old: Scorecard, new: Scorecard, rows: Sequence[Row]) -> dict[str, Any]:
    """Scores by both cards, and how well each tells good from bad where the rows have an outcome."""
    from scoring.scorecards.measuring import measure_psi

    scores: list[tuple[int, int]] = []
    errors: list[dict[str, Any]] = []
    for row in rows:
        try:
            scores.append((old.score(row.cells), new.score(row.cells)))
        except ValueError as error:
            errors.append({"row": row.number, "reason": str(error)})
    by_side = [list(side) for side in zip(*scores, strict=True)] or [[], []]
    return {
        "versions": [f"{old.version} -> {new.version}"],
        "rows": len(scores),
        "scores": describe_differences([after - before for before, after in scores]),
        "psi": {
            name: round(measure_psi(card.expected, side), 4) if card.expected and side else None
            for name, card, side in zip(("old", "new"), (old, new), by_side, strict=True)
        },
        "faulty": len(errors),
        "errors": errors,
    }


def _show(judgement: Any) -> dict[str, Any]:
    shown: dict[str, Any] = judgement.model_dump(mode="json", include={"outcome", "quota", "grade", "rules"})
    return shown


def _list_card_lines(report: dict[str, Any]) -> Iterator[str]:
    scores, psi = report["scores"], report["psi"]
    spread = f"{scores['median']:+} at the median, p10 {scores['p10']:+}, p90 {scores['p90']:+}"
    yield f"{report['rows']} rows: scores {spread}"
    yield f"{scores['raised']} rise, {scores['lowered']} fall; PSI against training {psi['old']} -> {psi['new']}"
