"""`python -m scoring shadow`: how the shadow policy would have decided otherwise, over some days."""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from kit.clock import CHINA
from kit.database import Database
from scoring.backtest.comparing import Judged, compare, is_changed, list_lines
from scoring.backtest.judgement import Judgement
from scoring.repository import list_shadows

SHOWN_MAX = 20


async def report_shadow(database: Database, since: date, until: date) -> None:
    """Prints one JSON object on stdout and the same as a table on stderr; both days belong to the period."""
    begin, end = (datetime.combine(day, time(), CHINA) for day in (since, until + timedelta(days=1)))
    report = summarise_shadows(await list_shadows(database, begin, end))
    print(json.dumps({"since": str(since), "until": str(until), **report}, ensure_ascii=False, indent=2))
    for line in _list_lines(report):
        print(line, file=sys.stderr)


def summarise_shadows(rows: Iterable[tuple[str, Mapping[str, Any] | None]]) -> dict[str, Any]:
    """Decisions by id and what was kept of the shadow policy, counted for each pair of versions."""
    judged: dict[str, list[Judged]] = defaultdict(list)
    failed: Counter[str] = Counter()
    examples: list[dict[str, Any]] = []
    decisions = without = 0
    for decision_id, shadow in rows:
        decisions += 1
        if shadow is None:
            without += 1
        elif "failed" in shadow:
            failed[str(shadow["failed"])] += 1
        else:
            pair = Judgement.model_validate(shadow["served"]), Judgement.model_validate(shadow["shadow"])
            judged[f"{pair[0].version} -> {pair[1].version}"].append(pair)
            if is_changed(pair) and len(examples) < SHOWN_MAX:
                examples.append({"decision_id": decision_id, "served": shadow["served"], "shadow": shadow["shadow"]})
    return {
        "decisions": decisions,
        "without_shadow": without,
        "failed": dict(failed),
        "versions": {versions: compare(pairs) for versions, pairs in judged.items()},
        "examples": examples,
    }


def _list_lines(report: Mapping[str, Any]) -> Iterator[str]:
    yield f"{report['decisions']} decisions, {report['without_shadow']} of them without a shadow policy"
    for error, count in report["failed"].items():
        yield f"the shadow policy failed {count} times: {error}"
    for versions, compared in report["versions"].items():
        yield versions
        yield from (f"  {line}" for line in list_lines(compared))
    for example in report["examples"]:
        served, shadow = example["served"], example["shadow"]
        told = (f"{each['outcome']} {each['quota']:,}" for each in (served, shadow))
        yield f"{example['decision_id']}: {' -> '.join(told)}"
