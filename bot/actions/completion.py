"""Actions of an application that came back: ask for the named items, and only those, and hand them in."""

from typing import Any

from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from applications.wording import describe_note
from bot.actions.application import describe_application, list_applications, tell_standing
from bot.actions.clients import Clients
from bot.actions.confirming import ask_to_confirm
from bot.actions.form_action import fill_form
from bot.actions.message import read_act
from bot.actions.slots import REQUESTED_SLOT, leave_context
from forms.catalogue import Form
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.security import hash_content
from products.catalogue import find_product

# What the form goes by: the application's number, its items, and which return of it this is.
RETURNED = "returned_application"
CONFIRMED = "completion_confirmed"
_WITHOUT_SUMMARY = {"declined": "utter_completion_not_confirmed", "not_yet": "utter_completion_not_confirmed"}


async def begin_completion(
    clients: Clients, form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Opens the form for the application of the number named, or for the newest one that came back."""
    found = await list_applications(clients, dispatcher, tracker, retry="/complete_application")
    if found is None:
        return []
    number = str(read_act(tracker).values.get("number") or "").upper()
    returned = next((each for each in found if each.stage == "incomplete" and number in ("", each.number)), None)
    product = find_product(returned.product) if returned else None
    if returned is None or product is None:
        dispatcher.utter_message(response="utter_completion_nothing")
        return []
    begun = {"number": returned.number, "items": returned.items, "as_of": returned.changed_at.isoformat()}
    slots: dict[str, Any] = {RETURNED: begun, "product": product.name}
    if tracker.get_slot(RETURNED) != begun:
        slots |= dict.fromkeys(form.slots)
        labels = "、".join(question.label for question in form.questions if question.slot in returned.items)
        dispatcher.utter_message(
            response="utter_completion_begun",
            application=describe_application(returned),
            items=labels,
            reason=describe_note(returned.reason),
        )
    return [*(SlotSet(slot, value) for slot, value in slots.items()), FollowupAction(form.id)]


async def fill_completion(
    form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Fills the form; what the manager asked for cannot be skipped."""
    if read_act(tracker).name == "skip" and tracker.active_loop_name == form.id:
        dispatcher.utter_message(response="utter_completion_required")
        return [SlotSet("hint", None), SlotSet(REQUESTED_SLOT, tracker.get_slot(REQUESTED_SLOT))]
    return await fill_form(_narrow(form, tracker), dispatcher, tracker, domain)


async def ask_completion_confirmation(
    form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Asks the customer to confirm what was added."""
    number = _read_returned(tracker).get("number", "")
    narrowed = _narrow(form, tracker)
    return ask_to_confirm(narrowed, dispatcher, tracker, "utter_completion_summary", _WITHOUT_SUMMARY, number=number)


async def submit_completion(
    clients: Clients, form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Hands the items in. When the service is unavailable the answers are kept, so that one tap tries again."""
    returned = _read_returned(tracker)
    answers = {slot: tracker.slots.get(slot) for slot in returned.get("items", [])}
    key = hash_content(["complete", returned, answers])
    try:
        completed = await clients.applications.complete(
            tracker.sender_id, str(returned.get("number")), answers, idempotency_key=key
        )
    except ServiceUnavailable:
        dispatcher.utter_message(response="utter_service_down", retry="/complete_application")
        return [SlotSet(CONFIRMED, None)]
    except ServiceRefused as refused:
        is_over = refused.code == "not_incomplete"
        dispatcher.utter_message(response="utter_completion_nothing" if is_over else "utter_completion_refused")
        return [*forget_completion(form), leave_context(tracker)]
    standing = tell_standing(completed, clients.clock())
    dispatcher.utter_message(response="utter_completion_done", number=completed.number, standing=standing)
    return [*forget_completion(form), leave_context(tracker, last="submitted")]


def _read_returned(tracker: Tracker) -> dict[str, Any]:
    return tracker.get_slot(RETURNED) or {}


def _narrow(form: Form, tracker: Tracker) -> Form:
    """The form with nothing but the questions that were put again."""
    wanted = {*_read_returned(tracker).get("items", []), CONFIRMED}
    return form.model_copy(update={"questions": tuple(each for each in form.questions if each.slot in wanted)})


def forget_completion(form: Form) -> list[EventType]:
    """Empties all of its slots: an application that is being filled in beside has its draft."""
    return [SlotSet(slot, None) for slot in (*form.slots, "product", RETURNED)]
