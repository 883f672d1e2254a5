"""A small scorecard, and a table to fit one to."""

from typing import Any

import numpy as np

from scoring.scorecards.scorecard import Scorecard


def make_card(**changes: Any) -> Scorecard:
    """Years of trade (rising), trade (a category), both with words that are approved."""
    content: dict[str, Any] = {
        "name": "traders",
        "since": "2026-11-01",
        "source": "drawn for tests",
        "target": "went_bad",
        "scale": {"points": 600, "odds": 20, "double": 20},
        "base": 500,
        "approved_by": "风险部李红、信贷部王强",
        "characteristics": {
            "years": {
                "kind": "number",
                "direction": "rising",
                "reason": "经营时间还不长",
                "bands": [{"points": 0}, {"start": 2, "points": 30}, {"start": "5.5", "points": 60}],
                "missing": {"points": 20},
            },
            "trade": {
                "kind": "category",
                "reason": "这一行的风险高一些",
                "bands": [{"values": ["餐饮"], "points": 5}, {"values": ["批发", "零售"], "points": 25}],
                "other": {"points": 10},
                "missing": {"points": 8},
            },
        },
    }
    return Scorecard.model_validate(content | changes)


def make_table(rows: int = 400, seed: int = 1) -> str:
    """A csv: longer in trade and less in debt is safer; some cells are empty, `noise` says nothing."""
    chance = np.random.default_rng(seed)
    lines = ["years,debt,trade,noise,went_bad"]
    for _ in range(rows):
        years, debt = int(chance.integers(0, 21)), int(chance.integers(0, 301)) * 1000
        trade = ("餐饮", "批发", "零售")[chance.integers(3)]
        risk = 0.4 - years / 40 + debt / 900_000 + (0.3 if trade == "餐饮" else 0)
        cells = [str(years), str(debt) if chance.random() > 0.2 else "", trade, f"{chance.random():.6f}"]
        lines.append(",".join([*cells, "1" if chance.random() < risk else "0"]))
    return "\n".join(lines)
