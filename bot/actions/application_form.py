"""The application's form: its draft is kept and resumed, and none is begun beside one in progress."""

import logging
from typing import Any

from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from applications.schemas import ApplicationView, DraftIn
from applications.stages import OPEN_STAGES
from bot.actions.application import describe_application
from bot.actions.clients import Clients, try_call
from bot.actions.completion import RETURNED, forget_completion
from bot.actions.describing import describe_answers
from bot.actions.form_action import RESTATED, fill_form
from bot.actions.form_filling import list_answered
from bot.actions.known_quota import list_checks
from bot.actions.message import read_act
from bot.actions.slots import REQUESTED_SLOT, Slots, forget, lacks_consent
from forms.catalogue import LEFT_OPEN, Form, load_catalogue
from kit.errors import ServiceRefused, ServiceUnavailable
from products.catalogue import find_product

log = logging.getLogger(__name__)
_AWAY = (ServiceUnavailable, ServiceRefused)
_NOTHING = (None, LEFT_OPEN)


async def fill_application(
    clients: Clients, form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Fills the form; what the customer told on an earlier day or on another channel stands in it again.

    What was told to complete another application is none of its answers.
    """
    aside = forget_completion(load_catalogue().forms["completion_form"]) if tracker.get_slot(RETURNED) else []
    tracker.slots.update({event["name"]: event["value"] for event in aside})
    events = await _fill(clients, form, dispatcher, tracker, domain)
    return [*aside, *events] if events else []


async def _fill(
    clients: Clients, form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    before = _list_answers(form, tracker.slots)
    is_resumed = read_act(tracker).name == "resume_application"
    draft = {} if before else await _find_draft(clients, form, tracker, is_wanted=is_resumed)
    restored = draft if _may_ask(form, tracker) else {}
    if restored:
        tracker.slots.update(restored)
        told = [question for question in list_answered(form, restored) if restored.get(question.slot) not in _NOTHING]
        dispatcher.utter_message(response="utter_draft_resumed", answers=describe_answers(told, restored))
    elif is_resumed and not before and not draft:
        dispatcher.utter_message(response="utter_draft_missing")
    events = await fill_form(form, dispatcher, tracker, domain)
    after = {**tracker.slots, **{event["name"]: event["value"] for event in events if event["event"] == "slot"}}
    if not events or lacks_consent(form, after):
        return events
    if after.get("product") not in (None, before.get("product")):
        in_progress = await _find_in_progress(clients, tracker.sender_id, after)
        if in_progress:
            dispatcher.messages.clear()
            dispatcher.utter_message(response="utter_application_open", application=describe_application(in_progress))
            return [*forget(load_catalogue(), form, after), SlotSet(REQUESTED_SLOT, None), ActiveLoop(None)]
        known = {} if tracker.get_slot("quota_summary") else await _find_known(clients, form, tracker.sender_id, after)
        if known:
            questions = [question for question in form.questions if question.slot in known]
            dispatcher.utter_message(response="utter_known_facts", answers=describe_answers(questions, known))
            after |= known
            restored = {**restored, **known}
    answers = _list_answers(form, after)
    if answers != before:
        await save_draft(clients, tracker.sender_id, answers)
    return [*(SlotSet(slot, value) for slot, value in restored.items()), *events]


async def save_draft(clients: Clients, conversation_id: str, answers: dict[str, Any]) -> None:
    """Keeps the answers, or deletes the draft if there are none; without the service the dialogue alone knows them."""
    try:
        await try_call(clients.applications.save_draft(DraftIn(conversation_id=conversation_id, answers=answers)))
    except _AWAY as error:
        log.warning("the draft was not saved: %s", error)


def _may_ask(form: Form, tracker: Tracker) -> bool:
    """Whether the consent is there, or comes with this message."""
    return not lacks_consent(form, tracker.slots) or read_act(tracker).values.get(str(form.consent)) is True


def _list_answers(form: Form, slots: Slots) -> dict[str, Any]:
    kinds = ("consent", "confirmation")
    asked = [question.slot for question in form.questions if question.kind not in kinds]
    return {slot: slots[slot] for slot in asked if slots.get(slot) is not None}


async def _find_draft(clients: Clients, form: Form, tracker: Tracker, *, is_wanted: bool) -> dict[str, Any]:
    """The customer's draft, once they may be asked for its answers or want to go on with it."""
    if not is_wanted and not _may_ask(form, tracker):
        return {}
    try:
        found = clients.applications.find_draft(tracker.sender_id)
        draft = await (found if is_wanted else try_call(found))
    except _AWAY as error:
        log.warning("drafts are away, the form begins anew: %s", error)
        return {}
    return _list_answers(form, draft.answers) if draft else {}


async def _find_known(clients: Clients, form: Form, conversation_id: str, slots: Slots) -> dict[str, Any]:
    """What the customer told when they asked for the product's quota, on another day or channel."""
    product = find_product(str(slots["product"]))
    checks = await list_checks(clients, conversation_id)
    facts = next((each.facts for each in checks if product and each.product == product.id), {})
    asked = [question for question in form.questions if question.kind in RESTATED and question.is_asked_of(slots)]
    return {each.slot: facts[each.slot] for each in asked if each.slot in facts and slots.get(each.slot) is None}


async def _find_in_progress(clients: Clients, conversation_id: str, slots: Slots) -> ApplicationView | None:
    """The customer's application for the same product that staff are working on."""
    product = find_product(str(slots["product"]))
    try:
        found = await try_call(clients.applications.list_applications(conversation_id))
    except _AWAY as error:  # the service refuses a second one when it is handed in
        log.warning("whether an application is in progress is not known: %s", error)
        return None
    theirs = [each for each in found if each.kind == "new" and each.stage in OPEN_STAGES]
    return next((each for each in theirs if product and each.product == product.id), None)
