"""Reads what a message asks about repaying early: 第12个月提前还5万能省多少利息, 两年后一次还清省多少."""

import re
from collections.abc import Sequence

from kit.numerals import normalise, read_numeral
from understanding.schemas import Fact

_PREPAYS = re.compile(
    "提[前早](?:还|结清|把|全部|一次)|(?<!到期)(?<!到期再)(?:一次性?|一把|全部|全额)(?:还|结)清|早点?还"
    r"|prepay|(?:re)?pay(?:ing|ment)?(?: it| them)?(?: back)? off|(?:re)?pay.{0,20} (?:early|in advance)|early repay"
    "|repay.{0,60} sav(?:e|ing)"
)
_ALL = re.compile(
    "还清|结清|全部|全额|还完|剩下的|(?:re)?pay(?:ing|ment)?(?: it| them)?(?: back)? off|all of it|in full"
)
_SAVES = re.compile("省(?!市|份|内|外|里|城)|少(?:还|付|交|花)|划算|划得来|合算|(?<![a-z])sav(?:e|ing)")
_NUMBER = "([0-9]{1,3}|[一二两三四五六七八九十]{1,3})"
_MONTH = re.compile(rf"第 ?{_NUMBER} ?个?[月期]|month {_NUMBER}|{_NUMBER}(?:st|nd|rd|th) (?:month|payment)")
_YEAR = re.compile(rf"第 ?{_NUMBER} ?年")
_WISHED = ("amount", "term")
_SUM_MIN = 100  # a smaller number without a unit is no sum


def find_prepayment(plain: str, facts: Sequence[Fact]) -> dict[str, int] | None:
    """The `month` after which is repaid early, and how much is `prepaid` in yuan unless it is all of the debt.

    None if the normalised text asks nothing of the kind; empty if it does not say when or how much.
    """
    if not _PREPAYS.search(plain):
        return None
    month, prepaid = _find_month(plain, facts), _find_sum(facts)
    if month and prepaid:
        return {"month": month, "prepaid": prepaid}
    if month and _ALL.search(plain):
        return {"month": month}
    return {} if _SAVES.search(plain) else None


def _find_month(plain: str, facts: Sequence[Fact]) -> int | None:
    text = normalise(plain)
    for counted, months in ((_MONTH, 1), (_YEAR, 12)):
        named = counted.search(text)
        numeral = read_numeral(text, named.start(named.lastindex or 0)) if named else None
        if numeral:
            return int(numeral.low) * months
    spans = [fact for fact in facts if fact.kind == "span" and fact.role not in _WISHED]
    return int(spans[0].low or 0) if spans else None


def _find_sum(facts: Sequence[Fact]) -> int | None:
    sums = [fact.low or 0 for fact in facts if fact.kind in ("sum", "number") and fact.role not in _WISHED]
    return next((int(each) for each in reversed(sums) if each >= _SUM_MIN), None)
