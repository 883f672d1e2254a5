"""Actions of an application that came back: ask for the named items, and only those, and hand them in."""

from typing import Any

from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from applications.checklist import list_wanted
from applications.wording import describe_note
from bot.actions.application import describe_application, list_applications, name_items, tell_standing
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
        dispatcher.utter_message(
            response="utter_completion_begun",
            application=describe_application(returned),
            items="、".join(name_items(returned.items)),
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
    """Asks the customer to confirm what was added, and for the pictures of papers."""
    returned, narrowed = _read_returned(tracker), _narrow(form, tracker)
    if papers := list_wanted(returned.get("items", [])):
        dispatcher.utter_message(response="utter_completion_papers", papers="、".join(papers))
    has_answers = len(narrowed.questions) > 1
    response = "utter_completion_summary" if has_answers else "utter_completion_pictures"
    return ask_to_confirm(narrowed, dispatcher, tracker, response, _WITHOUT_SUMMARY)


async def submit_completion(
    clients: Clients, form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Hands the items in. When the service is unavailable the answers are kept, so that one tap tries again."""
    returned = _read_returned(tracker)
    answers = {item: tracker.slots.get(item) for item in returned.get("items", []) if item in form.slots}
    key = hash_content(["complete", returned, answers])
    try:
        completed = await clients.applications.complete(
            tracker.sender_id, str(returned.get("number")), answers, idempotency_key=key
        )
    except ServiceUnavailable:
        dispatcher.utter_message(response="utter_service_down", retry="/complete_application")
        return [SlotSet(CONFIRMED, None)]
    except ServiceRefused as refused:
        if refused.code == "papers_missing":
            dispatcher.utter_message(response="utter_completion_papers_missing")
            return [SlotSet(CONFIRMED, None), FollowupAction(form.id)]
        is_over = refused.code == "not_incomplete"
        dispatcher.utter_message(response="utter_completion_nothing" if is_over else "utter_completion_refused")
        return [*forget_completion(form), leave_context(tracker)]
    standing = tell_standing(completed, clients.clock())
    dispatcher.utter_message(response="utter_completion_done", number=completed.number, standing=standing)
    return [*forget_completion(form), leave_context(tracker, last="submitted")]


def _read_returned(tracker: Tracker) -> dict[str, Any]:
    return tracker.get_slot(RETURNED) or {}


def _narrow(form: Form, tracker: Tracker) -> Form:
    """The form with nothing but the questions that were put again, whoever they are usually asked of."""
    wanted = {*_read_returned(tracker).get("items", []), CONFIRMED}
    put = {"when": "always", "customers": ()}
    questions = tuple(each.model_copy(update=put) for each in form.questions if each.slot in wanted)
    return form.model_copy(update={"questions": questions})


def forget_completion(form: Form) -> list[EventType]:
    """Empties all of its slots: an application that is being filled in beside has its draft."""
    return [SlotSet(slot, None) for slot in (*form.slots, "product", RETURNED)]
