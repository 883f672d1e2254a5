"""The repayment calculator: a sum and a time, and what if they were otherwise."""

from typing import Any

from understanding.bars import LIKELY, LIKELY_START, SURE_MATCH, UNLIKELY_MATCH
from understanding.prepayments import find_prepayment
from understanding.rows.row import Row, act
from understanding.schemas import Act, Fact, FactKind
from understanding.situation import Situation

_TERMS: dict[FactKind, str] = {
    "sum": "calculated_amount",
    "number": "calculated_amount",
    "span": "calculated_term",
    "product": "product",
}


def _has(s: Situation, *kinds: str) -> bool:
    return any(fact.kind in kinds for fact in s.reading.facts)


def _name(fact: Fact) -> Fact:
    """The fact as the calculator's: a sum is the loan, a span its time, unless they are named otherwise."""
    is_that = fact.kind == "span" and fact.role == "other" and fact.start == 0  # 那三年呢
    is_loan = (fact.role in ("", "amount", "term") or is_that) and fact.kind in _TERMS
    return fact.model_copy(update={"role": _TERMS[fact.kind]}) if is_loan else fact


def _calculate(s: Situation) -> Act:
    values: dict[str, Any] = {"rate": s.reading.rate, "method": s.reading.method}
    return Act(
        name="calculate_repayment",
        facts=tuple(_name(fact) for fact in s.reading.facts),
        values={k: v for k, v in values.items() if v},
    )


def _varies(s: Situation) -> bool:
    """Another sum, time, rate or method after a calculation."""
    has_more = _has(s, "sum", "span", "number", "product") or bool(s.reading.rate or s.reading.method)
    return s.form is None and s.state.last == "calculation" and has_more


def _sees_question(s: Situation, bar: float) -> bool:
    """In a form, a sum and a time that are told are answers: 借7万 借三年 别的没错."""
    is_answer = s.form is not None and bool(s.answers) and not s.reading.is_question
    return s.sees_intent("calculate_repayment") >= bar and not is_answer


def _recalculates(s: Situation) -> bool:
    return _has(s, "product") and "算" in s.reading.rest


def _is_complete(s: Situation) -> bool:
    """A sum and a time, in a question for the cost: an income of 8万 is no sum to be lent."""
    is_asked = "calculate" in s.reading.mentions or _sees_question(s, LIKELY)
    lent = [fact for fact in s.reading.facts if fact.kind in _TERMS and fact.role in ("", "amount", "term")]
    return is_asked and {"sum", "span"} <= {fact.kind for fact in lent}


def _surely_asks(s: Situation) -> bool:
    """By the intent alone; without a sum or a time the likely entries come first."""
    bar = s.match_score if s.reading.facts or s.match_score < UNLIKELY_MATCH else 1.0
    return _sees_question(s, max(LIKELY_START, bar))


def _asks_cost(s: Situation) -> bool:
    return "calculate" in s.reading.mentions and bool(s.reading.facts)


def _find_prepayment(s: Situation) -> dict[str, int] | None:
    """What is asked about repaying early, of the loan just calculated or one that is told with it."""
    is_known = s.state.last == "calculation" or _tells_loan(s)
    return find_prepayment(s.reading.plain, s.reading.facts) if s.form is None and is_known else None


def _tells_loan(s: Situation) -> bool:
    return {"amount", "term"} <= {fact.role for fact in s.reading.facts}


def _compare(s: Situation) -> Act:
    return Act(name="compare_prepayment", values=dict(_find_prepayment(s) or {}))


def _calculate_both(s: Situation) -> Act:
    """The loan that is told, and then what repaying it early saves."""
    both = _calculate(s)
    named = tuple(fact for fact in both.facts if fact.role in _TERMS.values())
    return both.model_copy(update={"facts": named, "values": both.values | {"prepayment": _find_prepayment(s)}})


PLAIN = [
    Row(
        "shows every payment of what was calculated",
        lambda s: s.does("schedule") and s.state.last == "calculation",
        act("show_schedule"),
    ),
    Row(
        "calculates what repaying early saves", lambda s: _tells_loan(s) and bool(_find_prepayment(s)), _calculate_both
    ),
    Row(
        "asks what repaying early saves",
        lambda s: s.state.last == "calculation" and _find_prepayment(s) is not None,
        _compare,
    ),
    Row(
        "varies the calculation",
        # 年利率4.5%呢, 按商户贷算: terms of a calculation, whatever else is said.
        lambda s: _varies(s) and (not s.reading.rest or bool(s.reading.rate or s.reading.method) or _recalculates(s)),
        _calculate,
    ),
    Row("wants a calculation", lambda s: s.does("calculate"), _calculate),
]
ROWS = [
    Row("asks what a loan would cost", _is_complete, _calculate),
    Row("varies the calculation in a longer message", lambda s: _varies(s) and s.match_score < SURE_MATCH, _calculate),
    Row(
        "perhaps wants a calculation",
        lambda s: _asks_cost(s) or _surely_asks(s),
        _calculate,
    ),
]
