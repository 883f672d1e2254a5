"""The validation action that Rasa calls for a form."""

from collections.abc import Sequence

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from bot.actions.form_reading import Field, Unclear, take_message
from bot.actions.message import read_message
from forms.catalogue import Form

REQUESTED_SLOT = "requested_slot"


async def fill_form(
    form: Form, fields: Sequence[Field], dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Sets the slots of one form and the next one to ask for; reports a consent just given to the gateway.

    Without any event Rasa rejects the form and tries its rules.
    """
    requested = tracker.get_slot(REQUESTED_SLOT) if tracker.active_loop_name == form.id else None
    update = take_message(fields, tracker.slots, requested, read_message(tracker), form.starts)
    if update is None:
        return []
    if form.consent and update.values.get(form.consent):
        dispatcher.utter_message(response=f"utter_recorded_{form.consent}")
    hint = update.hint or Unclear("")
    values = {**update.values, "hint": hint.hint or None, "hint_low": hint.low, "hint_high": hint.high}
    return [SlotSet(slot, value) for slot, value in values.items()] + [SlotSet(REQUESTED_SLOT, update.requested)]
