"""The repayment calculator: a sum and a time, and what if they were otherwise."""

from understanding.rows.row import LIKELY, SURE_MATCH, Row
from understanding.schemas import Act
from understanding.situation import Situation


def _has(s: Situation, *kinds: str) -> bool:
    return any(fact.kind in kinds for fact in s.reading.facts)


def _calculate(s: Situation) -> Act:
    values = {"rate": s.reading.rate, "method": s.reading.method}
    return Act(name="calculate_repayment", facts=s.reading.facts, values={k: v for k, v in values.items() if v})


def _varies(s: Situation) -> bool:
    """Another sum, time, rate or method after a calculation."""
    has_more = _has(s, "sum", "span", "number", "product") or bool(s.reading.rate or s.reading.method)
    return s.form is None and s.state.last == "calculation" and has_more


def _is_complete(s: Situation) -> bool:
    return _has(s, "sum") and _has(s, "span") and s.sees_intent("calculate_repayment") >= LIKELY


PLAIN = [
    Row("varies the calculation", lambda s: _varies(s) and not s.reading.rest, _calculate),
    Row("wants a calculation", lambda s: s.does("calculate"), _calculate),
]
ROWS = [
    Row("asks what a loan would cost", _is_complete, _calculate),
    Row("varies the calculation in a longer message", lambda s: _varies(s) and s.match_score < SURE_MATCH, _calculate),
    Row(
        "perhaps wants a calculation",
        lambda s: s.sees_intent("calculate_repayment") >= max(LIKELY, s.match_score),
        _calculate,
    ),
]
