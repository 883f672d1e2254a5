"""Leaving a form, and explaining its questions."""

from rasa_sdk.events import ActiveLoop, AllSlotsReset, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from bot.actions.form_action import REQUESTED_SLOT

KEPT_SLOTS = ("quota_summary", "application_number")


async def cancel(dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
    """Leaves the open form and forgets its answers, but keeps the results of forms that were finished."""
    dispatcher.utter_message(response="utter_cancelled")
    kept = [SlotSet(slot, tracker.get_slot(slot)) for slot in KEPT_SLOTS]
    return [ActiveLoop(None), AllSlotsReset(), *kept]


async def explain_question(dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
    """Explains why the form asks its current question; the reasons are the responses utter_why_<slot> in domain.yml."""
    slot = tracker.get_slot(REQUESTED_SLOT) if tracker.active_loop_name else None
    dispatcher.utter_message(response=f"utter_why_{slot or 'nothing'}")
    return []
