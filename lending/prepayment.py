"""What repaying early saves: compares the ways to go on after a sum was repaid before its time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lending.schedule import Instalment, Method, make_schedule, repay, round_fen, sum_interest


@dataclass(frozen=True, slots=True)
class Rest:
    """One way to go on, in fen: `saved` is interest that is not paid then, `payment` the next one.

    `earlier` says how many months sooner nothing is owed. Cleared debts have no payment.
    """

    payment: int
    interest: int
    saved: int
    earlier: int


@dataclass(frozen=True, slots=True)
class Prepayment:
    """A sum `paid` in `month` after its instalment, of the `debt` that was owed then, in fen; and how to go on.

    `shorter`: same payment, fewer months, for those whose payments repay the loan little by little. `lower`: same term,
    lower payments. Both are None when nothing remains. `cleared`: all the debt at once.
    """

    month: int
    debt: int
    paid: int
    shorter: Rest | None
    lower: Rest | None
    cleared: Rest


def compare_prepayment(
    amount: int, term: int, annual_rate: Decimal, method: Method, month: int, paid: int | None = None
) -> Prepayment:
    """Prepays `paid` yuan, or all of the debt, of the loan that `make_schedule` describes.

    More than the debt is as much as the debt. ValueError for a month that is not before the last, or a sum below 1.
    """
    if not 1 <= month < term or (paid is not None and paid < 1):
        raise ValueError(f"no prepayment: {paid} yuan in month {month} of {term}")
    schedule = make_schedule(amount, term, annual_rate, method)
    monthly, debt = annual_rate / 1200, schedule[month - 1].debt
    extra = debt if paid is None else min(paid * 100, debt)
    before, left, months = sum_interest(schedule[month:]), debt - extra, term - month
    cleared = _save(0, round_fen(debt * monthly * month) if method == "bullet" else 0, before, months)
    shorter = lower = None
    if left and method == "bullet":
        # All interest is paid at the end: that on what was repaid early as well.
        interest = round_fen((left * term + extra * month) * monthly)
        lower = _save(left + interest, interest, before, 0)
    elif left:
        lower = _compare(tuple(repay(left, months, annual_rate, method)), before, months)
        if method != "interest_first":
            shorter = _compare(tuple(_go_on(left, months, monthly, schedule[0], method)), before, months)
    return Prepayment(month, debt, extra, shorter, lower, cleared)


def prepay_now(debt: int, months: int, annual_rate: Decimal, method: Method, paid: int | None = None) -> Prepayment:
    """Prepays `paid` yuan, or all, of a `debt` in fen that is owed now and repaid within `months` by the method.

    Whole months are counted; interest since the last instalment is paid in any case. As `compare_prepayment` otherwise.
    """
    if debt < 1 or months < 1 or (paid is not None and paid < 1):
        raise ValueError(f"no prepayment: {paid} yuan of {debt} fen, {months} months")
    schedule = tuple(repay(debt, months, annual_rate, method))
    extra = debt if paid is None else min(paid * 100, debt)
    before, left, monthly = sum_interest(schedule), debt - extra, annual_rate / 1200
    shorter = lower = None
    if left:
        lower = _compare(tuple(repay(left, months, annual_rate, method)), before, months)
        if method not in ("interest_first", "bullet"):
            shorter = _compare(tuple(_go_on(left, months, monthly, schedule[0], method)), before, months)
    return Prepayment(0, debt, extra, shorter, lower, _save(0, 0, before, months))


def _compare(rest: Sequence[Instalment], before: int, months: int) -> Rest:
    return _save(rest[0].payment, sum_interest(rest), before, months - len(rest))


def _save(payment: int, interest: int, before: int, earlier: int) -> Rest:
    return Rest(payment, interest, max(before - interest, 0), earlier)  # rounding saves nothing


def _go_on(debt: int, months: int, monthly: Decimal, first: Instalment, method: Method) -> Iterator[Instalment]:
    """The payments of before until nothing is owed, never longer than it would have lasted.

    A few fen that rounding left are paid with the last one.
    """
    for month in range(1, months + 1):
        interest = round_fen(debt * monthly)
        usual = first.payment - interest if method == "equal_instalments" else first.principal
        part = debt if month == months or debt - usual <= months else usual
        debt -= part
        yield Instalment(month, part, interest, debt)
        if not debt:
            return
