"""The validation action that Rasa calls for a form."""

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from bot.actions.fields import make_fields
from bot.actions.form_reading import Unclear, take_message
from bot.actions.message import read_message
from forms.catalogue import Form

REQUESTED_SLOT = "requested_slot"


class FormAction(Action):
    """Fills the slots of one form; when it returns no event, Rasa rejects the form and tries its rules."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.fields = make_fields(form)

    def name(self) -> str:
        """The name Rasa derives from the form's."""
        return f"validate_{self.form.id}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Sets slots and the next one to ask for; reports a consent just given to the gateway."""
        requested = tracker.get_slot(REQUESTED_SLOT) if tracker.active_loop_name == self.form.id else None
        update = take_message(self.fields, tracker.slots, requested, read_message(tracker), self.form.starts)
        if update is None:
            return []
        if self.form.consent and update.values.get(self.form.consent):
            dispatcher.utter_message(response=f"utter_recorded_{self.form.consent}")
        hint = update.hint or Unclear("")
        values = {**update.values, "hint": hint.hint or None, "hint_low": hint.low, "hint_high": hint.high}
        return [SlotSet(slot, value) for slot, value in values.items()] + [SlotSet(REQUESTED_SLOT, update.requested)]
