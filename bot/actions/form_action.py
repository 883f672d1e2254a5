"""The validation action of a form: Rasa's side of bot/actions/forms.py."""

from collections.abc import Collection, Sequence
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from bot.actions.forms import Field, Unclear, take_message
from bot.actions.message import read_message

REQUESTED_SLOT = "requested_slot"


class FormAction(Action):
    """Fills the slots of one form; without an event Rasa rejects the form and asks its rules."""

    form: str
    fields: Sequence[Field]
    starts: Collection[str]

    def name(self) -> str:
        """Rasa calls it for its form by this name."""
        return f"validate_{self.form}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Slots to set and the next one to ask for."""
        requested = tracker.get_slot(REQUESTED_SLOT) if tracker.active_loop_name == self.form else None
        step = take_message(self.fields, tracker.slots, requested, read_message(tracker), self.starts)
        if step is None:
            return []
        self.announce(dispatcher, step.updates)
        hint = step.hint or Unclear("")
        updates = {**step.updates, "hint": hint.hint or None, "hint_low": hint.low, "hint_high": hint.high}
        return [SlotSet(k, v) for k, v in updates.items()] + [SlotSet(REQUESTED_SLOT, step.requested)]

    def announce(self, dispatcher: CollectingDispatcher, updates: dict[str, Any]) -> None:
        """Says or sends what must go with an update, such as a consent just given."""
