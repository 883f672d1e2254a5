"""Actions of the pre-application: confirm it, submit it, report its progress."""

from typing import Any

from pydantic import ValidationError
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from applications.products import find_product
from applications.schemas import ApplicationIn
from bot.actions.clients import Clients
from bot.actions.product_field import get_product
from forms.catalogue import Form
from kit.clock import CHINA
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.money import format_quantity, format_yuan
from kit.security import hash_content

CONSENT_VERSION = "2026-07"
STAGE_TEXTS = {
    "submitted": "已收到，客户经理会在1个工作日内联系您",
    "contacted": "客户经理已联系过您",
    "collecting": "正在收材料",
    "forwarded": "已转审批",
    "closed": "已办结",
}


async def ask_confirmation(
    form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Asks the customer to confirm the application, with a summary; after a "no", explains how to change it."""
    if tracker.get_slot("hint") == "declined":
        dispatcher.utter_message(response="utter_application_not_confirmed")
        return []
    texts: dict[str, Any] = {
        question.slot: format_quantity(value, question.unit) if question.unit else str(value)
        for question in form.questions
        if (value := tracker.get_slot(question.slot)) is not None
    }
    dispatcher.utter_message(response="utter_application_summary", **texts)
    return []


async def submit_application(
    clients: Clients, form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Submits the application.

    When the service is unavailable the answers are kept, so that one tap tries again.
    """
    if tracker.slots.get("application_consent") is not True:
        dispatcher.utter_message(response="utter_consent_declined")
        return [SlotSet("application_consent", None)]
    product = get_product(tracker.slots)
    assert product is not None, "the form asks for it first"  # noqa: S101 (tells the type checker)
    values = {slot: tracker.slots[slot] for slot in form.list_answers(product.id)}
    try:
        application = ApplicationIn.model_validate(
            {
                "conversation_id": tracker.sender_id,
                "product": product.id,
                "consent_version": CONSENT_VERSION,
                **values,
            }
        )
        key = make_key(application, str(tracker.slots.get("application_number")))
        stored = await clients.applications.submit(application, idempotency_key=key)
    except ServiceUnavailable:
        dispatcher.utter_message(response="utter_application_down")
        return [SlotSet("application_confirmed", None)]
    except (ServiceRefused, ValidationError):
        dispatcher.utter_message(response="utter_application_refused")
        return [SlotSet("application_confirmed", None)]
    is_large = stored.amount > product.amount_online_max
    dispatcher.utter_message(
        response="utter_application_submitted_large" if is_large else "utter_application_submitted",
        number=stored.number,
        phone=f"{stored.phone[:3]}****{stored.phone[-4:]}",
        documents=product.documents,
    )
    done = [SlotSet(question.slot, None) for question in form.questions]
    return [SlotSet("application_number", stored.number), *done]


async def check_application(
    clients: Clients, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Reports the progress of this conversation's last application: nobody can ask for somebody else's."""
    try:
        found = await clients.applications.list_applications(tracker.sender_id)
    except (ServiceUnavailable, ServiceRefused):
        dispatcher.utter_message(response="utter_service_down", retry="/check_application_status")
        return []
    if not found:
        dispatcher.utter_message(response="utter_application_none")
        return []
    newest = found[0]
    day = newest.created_at.astimezone(CHINA)
    product = find_product(newest.product)
    dispatcher.utter_message(
        response="utter_application_status",
        date=f"{day.month}月{day.day}日",
        product=product.name if product else "",
        number=newest.number,
        amount=format_yuan(newest.amount),
        stage=STAGE_TEXTS[newest.stage],
    )
    return []


def make_key(application: ApplicationIn, previous_number: str) -> str:
    """The idempotency key: the same content is one application until the service has acknowledged it."""
    return hash_content([application.model_dump(mode="json"), previous_number])
