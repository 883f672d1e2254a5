"""Calculates what a loan would cost, and what if one thing were otherwise."""

from decimal import Decimal
from typing import Any

from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from bot.actions.calculated_loan import OWN_SLOTS, describe_loan, read_loan
from bot.actions.form_filling import take_facts
from bot.actions.message import read_act
from bot.actions.prepayment import tell_prepayment
from bot.actions.slots import leave_context, read_context
from forms.catalogue import Form
from kit.money import format_fen
from lending.schedule import RATE_MAX, sum_interest
from understanding.schemas import Act

_RESPONSES = {"equal_principal": "utter_repayment_equal_principal", "bullet": "utter_repayment_bullet"}


async def calculate(
    form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Starts a calculation, or varies the last one; asks for what nobody has told.

    The loan is the one they apply for, or that of the quota just found, if they name no other.
    """
    act = read_act(tracker)
    is_variation = read_context(tracker).get("last") == "calculation"
    before: dict[str, Any] = (tracker.get_slot("calculation") or {}) if is_variation else {}
    terms = {**_find_loan(form, tracker), **before, **_read_terms(act)}
    known = {key: terms.get(key) for key in (*OWN_SLOTS, "product")}
    update = take_facts(form, known, act.facts)
    answers = {slot: update.values.get(slot, known[slot]) for slot in OWN_SLOTS}
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
    """Tells the payments, and what repaying early would save if that was asked with them."""
    loan = read_loan(terms)
    if loan is None:
        raise LookupError("the sum or the time was not told")
    schedule = loan.make_schedule(loan.method if loan.method in _RESPONSES else "equal_instalments")
    payments = {"first": schedule[0].payment, "last": schedule[-1].payment, "interest": sum_interest(schedule)}
    values = describe_loan(loan) | {name: format_fen(fen) for name, fen in payments.items()}
    if loan.method not in _RESPONSES:  # both usual ways, side by side
        values["monthly"] = format_fen(loan.make_schedule("interest_first")[0].interest)
    dispatcher.utter_message(response=_RESPONSES.get(loan.method, "utter_repayment"), **values)
    kept = {key: value for key, value in terms.items() if key != "prepayment"}
    if "prepayment" in terms:
        tell_prepayment(loan, terms["prepayment"], dispatcher)
    return [
        SlotSet("calculation", kept),
        *(SlotSet(slot, None) for slot in OWN_SLOTS),
        leave_context(tracker, last="calculation"),
    ]


def _find_loan(form: Form, tracker: Tracker) -> dict[str, Any]:
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
    """The rate, the method, the product and the prepayment that were named."""
    terms = {key: act.values[key] for key in ("rate", "method", "prepayment") if act.values.get(key)}
    if "rate" in terms and not 0 <= Decimal(terms["rate"]) <= RATE_MAX:
        del terms["rate"]
    product = next((fact.text for fact in act.facts if fact.kind == "product"), None)
    return terms | ({"product": product} if product else {})
