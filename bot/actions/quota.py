"""The quota check: asks the scoring service and words its decision."""

from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from bot.actions.clients import Clients
from bot.actions.form_reading import Slots
from bot.actions.product_field import get_product
from forms.catalogue import Form
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.money import format_months, format_yuan
from kit.security import hash_content
from scoring.schemas import DecisionView, parse_request


async def give_quota(
    clients: Clients, form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Asks the scoring service and explains its decision.

    When the service is unavailable the answers are kept, so that one tap tries again.
    """
    if tracker.slots.get("quota_consent") is not True:
        dispatcher.utter_message(response="utter_consent_declined")
        return [SlotSet("quota_consent", None)]
    content = build_request(form, tracker.slots)
    key = make_key(tracker.sender_id, content, tracker.latest_message["message_id"])
    try:
        decision = await clients.scoring.decide(parse_request(content), idempotency_key=key)
    except (ServiceUnavailable, ServiceRefused):
        dispatcher.utter_message(response="utter_quota_down")
        return []
    dispatcher.utter_message(response=f"utter_quota_{decision.outcome}", **describe(decision, tracker.slots))
    # The next check asks again; answers and decision stay for agents who take over.
    summary = {**content, "decision": decision.model_dump(mode="json")}
    return [SlotSet("quota_summary", summary)] + [SlotSet(question.slot, None) for question in form.questions]


def build_request(form: Form, slots: Slots) -> dict[str, Any]:
    """The scoring service's request: only the facts that belong to the product."""
    product = get_product(slots)
    assert product is not None, "the form asks for it first"  # noqa: S101 (tells the type checker)
    return {"product": product.id, "facts": {slot: slots[slot] for slot in form.list_answers(product.id)}}


def make_key(conversation_id: str, request: dict[str, Any], message_id: str) -> str:
    """The idempotency key: retries of one turn ask once."""
    return hash_content([conversation_id, request, message_id])


def describe(decision: DecisionView, slots: Slots) -> dict[str, Any]:
    """The values for the responses utter_quota_*."""
    return {
        "product": str(slots["product"]),
        "quota": format_yuan(decision.quota),
        "term": format_months(decision.term_months) if decision.term_months else "",
        "rate": f"{decision.annual_rate:g}" if decision.annual_rate else "",
        "reasons": "\n".join(f"· {reason.text}" for reason in decision.reasons),
        "next_step": decision.next_step,
        "valid_until": f"{decision.valid_until.month}月{decision.valid_until.day}日",
    }
