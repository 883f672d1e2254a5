"""Steering the conversation: leaving a form, explaining its questions, asking back before a grave act."""

from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from bot.actions.application_form import save_draft
from bot.actions.clients import Clients
from bot.actions.describing import describe_answers
from bot.actions.form_filling import list_answered
from bot.actions.message import read_act
from bot.actions.slots import EARLY, FORMER, REQUESTED_SLOT, await_confirmation, forget
from forms.catalogue import Catalogue

# Dropping so many answers is asked back first.
MUCH = 3


async def cancel(
    clients: Clients, catalogue: Catalogue, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Drops a form and its answers, the results of others stay; asks first when much was filled in.

    It is the open form, or else the one that `form` of the act names.
    """
    act = read_act(tracker)
    form = catalogue.forms.get(tracker.active_loop_name or act.form or "")
    if form is None:
        dispatcher.utter_message(response="utter_nothing_to_cancel")
        return []
    filled = [q.slot for q in form.questions if q.slot != form.consent and tracker.get_slot(q.slot) is not None]
    if len(filled) >= MUCH and not act.values.get("is_confirmed"):
        dispatcher.utter_message(response="utter_confirm_cancel", form=form.name)
        return await_confirmation(tracker, "cancel")
    if form.id == "application_form":
        await save_draft(clients, tracker.sender_id, {})
    dispatcher.utter_message(response="utter_cancelled")
    return [ActiveLoop(None), SlotSet(EARLY, None), SlotSet(FORMER, None), *forget(catalogue, form, tracker.slots)]


async def explain_question(dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
    """Explains why the form asks its current question; the reasons are the responses utter_why_<slot> in domain.yml."""
    slot = tracker.get_slot(REQUESTED_SLOT) if tracker.active_loop_name else None
    dispatcher.utter_message(response=f"utter_why_{slot or 'nothing'}")
    return []


async def show_answers(
    catalogue: Catalogue, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Reads back what was filled in: in the open form, in the one that `form` of the act names, or for the quota."""
    form, slots = catalogue.forms.get(tracker.active_loop_name or read_act(tracker).form or ""), tracker.slots
    if form is None:
        form, slots = catalogue.forms["quota_form"], (tracker.get_slot("quota_summary") or {}).get("answers", {})
    answered = [question for question in list_answered(form, slots) if slots.get(question.slot) is not None]
    if answered:
        dispatcher.utter_message(response="utter_filled", answers=describe_answers(answered, slots))
    else:
        dispatcher.utter_message(response="utter_filled_nothing")
    return []


async def ask_back(dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
    """Asks whether they really mean an act that is not done on a guess."""
    meant = str(read_act(tracker).values["act"])
    dispatcher.utter_message(response=f"utter_confirm_{meant}")
    return await_confirmation(tracker, meant)


async def keep_facts(dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
    """Keeps what was told before any form is open, and asks what it is for."""
    dispatcher.utter_message(response="utter_value_outside_form")
    return [SlotSet(EARLY, [fact.model_dump(mode="json") for fact in read_act(tracker).facts])]
