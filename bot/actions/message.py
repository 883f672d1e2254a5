"""The act that the gateway chose for the customer's last message."""

from rasa_sdk.interfaces import Tracker

from kit.clock import CHINA, read_clock
from understanding.beginnings import count_since
from understanding.schemas import Act


def read_act(tracker: Tracker) -> Act:
    """The act of this turn; since when a business is run is how long it is run, as of today."""
    act = Act.model_validate(tracker.latest_message["act"])
    today = read_clock().astimezone(CHINA).date()
    return act.model_copy(update={"facts": tuple(count_since(fact, today) for fact in act.facts)})
