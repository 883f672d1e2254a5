"""The rules of early warning: pure functions over a case; rules.yml beside this file has their names and numbers."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from applications.stages import STAGE_NAMES
from early_warning.case import Case, Told
from kit.clock import CHINA, write_day
from kit.money import format_quantity, format_yuan

Values = Mapping[str, int]
"""The parameters in force, by name, each in its unit."""

_COMPARED: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "household_income": ("家庭年收入", lambda value: format_yuan(int(value))),
    "annual_turnover": ("年流水", lambda value: format_yuan(int(value))),
    "land_mu": ("种的地", lambda value: format_quantity(value, "亩")),
}
OVERDUE = "has_overdue"
SLOTS = (*_COMPARED, OVERDUE)
"""The facts that the rules look at."""


class Finding(NamedTuple):
    """A rule that holds: the reason for staff, and the facts it rests on.

    What staff closed comes back only with other facts: what changes by itself from day to day is none.
    """

    reason: str
    facts: tuple[str, ...]


class WarningRule(NamedTuple):
    """How a rule is checked, and the unit of each of its parameters."""

    check: Callable[[Case, Values, datetime], Finding | None]
    units: Mapping[str, str]


def check_several(case: Case, values: Values, now: datetime) -> Finding | None:
    """More open applications of one person, near each other in time, than usual."""
    if case.kind != "application":
        return None
    near = timedelta(days=values["days"])
    around = [other for other in case.others if other.is_open and abs(other.at - case.told.at) <= near]
    if len(around) < values["applications_max"]:
        return None
    reason = f"{values['days']}天内同一个人有{len(around) + 1}笔在办的申请，另有{_join(around)}"
    return Finding(reason, (max([case.told, *around], key=lambda told: told.at).id,))


def check_contradiction(case: Case, values: Values, now: datetime) -> Finding | None:
    """A number that differs much from what the person said before."""
    since = case.told.at - timedelta(days=values["days"])
    earlier = [other for other in case.others if since <= other.at < case.told.at]
    return _explain(
        (f"{label}这次说{write(new)}，{_say(told)}说{write(old)}，相差{difference}%", (slot, f"{new:g}", f"{old:g}"))
        for slot, label, write, new, told, old in _compare(case, earlier)
        if (difference := _measure_difference(new, old)) > values["difference"]
    )


def check_fall(case: Case, values: Values, now: datetime) -> Finding | None:
    """A number that the person says is much smaller now than when they applied."""
    later = [other for other in case.others if other.at > case.told.at]
    return _explain(
        (f"{label}申请时说{write(old)}，{_say(told)}说{write(new)}，少了{fall}%", (slot, f"{old:g}", f"{new:g}"))
        for slot, label, write, old, told, new in _compare(case, later)
        if new < old and (fall := _measure_difference(old, new)) > values["fall"]
    )


def check_overdue(case: Case, values: Values, now: datetime) -> Finding | None:
    """Somebody said not long ago that a loan of theirs is overdue somewhere."""
    since = now - timedelta(days=values["days"])
    told = [each for each in (case.told, *case.others) if OVERDUE in each.facts and each.at >= since]
    told.sort(key=lambda each: each.at, reverse=True)
    said = next((each for each in told if each.facts[OVERDUE]), None)
    if said is None:
        return None
    denied = f"，{_say(told[0])}又说没有" if said != told[0] else ""
    return Finding(f"{_say(said)}说有逾期{denied}", (said.id, told[0].id))


def check_stage(case: Case, values: Values, now: datetime) -> Finding | None:
    """A stage that stays past its deadline however often whoever is responsible was alerted."""
    if case.kind != "application" or case.alerts < values["alerts_min"]:
        return None
    name = next((name for stage, name in STAGE_NAMES.items() if stage == case.stage), case.stage)
    reason = f"“{name}”超期后提醒了{values['alerts_min']}次还没办，{_write(case.changed_at)}起没有动过"
    return Finding(reason, (case.stage, case.changed_at.isoformat()))


def check_contact(case: Case, values: Values, now: datetime) -> Finding | None:
    """An application about which nobody has written, called or come for long."""
    if case.kind != "application" or not _is_silent(case, values["days"], now):
        return None
    reason = f"最后一次联系是{_write(case.last_contact_at)}，超过{values['days']}天没有联系"
    return Finding(reason, (case.last_contact_at.isoformat(),))


def check_renewal(case: Case, values: Values, now: datetime) -> Finding | None:
    """A loan that is due soon, or was already, and nobody has spoken with its customer."""
    if case.due_on is None or (case.due_on - now.astimezone(CHINA).date()).days > values["due_days"]:
        return None
    if not _is_silent(case, values["days"], now):
        return None
    reason = f"{write_day(case.due_on)}到期，最后一次联系是{_write(case.last_contact_at)}，超过{values['days']}天"
    return Finding(reason, (case.due_on.isoformat(), case.last_contact_at.isoformat()))


RULES: Mapping[str, WarningRule] = {
    "several_applications": WarningRule(check_several, {"applications_max": "count", "days": "day"}),
    "contradicting_facts": WarningRule(check_contradiction, {"difference": "percent", "days": "day"}),
    "portrait_changed": WarningRule(check_fall, {"fall": "percent"}),
    "told_overdue": WarningRule(check_overdue, {"days": "day"}),
    "stage_overdue": WarningRule(check_stage, {"alerts_min": "count"}),
    "no_contact": WarningRule(check_contact, {"days": "day"}),
    "renewal_without_contact": WarningRule(check_renewal, {"due_days": "day", "days": "day"}),
}
# Those that repeat what was said in a quota check or another application: gone with it.
REPEATING = ("several_applications", "contradicting_facts", "portrait_changed", "told_overdue")


def _compare(case: Case, others: list[Told]) -> Iterator[tuple[str, str, Callable[[float], str], float, Told, float]]:
    """Each compared fact with the newest of the others that has it: slot, label, writer, own value, the other, its."""
    for slot, (label, write) in _COMPARED.items():
        other = max((each for each in others if slot in each.facts), key=lambda each: each.at, default=None)
        if other is not None and slot in case.told.facts:
            yield slot, label, write, case.told.facts[slot], other, other.facts[slot]


def _measure_difference(one: float, other: float) -> int:
    """How much the smaller one lacks of the greater one, in percent."""
    most = max(one, other)
    return round(abs(one - other) * 100 / most) if most else 0


def _explain(found: Iterator[tuple[str, tuple[str, ...]]]) -> Finding | None:
    reasons: list[str] = []
    facts: list[str] = []
    for reason, own in found:
        reasons.append(reason)
        facts.extend(own)
    return Finding("；".join(reasons), tuple(facts)) if reasons else None


def _is_silent(case: Case, days: int, now: datetime) -> bool:
    return case.last_contact_at < now - timedelta(days=days)


def _say(told: Told) -> str:
    return f"{_write(told.at)}{told.source}"


def _join(told: list[Told]) -> str:
    return "、".join(each.source for each in sorted(told, key=lambda each: each.at))


def _write(moment: datetime) -> str:
    return write_day(moment.astimezone(CHINA).date())
