"""The states of a handoff, what may happen to it in each, and who answers the customer meanwhile."""

from typing import Literal

from conversations.schemas import Holder, State
from kit.errors import RequestError

Event = Literal[
    "enqueue",  # the office is open: the request waits for an agent
    "defer",  # the office is closed and nobody is left
    "assign",  # offered to one agent
    "accept",  # that agent begins
    "decline",  # that agent does not want it, or did not answer in time
    "take",  # an agent picks one that waits
    "take_over",  # a supervisor takes it from whoever has it
    "transfer",  # the agent offers it to another one
    "requeue",  # given back to the queue, or its agent left
    "return",  # the bot goes on: the customer or the agent wants it so
    "book_callback",  # somebody will call instead
    "claim",  # an agent will make that call
    "close",  # done, with a disposition
]

# requested: asked for out of hours. callback: a call was promised. closed and returned: over.
TRANSITIONS: dict[State, dict[Event, State]] = {
    "requested": {
        "enqueue": "queued",
        "take": "active",
        "return": "returned",
        "book_callback": "callback",
    },
    "queued": {
        "defer": "requested",
        "assign": "assigned",
        "take": "active",
        "return": "returned",
        "book_callback": "callback",
    },
    "assigned": {
        "accept": "active",
        "decline": "queued",
        "assign": "assigned",
        "take_over": "active",
        "requeue": "queued",
        "return": "returned",
        "book_callback": "callback",
    },
    "active": {
        "take_over": "active",
        "transfer": "assigned",
        "requeue": "queued",
        "return": "returned",
        "book_callback": "callback",
        "close": "closed",
    },
    "callback": {"claim": "callback", "close": "closed"},
    "closed": {},
    "returned": {},
}
WAITING: frozenset[State] = frozenset({"requested", "queued", "assigned"})
# In one of these the handoff decides who answers the customer; a conversation has at most one such handoff.
LIVE: frozenset[State] = WAITING | {"active"}
OPEN: frozenset[State] = LIVE | {"callback"}
STATE_NAMES: dict[State, str] = {
    "requested": "下班后留言",
    "queued": "排队中",
    "assigned": "待接入",
    "active": "人工服务中",
    "callback": "待回电",
    "closed": "已结束",
    "returned": "已转回小禾",
}


def next_state(state: State, event: Event) -> State:
    """The state after an event; RequestError 409 for one that cannot happen (any more)."""
    after = TRANSITIONS[state].get(event)
    if after is None:
        raise RequestError(409, "handoff_moved_on", f"晚了一步：这个会话现在是“{STATE_NAMES[state]}”")
    return after


def find_holder(state: State) -> Holder:
    """Who answers the customer while the handoff is in a state."""
    if state in WAITING:
        return "queue"
    return "agent" if state == "active" else "bot"
