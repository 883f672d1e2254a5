"""The numbers that facts state: sums, spans, land, people; pure functions, one for each kind."""

from collections.abc import Sequence
from typing import Any

from bot.actions.product_limits import limit_amount, limit_term
from bot.actions.slots import Slots
from bot.actions.taken import Found, Taken, Unclear
from kit.money import format_months, format_yuan
from understanding.schemas import Fact

# What is beyond these is asked back once: a slip of the tongue, or yuan for 万.
PLAUSIBLE: dict[str, tuple[int, int]] = {
    "machinery_value": (500, 5_000_000),
    "household_income": (1_000, 10_000_000),
    "annual_turnover": (1_000, 500_000_000),
    "existing_debt": (100, 50_000_000),
    "tax_paid": (100, 50_000_000),
}
SUM_MAX = 1_000_000_000
AREA_MAX = 100_000  # mu; the scoring service takes no more
YEARS_MAX = 50
PEOPLE_MAX = {"household_size": 30, "staff_count": 5_000}
_TIMES_A_YEAR = {"day": 360, "month": 12, "year": 1}
# A bare number below it may mean so many 万.
_SHORT_BELOW = 1000


def take_people(facts: Sequence[Fact], slots: Slots, before: Any) -> Taken:
    """A number of people; a household has at least one."""
    fact = facts[-1]
    least = 0 if fact.role == "staff_count" else 1
    if fact.kind == "none":
        return Found(0) if least == 0 else Unclear("unclear")
    low, high = float(fact.low or 0), float(fact.high or 0)
    if low != high:
        return Unclear("range")
    return Found(int(low)) if least <= low <= PEOPLE_MAX.get(fact.role, 0) and not low % 1 else Unclear("unclear")


def take_loan_amount(facts: Sequence[Fact], slots: Slots, before: Any) -> Taken:
    """The wished sum in yuan, within the product's limits."""
    if len(facts) > 1:
        return Unclear("several")
    if facts[0].is_negative or facts[0].period:
        return Unclear("unclear")
    return _take_sum(facts[0], limit_amount(slots), before)


def take_sum(facts: Sequence[Fact], slots: Slots, before: Any) -> Taken:
    """A sum in yuan; several are added, parts of a whole are not."""
    stated = [fact for fact in facts if not fact.is_part] or list(facts)
    if stated[-1].kind == "none":
        return Found(0)
    if any(fact.note == "contrast" for fact in stated):
        return Unclear("several")
    if stated[-1].kind == "some":
        return Unclear("how_much")
    if any(fact.period for fact in stated):
        return Unclear("unclear")  # 一年6万 is earned or paid, not what something is worth
    values = [_take_sum(fact, (0, SUM_MAX), before) for fact in stated if fact.kind != "none"]
    if any(isinstance(value, Unclear) and value.hint == "too_high" for value in values):
        return Unclear("unclear")
    if unclear := next((value for value in values if isinstance(value, Unclear)), None):
        return unclear if len(values) == 1 else Unclear("several")
    total = sum(value.value for value in values if isinstance(value, Found))
    least, most = PLAUSIBLE.get(stated[0].role, (0, SUM_MAX))
    if total and not least <= total <= most and slots.get("hint_high") != format_yuan(total):
        return Unclear("unit", high=format_yuan(total))
    return Found(total)


def take_yearly_sum(facts: Sequence[Fact], slots: Slots, before: Any) -> Taken:
    """A year's sum in yuan; one by the day or the month is multiplied."""
    if any(fact.is_negative for fact in facts):
        return Unclear("loss")
    if any(fact.period == "odd" for fact in facts):
        return Unclear("period")
    if len(facts) > 1 and any(fact.low != fact.high for fact in facts):
        return Unclear("several")  # good months and bad ones
    return take_sum([_make_yearly(fact) for fact in facts], slots, before)


def take_term(facts: Sequence[Fact], slots: Slots, before: Any) -> Taken:
    """One span in whole months, within the product's limit."""
    fact = facts[-1]
    if len(facts) > 1:
        return Unclear("several")
    low, high = float(fact.low or 0), float(fact.high or 0)
    if fact.change and before:
        low = high = before + (low if fact.change == "more" else -low)
    if not 1 <= low <= high or low % 1:
        return Unclear("unclear")
    if low != high:
        return Unclear("range", format_months(int(low)), format_months(int(high)))
    if fact.kind == "number":
        return Unclear("unit", high=format_months(int(low)))
    most = limit_term(slots)[1]
    return Found(int(low)) if low <= most else Unclear("too_high", high=format_months(most))


def take_years(facts: Sequence[Fact], slots: Slots, before: Any) -> Taken:
    """Years something has lasted, from months: 18 -> 1.5; an incomplete year must not count as one."""
    if len(facts) > 1:
        return Unclear("several")
    fact = facts[0]
    factor = 12 if fact.kind == "number" else 1  # 5 is five years
    low, high = (round((value or 0) * factor) for value in (fact.low, fact.high))
    if not 1 <= low <= high <= YEARS_MAX * 12:
        return Unclear("unclear")
    if low != high:
        return Unclear("range", format_months(low), format_months(high))
    return Found(round((low - 1 if fact.bound in ("under", "almost") else low) / 12, 2))


def take_area(facts: Sequence[Fact], slots: Slots, before: Any) -> Taken:
    """Land in mu; several plots add up, parts of a whole do not."""
    stated = [fact for fact in facts if not fact.is_part] or list(facts)
    if stated[-1].kind == "none":
        return Found(0.0)
    if stated[-1].kind == "some":
        return Unclear("how_much")
    measured = [fact for fact in stated if fact.kind in ("area", "number")]
    if any(fact.note == "contrast" for fact in measured):
        return Unclear("how_much")
    if not measured:
        return Unclear("unclear")
    if any(fact.low != fact.high for fact in measured):
        return Unclear("range")
    area = round(sum(float(fact.low or 0) for fact in measured), 2)
    if measured[-1].change:
        area = round((before or 0) + (area if measured[-1].change == "more" else -area), 2)
    is_possible = 0 <= area <= AREA_MAX and not any(fact.is_negative for fact in measured)
    return Found(area) if is_possible else Unclear("unclear")


def _make_yearly(fact: Fact) -> Fact:
    if fact.kind not in ("sum", "number") or fact.period not in ("day", "month", "year"):
        return fact
    times = _TIMES_A_YEAR[fact.period]
    # 每月5000 names its unit by its period.
    return fact.model_copy(
        update={"kind": "sum", "low": (fact.low or 0) * times, "high": (fact.high or 0) * times, "period": ""}
    )


def _take_sum(fact: Fact, limits: tuple[int, int], before: Any) -> Taken:
    least, most = limits
    low, high = float(fact.low or 0), float(fact.high or 0)
    # “20” may be 20 yuan or 20万: only a number that makes sense as it stands is taken so.
    is_short = fact.kind == "number" and 0 < low < max(least, _SHORT_BELOW)
    if is_short:
        low, high = low * 10_000, high * 10_000
    if fact.change and before is not None:
        low, high = sorted(before + (each if fact.change == "more" else -each) for each in (low, high))
    if fact.is_negative or low < 0 or (fact.change == "less" and before is None):
        return Unclear("unclear")
    if low != high:
        return Unclear("range", format_yuan(round(low)), format_yuan(round(high)))
    value = round(low)
    if is_short:
        return Unclear("unit", high=format_yuan(value))
    if value < least:
        return Unclear("too_low", low=format_yuan(least))
    return Found(value) if value <= most else Unclear("too_high", high=format_yuan(most))
