"""Makes a form that is resumed after a digression repeat its last question."""

from typing import Any

from rasa.core.actions.forms import FormAction
from rasa.shared.core.events import SlotSet


def ask_again() -> None:
    """Rasa 3.6.21 asks the first empty slot of the domain's list instead, even one that does not apply.

    Which slots apply is known to the validation action only, and that is not called after a digression.
    """
    find_first = FormAction._find_next_slot_to_request

    def find_next(form: FormAction, tracker: Any, domain: Any) -> Any:
        if tracker.get_slot("hint") == "unclear":
            # That was an earlier answer; what was said just now was taken by a rule, so the question is put plainly.
            tracker.update(SlotSet("hint", None))
        asked = form.get_slot_to_fill(tracker)
        if asked in form.required_slots(domain) and tracker.get_slot(asked) is None:
            return asked
        return find_first(form, tracker, domain)

    FormAction._find_next_slot_to_request = find_next
