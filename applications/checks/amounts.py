"""Checks of sums against each other."""

from collections.abc import Iterator

from applications.checks.check import Check, CheckedApplication, Weight
from kit.money import format_quantity, format_yuan


def check_amounts(case: CheckedApplication) -> Iterator[Check]:
    """The sum asked for, and what the customer says of income, turnover, tax and staff."""
    amount, online = case.application.amount, case.product.online_limit
    if amount > online:
        reason = f"申请{format_yuan(amount)}，超过线上最高{format_yuan(online)}"
        yield Check("above_online_limit", "suspicion", "low", ("amount",), reason)
    if case.product.kind == "farmer":
        yield from _check_share(case, "household_income", "家庭年收入", case.limits.income_share)
        yield from _check_household(case)
        return
    shares = {"trader": case.limits.trader_turnover_share, "firm": case.limits.firm_turnover_share}
    yield from _check_share(case, "annual_turnover", "年流水", shares[case.product.kind])
    turnover = case.read_number("annual_turnover")
    if turnover is not None:
        yield from _check_tax(case, int(turnover))
        yield from _check_staff(case, int(turnover))


def _check_share(case: CheckedApplication, slot: str, name: str, share: int) -> Iterator[Check]:
    base, amount = case.read_number(slot), case.application.amount
    if base is None or amount * 100 <= base * share:
        return
    is_grave = amount * 10_000 > base * share * case.limits.grave
    reason = f"申请{format_yuan(amount)}，超过{name}{format_yuan(int(base))}的{share}%"
    ask = f"您说{name}{format_yuan(int(base))}，想借{format_yuan(amount)}，对吗？"
    weight: Weight = "high" if is_grave else "medium"
    yield Check(f"amount_against_{slot}", "suspicion", weight, ("amount", slot), reason, is_mendable=True, ask=ask)


def _check_household(case: CheckedApplication) -> Iterator[Check]:
    income, land, people = map(case.read_number, ("household_income", "land_mu", "household_size"))
    if income is None or land is None or people is None:
        return
    most = int(land * case.limits.income_per_mu + people * case.limits.income_per_head)
    if income > most:
        about = f"{format_quantity(land, '亩')}地、{people:g}口人"
        reason = f"家庭年收入{format_yuan(int(income))}，{about}一般最多{format_yuan(most)}"
        slots = ("household_income", "land_mu", "household_size")
        yield Check("implausible_income", "suspicion", "medium", slots, reason)


def _check_tax(case: CheckedApplication, turnover: int) -> Iterator[Check]:
    tax, slots = case.read_number("tax_paid"), ("tax_paid", "annual_turnover")
    if tax is None:
        return
    if tax * 100 > turnover * case.limits.tax_share:
        about = f"年流水{format_yuan(turnover)}的{case.limits.tax_share}%"
        reason = f"年纳税{format_yuan(int(tax))}，超过{about}"
        yield Check("tax_too_high", "contradiction", "medium", slots, reason)
    if not tax and turnover > case.limits.untaxed_turnover:
        yield Check("no_tax", "suspicion", "medium", slots, f"年流水{format_yuan(turnover)}，却没有纳税")


def _check_staff(case: CheckedApplication, turnover: int) -> Iterator[Check]:
    staff = case.read_number("staff_count")
    if staff is not None and turnover > max(staff, 1) * case.limits.turnover_per_head:
        most = format_yuan(case.limits.turnover_per_head)
        reason = f"年流水{format_yuan(turnover)}，只有{staff:g}名员工，每人超过{most}"
        yield Check("few_staff", "suspicion", "medium", ("staff_count", "annual_turnover"), reason)
