"""The value of a field that facts state, or why it cannot be taken as it is: pure functions, one for each kind."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from applications.checks.limits import load_limits
from bot.actions.product_limits import get_product, list_methods
from bot.actions.quantities import (
    take_area,
    take_loan_amount,
    take_people,
    take_sum,
    take_term,
    take_yearly_sum,
    take_years,
)
from bot.actions.slots import Slots
from bot.actions.taken import Found, Take, Taken, Unclear
from forms.catalogue import Kind
from kit.clock import CHINA, read_clock
from kit.identity_numbers import read_identity_number
from products.catalogue import find_product
from understanding.districts import is_within
from understanding.schemas import Fact
from visits.slots import match_wish

_TOWN = re.compile(".{1,6}?(?:镇|乡|街道)")


def take_text(facts: Sequence[Fact], slots: Slots, before: Any) -> Taken:
    """A text: the last one said counts; another use is added to the one before."""
    fact = facts[-1]
    if fact.change and fact.text and before and not fact.note:
        return Found(f"{before}、{fact.text}")
    return Unclear(fact.note or "unclear") if fact.note or not fact.text else Found(fact.text)


def take_purpose(facts: Sequence[Fact], slots: Slots, before: Any) -> Taken:
    """A use of the money that neither the law (the fact's `note`) nor the product rules out."""
    taken, product = take_text(facts, slots, before), get_product(slots)
    if isinstance(taken, Unclear) or product is None:
        return taken
    prohibited = next((each for each in product.prohibited_purposes if each in taken.value), None)
    return Unclear("prohibited", high=prohibited) if prohibited else taken


def take_place(facts: Sequence[Fact], slots: Slots, before: Any) -> Taken:
    """A place in our area, where the product is offered; a vague one is asked about once."""
    fact = facts[-1]
    if not fact.text:
        return Unclear("unclear")
    if fact.note == "outside" or (fact.note and slots.get("hint") != fact.note):
        return Unclear(fact.note)
    # 不是王家村是李家村: still in the same town.
    town = _TOWN.match(before or "")
    place = f"{town[0]}{fact.text}" if town and not _TOWN.match(fact.text) else fact.text
    product = get_product(slots)
    if product is None or is_within(place, product.districts):
        return Found(place)
    return Unclear("elsewhere", low=product.name, high="、".join(product.districts))


def take_name(facts: Sequence[Fact], slots: Slots, before: Any) -> Taken:
    """A name; an odd one is asked about once, a part of one (不是秀英是秀梅) changes the one before."""
    fact = facts[-1]
    if not fact.text:
        return Unclear("unclear")
    if fact.note == "part" and before and len(fact.text) < len(before):
        return Found(before[: len(before) - len(fact.text)] + fact.text)
    if fact.note == "odd" and slots.get("hint") != "odd":
        return Unclear("odd", high=fact.text)
    return Found(fact.text)


def take_product(facts: Sequence[Fact], slots: Slots, before: Any) -> Taken:
    """A product that the bank offers, by its name or id."""
    product = find_product(facts[-1].text)
    if product is None:
        return Unclear("unclear")
    return Found(product.name) if product.is_offered else Unclear("not_offered", high=product.name)


def take_yes_no(facts: Sequence[Fact], slots: Slots, before: Any) -> Taken:
    """Yes or no; a yes with a `note` (a short delay, long ago, settled) is cleared up first."""
    fact = facts[-1]
    if fact.kind == "some" and fact.note:
        return Unclear(fact.note)
    return Found(fact.kind == "some")


def take_possession(facts: Sequence[Fact], slots: Slots, before: Any) -> Taken:
    """Whether one has it."""
    return Found(facts[-1].kind == "some")


def take_method(facts: Sequence[Fact], slots: Slots, before: Any) -> Taken:
    """A way of repaying that the product has."""
    chosen, product = facts[-1].text, get_product(slots)
    if product and chosen not in list_methods(product):
        return Unclear("not_offered", high=chosen)
    return Found(chosen)


def take_identity_number(facts: Sequence[Fact], slots: Slots, before: Any) -> Taken:
    """An identity number without a slip, of somebody old enough to borrow."""
    fact = facts[-1]
    if fact.note:
        return Unclear(fact.note)
    identity, today = read_identity_number(fact.text), read_clock().astimezone(CHINA).date()
    if identity is None:
        return Unclear("check")
    limits, age = load_limits(today), identity.find_age(today)
    if not limits.age_min <= age <= limits.age_max:
        return Unclear("age", low=str(limits.age_min), high=str(limits.age_max))
    return Found(fact.text)


def take_code(facts: Sequence[Fact], slots: Slots, before: Any) -> Taken:
    """A firm's credit code without a slip."""
    fact = facts[-1]
    return Unclear(fact.note) if fact.note else Found(fact.text)


def take_visit_time(facts: Sequence[Fact], slots: Slots, before: Any) -> Taken:
    """The one free time that was wished for (as ISO); of several, one has to be chosen."""
    low, high = facts[-1].low, facts[-1].high
    if low is None or high is None:
        return Unclear("unclear")
    times = [datetime.fromisoformat(time) for time in (slots.get("visit_plan") or {}).get("times", [])]
    matching = match_wish(times, (low, high))
    if len(matching) == 1:
        return Found(matching[0].isoformat())
    return Unclear("choose" if matching else "not_free")


TAKE: dict[Kind, Take] = {
    "product": take_product,
    "loan_amount": take_loan_amount,
    "loan_term": take_term,
    "amount": take_sum,
    "yearly_amount": take_yearly_sum,
    "area": take_area,
    "years": take_years,
    "yes_no": take_yes_no,
    "purpose": take_purpose,
    "place": take_place,
    "name": take_name,
    "phone": take_text,
    "identity_number": take_identity_number,
    "livelihood": take_text,
    "company": take_text,
    "credit_code": take_code,
    "people": take_people,
    "possession": take_possession,
    "choice": take_text,
    "method": take_method,
    "visit_time": take_visit_time,
}
