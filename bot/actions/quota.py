"""The quota check: its questions, and the decision of the scoring service in words."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from bot.actions.clients import Clients
from bot.actions.form_action import FormAction
from bot.actions.forms import Field, Slots
from bot.actions.product_field import PRODUCT, get_product
from bot.actions.readers import (
    make_limits,
    read_area,
    read_consent,
    read_sum,
    read_years,
    read_yes_no,
)
from bot.quantities import format_amount, format_term
from kit.errors import ServiceRefused, ServiceUnavailable
from scoring.schemas import DecisionView, parse_request

FARMER_SLOTS = ("land_mu", "machinery_value", "household_income")
BUSINESS_SLOTS = ("annual_turnover", "years_in_business")
SHARED_SLOTS = ("existing_debt", "has_overdue")
_ANY_SUM = make_limits(0, 1_000_000_000)


def has_consent(slots: Slots) -> bool:
    """Nothing is asked of somebody who did not agree."""
    return slots.get("quota_consent") is True


def _asks(product_id: str | None = None, *, other_than: str | None = None) -> Callable[[Slots], bool]:
    def applies(slots: Slots) -> bool:
        product = get_product(slots)
        if not has_consent(slots) or product is None:
            return False
        return product.id == product_id if product_id else product.id != other_than

    return applies


_FARMS = _asks("farmer_loan")
_TRADES = _asks(other_than="farmer_loan")

FIELDS = (
    Field("quota_consent", read_consent),
    replace(PRODUCT, applies=has_consent),
    Field("land_mu", read_area, words=("亩", "地"), applies=_FARMS),
    Field("machinery_value", read_sum(_ANY_SUM, may_be_none=True), words=("农机", "机器"), applies=_FARMS),
    Field("household_income", read_sum(_ANY_SUM, is_yearly=True), words=("收入", "挣", "纯收"), applies=_FARMS),
    Field("annual_turnover", read_sum(_ANY_SUM, is_yearly=True), words=("流水", "营业额", "销售"), applies=_TRADES),
    Field("years_in_business", read_years, words=("年限", "开了", "做了"), applies=_TRADES),
    Field("existing_debt", read_sum(_ANY_SUM, may_be_none=True), words=("欠", "负债", "贷款没还"), applies=has_consent),
    Field("has_overdue", read_yes_no, words=("逾期",), applies=has_consent),
)


class ValidateQuotaForm(FormAction):
    """Takes the answers of the quota form."""

    form = "quota_form"
    starts = ("check_quota",)
    fields = FIELDS

    def announce(self, dispatcher: CollectingDispatcher, updates: dict[str, Any]) -> None:
        """A consent just given goes to the gateway's record."""
        if updates.get("quota_consent"):
            dispatcher.utter_message(response="utter_consent_recorded_quota")


class GiveQuota(Action):
    """Asks the scoring service and tells what it decided."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def name(self) -> str:
        """As in domain.yml."""
        return "action_give_quota"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Keeps the answers when the service is away, so that trying again is one tap."""
        if not has_consent(tracker.slots):
            dispatcher.utter_message(response="utter_consent_declined")
            return [SlotSet("quota_consent", None)]
        content = build_request(tracker.slots)
        key = make_key(tracker.sender_id, content, tracker.latest_message["message_id"])
        try:
            decision = await self._clients.scoring.decide(parse_request(content), idempotency_key=key)
        except (ServiceUnavailable, ServiceRefused):
            dispatcher.utter_message(response="utter_quota_down")
            return []
        dispatcher.utter_message(response=f"utter_quota_{decision.outcome}", **describe(decision, tracker.slots))
        # The next check asks anew; what was said and decided stays for the people who take over.
        summary = {**content, "decision": decision.model_dump(mode="json")}
        asked = ("quota_consent", "product", *FARMER_SLOTS, *BUSINESS_SLOTS, *SHARED_SLOTS)
        return [SlotSet("quota_summary", summary)] + [SlotSet(slot, None) for slot in asked]


def build_request(slots: Slots) -> dict[str, Any]:
    """The scoring service's request: only the facts that belong to the product."""
    product = get_product(slots)
    assert product is not None, "the form asks for it first"  # noqa: S101 (tells the type checker)
    own = FARMER_SLOTS if product.id == "farmer_loan" else BUSINESS_SLOTS
    return {"product": product.id, "facts": {slot: slots[slot] for slot in (*own, *SHARED_SLOTS)}}


def make_key(conversation_id: str, request: dict[str, Any], message_id: str) -> str:
    """An idempotency key: the same turn asks once, however often it is tried."""
    content = json.dumps([conversation_id, request, message_id], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def describe(decision: DecisionView, slots: Slots) -> dict[str, Any]:
    """A decision in the words of the responses utter_quota_*."""
    return {
        "product": str(slots["product"]),
        "quota": format_amount(decision.quota),
        "term": format_term(decision.term_months) if decision.term_months else "",
        "rate": f"{decision.annual_rate:g}" if decision.annual_rate else "",
        "reasons": "\n".join(f"· {reason.text}" for reason in decision.reasons),
        "next_step": decision.next_step,
        "valid_until": f"{decision.valid_until.month}月{decision.valid_until.day}日",
    }
