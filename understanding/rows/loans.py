"""Loans that the customer has; the gateway does these acts itself (connectors/loan_replies.py)."""

from understanding.loan_answers import answers_step, confirms, find_sum, is_clear_yes, tells_how_much
from understanding.own_loans import find_own_loan, names_own_loan
from understanding.own_prepayments import prepays_all, wants_prepayment
from understanding.rows.row import Row, in_form, only_hears
from understanding.schemas import Act
from understanding.situation import Situation

ACTS = ("my_loans", "draw_loan", "prepay_loan", "repay_loan", "renew_loan", "review_loan")
SHOWN = "loans"  # what was done last
_RESULTS = ("calculation", "quota", "recap")


def _is_asked(s: Situation) -> bool:
    """Whether a question of ours about a loan was the last thing said."""
    return s.state.question in ACTS and bool(s.state.loan)


def _wants(s: Situation) -> str:
    """The act; in a form only where a loan is named, and not where that may be the answer."""
    is_clear = not in_form(s) or (names_own_loan(s.reading.plain) and s.kind != "purpose")
    # 月供多少 after a calculation is of what was calculated.
    is_of_result = s.state.last in _RESULTS and not names_own_loan(s.reading.plain)
    return find_own_loan(s.reading.plain) if is_clear and not is_of_result and not s.does("wants_quota") else ""


def _tell_how_much(s: Situation) -> Act:
    known = {name: value for name, value in s.state.loan.items() if name not in ("amount", "all", "key")}
    return Act(name=s.state.question, values={**known, **tells_how_much(s.reading, s.state.question)})


def _want(s: Situation) -> Act:
    name, wished = _wants(s), find_sum(s.reading.facts)
    return Act(name=name, values={"amount": wished} if name == "draw_loan" and wished else {})


def _answers_step(s: Situation) -> bool | None:
    is_step = _is_asked(s) and s.state.question == "renew_loan"
    return answers_step(s.reading.plain, str(s.state.loan.get("step", ""))) if is_step else None


def _answer_step(s: Situation) -> Act:
    said = {"is_agreed": True} if _answers_step(s) else {"is_refused": True}
    return Act(name=s.state.question, values={**s.state.loan, **said})


def _says_yes(s: Situation) -> bool:
    return "yes" in s.reading.acts or confirms(s.reading.plain)


def _hears(s: Situation) -> bool:
    return "yes" in s.reading.acts or (only_hears(s) and not s.reading.acts)


def _agrees(s: Situation) -> bool:
    """What is about to be handed in needs a clear yes; elsewhere only 好的谢谢 is none."""
    if "key" in s.state.loan:
        return is_clear_yes(s.reading.plain)
    return not (only_hears(s) and "谢" in s.reading.plain)


def _prepays(s: Situation) -> bool:
    return not in_form(s) and wants_prepayment(s.reading.plain, is_shown=s.state.last == SHOWN)


def _prepay(s: Situation) -> Act:
    known = {"loan": s.state.loan["loan"]} if s.state.last == SHOWN and "loan" in s.state.loan else {}
    if wished := find_sum(s.reading.facts):
        return Act(name="prepay_loan", values={**known, "amount": wished})
    return Act(name="prepay_loan", values={**known, **({"all": True} if prepays_all(s.reading.plain) else {})})


PLAIN = [
    Row(
        "says how much, asked about a loan",
        lambda s: _is_asked(s) and bool(tells_how_much(s.reading, s.state.question)),
        _tell_how_much,
    ),
    Row("answers what a renewal depends on", lambda s: _answers_step(s) is not None, _answer_step),
    Row(
        "refuses what was asked about a loan",
        lambda s: _is_asked(s) and s.does("no", "cancel", "not_apply", "skip") and s.is_bare,
        lambda s: Act(name=s.state.question, values={**s.state.loan, "is_refused": True}),
    ),
    Row(
        "agrees to what was asked about a loan",
        lambda s: _is_asked(s) and _says_yes(s) and s.is_bare and _agrees(s),
        lambda s: Act(name=s.state.question, values={**s.state.loan, "is_agreed": True}),
    ),
    Row(
        "only hears what was asked about a loan",
        lambda s: _is_asked(s) and _hears(s) and not s.reading.facts,
        lambda s: Act(name=s.state.question, values=dict(s.state.loan)),
    ),
    Row("asks what repaying their loan early brings", _prepays, _prepay),
    Row("wants something of a loan they have", lambda s: bool(_wants(s)), _want),
]
