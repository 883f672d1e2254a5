"""Leaving a form, and explaining its questions."""

from rasa_sdk.events import ActiveLoop, AllSlotsReset, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from bot.actions.form_action import REQUESTED_SLOT

KEPT_SLOTS = ("quota_summary", "application_number")


class Cancel(Action):
    """Leaves the open form and forgets its answers."""

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_cancel"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Keeps the results of forms that were finished."""
        dispatcher.utter_message(response="utter_cancelled")
        kept = [SlotSet(slot, tracker.get_slot(slot)) for slot in KEPT_SLOTS]
        return [ActiveLoop(None), AllSlotsReset(), *kept]


class ExplainQuestion(Action):
    """Explains why the form asks its current question."""

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_explain_question"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """The reasons are responses in domain.yml: utter_why_<slot>."""
        slot = tracker.get_slot(REQUESTED_SLOT) if tracker.active_loop_name else None
        dispatcher.utter_message(response=f"utter_why_{slot or 'nothing'}")
        return []
