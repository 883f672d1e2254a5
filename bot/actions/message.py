"""The act that the gateway chose for the customer's last message."""

from rasa_sdk.interfaces import Tracker

from understanding.schemas import Act


def read_act(tracker: Tracker) -> Act:
    """The act of this turn."""
    return Act.model_validate(tracker.latest_message["act"])
