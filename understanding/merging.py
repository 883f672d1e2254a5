"""Joins the values of a message with what it says there is none or some of: a value beats a statement on its slot."""

import re
from collections.abc import Sequence

from understanding.schemas import Fact

_MAY_BE_NONE = ("existing_debt", "household_income", "annual_turnover", "machinery_value", "land_mu")
_PAID = re.compile("还清|还完|结清|清[掉了]|还掉|还上|paid off")
_BORROWED = re.compile("[借贷欠]")
_OTHER_DEBT = re.compile("[房车网][贷]|信用卡|花呗|借呗|白条|还[有剩欠]|只[剩有]")
_EXCEPT = re.compile("除了?[^,，。除]{0,8}$")
_JOINT = re.compile("[ ,，。、]*(?:只|就|但|不过|现在|后来|只是|剩)*")
_DENIAL = re.compile("^[没无]有?")
_REACH = 4


def merge_statements(plain: str, values: Sequence[Fact], statements: Sequence[Fact]) -> list[Fact]:
    """Both from left to right, without the debts that the message says are paid, and none for a sum of zero."""
    named = [_say_none(value) if value.role in _MAY_BE_NONE and value.high == 0 else value for value in values]
    if any(statement.role == "existing_debt" for statement in statements):
        named = [_name_excepted(plain, value) for value in named]
    dropped: list[Fact] = []
    for statement in statements:
        if statement.kind == "none" and _PAID.search(plain, statement.start, statement.end):
            dropped += [value for value in named if _is_paid(plain, value, statement)]
    named = [value for value in named if value not in dropped]
    slots = {value.role for value in named}
    kept = [statement for statement in statements if not statement.role or statement.role not in slots]
    named = [_mark_contradicted(plain, value, statements) for value in named]
    dropped += [statement for statement in statements if statement not in kept]
    merged = sorted([*named, *kept], key=lambda fact: fact.start)
    return [_absorb(plain, fact, dropped) for fact in merged]


def _absorb(plain: str, fact: Fact, dropped: Sequence[Fact]) -> Fact:
    """The fact with what it makes void before it: 没借网贷，就有车贷3万."""
    start = next((d.start for d in dropped if _JOINT.fullmatch(plain, d.end, fact.start)), fact.start)
    return fact.model_copy(update={"start": start}) if start < fact.start else fact


def _mark_contradicted(plain: str, value: Fact, statements: Sequence[Fact]) -> Fact:
    """A sum of what they just said there is none of, with the note `contrast`: 没有农机，农机值3万."""
    is_contradicted = any(
        statement.kind == "none"
        and statement.role == value.role
        and not (statement.is_part or statement.bound or statement.note)
        and _names_again(plain, statement, value)
        for statement in statements
    )
    return value.model_copy(update={"note": "contrast"}) if is_contradicted else value


def _names_again(plain: str, statement: Fact, value: Fact) -> bool:
    """Whether the words right before the value are those of the statement: 没收入，收入5万."""
    thing = _DENIAL.sub("", plain[statement.start : statement.end])
    between = plain[statement.end : value.end]
    return len(thing) > 1 and bool(re.match(f"[的了呢啊 ,，。、]*{re.escape(thing)}(?!还[有剩欠])", between))


def _say_none(value: Fact) -> Fact:
    return Fact(kind="none", role=value.role, start=value.start, end=value.end)


def _name_excepted(plain: str, value: Fact) -> Fact:
    """除了信用社的3万，别的没欠: what is excepted from having no debts is one."""
    is_excepted = value.kind == "sum" and not value.role and _EXCEPT.search(plain, 0, value.start)
    return value.model_copy(update={"role": "existing_debt"}) if is_excepted else value


def _is_paid(plain: str, debt: Fact, paid: Fact) -> bool:
    """Whether the debt is the one that was paid: no other is named between them."""
    is_owed = debt.role == "existing_debt" or (
        not debt.role and _BORROWED.search(plain, max(debt.start - _REACH, 0), debt.end)
    )
    is_money = debt.kind in ("sum", "number") and debt.start < paid.start
    return bool(is_owed) and is_money and not _OTHER_DEBT.search(plain, debt.end, paid.start)
