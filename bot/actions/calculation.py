"""Calculates what a loan would cost, and what if one thing were otherwise."""

from decimal import Decimal
from typing import Any

from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from bot.actions.form_filling import take_facts
from bot.actions.message import read_act
from bot.actions.product_limits import get_product
from bot.actions.repayment import (
    Repayment,
    calculate_equal_instalments,
    calculate_equal_principal,
    calculate_interest_first,
)
from bot.actions.slots import leave_context, read_context
from forms.catalogue import Form
from kit.money import format_fen, format_months, format_yuan
from products.catalogue import list_products
from understanding.schemas import Act

RATE_MAX = Decimal(36)
# The calculator has slots of its own: an application that is open keeps its sum and time.
_OWN = ("calculated_amount", "calculated_term")


async def calculate(
    form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Starts a calculation, or varies the last one; asks for what nobody has told.

    The loan is the one they apply for, or that of the quota just found, if they name no other.
    """
    act = read_act(tracker)
    is_variation = read_context(tracker).get("last") == "calculation"
    before: dict[str, Any] = (tracker.get_slot("calculation") or {}) if is_variation else {}
    terms = {**_read_loan(form, tracker), **before, **_read_terms(act)}
    known = {key: terms.get(key) for key in (*_OWN, "product")}
    update = take_facts(form, known, act.facts)
    answers = {slot: update.values.get(slot, known[slot]) for slot in _OWN}
    if update.requested is None:
        return show(terms | answers, dispatcher, tracker)
    return [SlotSet("calculation", terms), *(SlotSet(slot, v) for slot, v in answers.items()), FollowupAction(form.id)]


async def show_calculation(
    form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Shows the calculation when the form is complete."""
    answers = {question.slot: tracker.get_slot(question.slot) for question in form.questions}
    return show({**(tracker.get_slot("calculation") or {}), **answers}, dispatcher, tracker)


def show(terms: dict[str, Any], dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """Tells the payments, and which rate they follow: the customer's own, the product's highest, or the highest."""
    amount, term = int(terms["calculated_amount"]), int(terms["calculated_term"])
    product = get_product(terms)
    if terms.get("rate"):
        rate, source = Decimal(terms["rate"]), "按您说的年利率"
    elif terms.get("quota_rate") and product and product.id == terms.get("quota_product"):
        rate, source = Decimal(terms["quota_rate"]), "按测出的年利率"
    else:
        rate = product.annual_rate[1] if product else max(each.annual_rate[1] for each in list_products())
        source = f"按{product.name}最高年利率" if product else "按最高年利率"
    names: dict[str, Any] = {
        "amount": format_yuan(amount),
        "term": format_months(term),
        "rate": f"{float(rate):g}",
        "source": source,
    }
    if terms.get("method") == "equal_principal":
        shown = calculate_equal_principal(amount, term, rate)
        dispatcher.utter_message(response="utter_repayment_equal_principal", **names, **_describe(shown))
    else:
        instalments = calculate_equal_instalments(amount, term, rate)
        monthly = format_fen(calculate_interest_first(amount, term, rate).first)
        dispatcher.utter_message(response="utter_repayment", monthly=monthly, **names, **_describe(instalments))
    return [
        SlotSet("calculation", terms),
        *(SlotSet(slot, None) for slot in _OWN),
        leave_context(tracker, last="calculation"),
    ]


def _describe(repayment: Repayment) -> dict[str, Any]:
    return {name: format_fen(getattr(repayment, name)) for name in ("first", "last", "interest")}


def _read_loan(form: Form, tracker: Tracker) -> dict[str, Any]:
    """Sum, time and product of the application that was begun, else of the quota just found, with its rate."""
    quota: dict[str, Any] = tracker.get_slot("quota_summary") or {}
    decision = quota.get("decision") or {}
    if read_context(tracker).get("last") == "quota" and decision.get("quota"):
        loan = {"calculated_amount": decision["quota"], "calculated_term": decision["term_months"]}
        rate = {"quota_rate": str(decision["annual_rate"]), "quota_product": quota["product"]}
        return {**loan, **rate, "product": quota["answers"]["product"]}
    begun = {question.slot: tracker.get_slot(question.asks_for) for question in form.questions if question.asks_for}
    return {**begun, "product": tracker.get_slot("product")}


def _read_terms(act: Act) -> dict[str, Any]:
    """The rate, the method and the product that were named."""
    terms = {key: act.values[key] for key in ("rate", "method") if act.values.get(key)}
    if "rate" in terms and not 0 <= Decimal(terms["rate"]) <= RATE_MAX:
        del terms["rate"]
    product = next((fact.text for fact in act.facts if fact.kind == "product"), None)
    return terms | ({"product": product} if product else {})
