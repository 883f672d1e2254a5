"""The validation action of a form: Rasa's side of bot/actions/forms.py."""

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from bot.actions.fields import make_fields
from bot.actions.forms import Unclear, take_message
from bot.actions.message import read_message
from forms.catalogue import Form

REQUESTED_SLOT = "requested_slot"


class FormAction(Action):
    """Fills the slots of one form; without an event Rasa rejects the form and asks its rules."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.fields = make_fields(form)

    def name(self) -> str:
        """Rasa calls it for its form by this name."""
        return f"validate_{self.form.id}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Slots to set and the next one to ask for; a consent just given also goes to the gateway's record."""
        requested = tracker.get_slot(REQUESTED_SLOT) if tracker.active_loop_name == self.form.id else None
        update = take_message(self.fields, tracker.slots, requested, read_message(tracker), self.form.starts)
        if update is None:
            return []
        if self.form.consent and update.values.get(self.form.consent):
            dispatcher.utter_message(response=f"utter_recorded_{self.form.consent}")
        hint = update.hint or Unclear("")
        values = {**update.values, "hint": hint.hint or None, "hint_low": hint.low, "hint_high": hint.high}
        return [SlotSet(slot, value) for slot, value in values.items()] + [SlotSet(REQUESTED_SLOT, update.requested)]
