"""The slots that actions share, and how a turn's context is kept."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.interfaces import Tracker

from forms.catalogue import Catalogue, Form

Slots = Mapping[str, Any]
REQUESTED_SLOT = "requested_slot"
# What the last turns left for the next message: see understanding/schemas.py, State.
CONTEXT = "context"
# Facts told before consent was given, or about another form: used once they may be.
EARLY = "early"
# The answer to the asked question that is about to be changed.
FORMER = "former"
# Whether the customer wants to be asked what may be left open.
MORE = "more"


def read_context(tracker: Tracker) -> dict[str, Any]:
    """What the last turns left: see leave_context."""
    return tracker.get_slot(CONTEXT) or {}


def leave_context(tracker: Tracker, **left: Any) -> EventType:
    """Keeps what this turn leaves open: a `question` asked back, entries `offered`, a slot `asked`, the `last` result.

    `last`, `topic`, `entry` and the `product` asked about stand until others take their place, the rest only for the
    customer's next message.
    """
    before = read_context(tracker)
    kept = {key: before[key] for key in ("last", "topic", "entry", "product") if key in before}
    return SlotSet(CONTEXT, {**kept, **left, "turn": (tracker.latest_message or {}).get("message_id")})


def await_confirmation(tracker: Tracker, act: str, **left: Any) -> list[EventType]:
    """Waits for a yes to `act`, with what the act needs to know then.

    An open form is left, so that its own question is not put beside; it can be resumed.
    """
    return [ActiveLoop(None), leave_context(tracker, question=act, **left)]


def forget(catalogue: Catalogue, form: Form, slots: Slots) -> list[EventType]:
    """Empties the form's slots, except those that another form left in the middle needs."""
    others = [other for other in catalogue.forms.values() if other is not form and _is_begun(other, slots)]
    needed = {slot for other in others for slot in other.slots}
    own = (*form.slots, MORE) if form.optional else form.slots
    return [SlotSet(slot, None) for slot in own if slot not in needed]


def lacks_consent(form: Form, slots: Slots) -> bool:
    """Whether the form may not ask or use anything yet."""
    return form.consent is not None and slots.get(form.consent) is not True


def _is_begun(form: Form, slots: Slots) -> bool:
    return form.consent is not None and not lacks_consent(form, slots)
