"""The act that the gateway chose for the customer's last message."""

from datetime import datetime, timedelta

from rasa_sdk.interfaces import Tracker

from conversations.wished_time import find_wish
from kit.clock import CHINA, read_clock
from understanding.beginnings import count_since
from understanding.schemas import Act, Fact


def read_act(tracker: Tracker) -> Act:
    """The act of this turn, as of now: how long a business has been run, and when a time that is wished for is."""
    act = Act.model_validate(tracker.latest_message["act"])
    now = read_clock()
    today = now.astimezone(CHINA).date()
    return act.model_copy(update={"facts": tuple(place_time(count_since(fact, today), now) for fact in act.facts)})


def read_channel(tracker: Tracker) -> str:
    """The customer's channel, "" for any."""
    return str(tracker.latest_message.get("channel", ""))


def place_time(fact: Fact, now: datetime) -> Fact:
    """A time with when it may begin (`low`) and no more (`high`), in seconds since 1970; neither if it has passed.

    Its text is what a customer said, or the very moment that a button stood for.
    """
    if fact.kind != "time":
        return fact
    try:
        since = until = datetime.fromisoformat(fact.text)
        until += timedelta(minutes=1)
    except ValueError:
        wish, _ = find_wish(fact.text, now, is_day_enough=True) or (None, "")
        if wish is None:
            return fact
        since, until = wish.span
    return fact.model_copy(update={"low": since.timestamp(), "high": until.timestamp()})
