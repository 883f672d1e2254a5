"""The states of a handoff, the events possible in each, and who answers the customer in each."""

from typing import Literal

from conversations.schemas import Holder, State
from kit.errors import RequestError

Event = Literal[
    "enqueue",  # the office opened: the request enters the queue
    "defer",  # the office closed before anybody was free
    "assign",  # to one agent, who has to accept
    "accept",  # the assigned agent begins
    "decline",  # the assigned agent declined, or did not accept in time
    "take",  # an agent picks it from the queue
    "take_over",  # a supervisor takes it from another agent
    "transfer",  # the agent passes it to a colleague
    "requeue",  # back into the queue: given back, or its agent left
    "return",  # the customer or the agent goes back to the bot
    "book_callback",  # a callback is booked instead
    "cancel_callback",  # the customer wants no call any more
    "rebook_callback",  # another call was booked in its place
    "claim",  # an agent takes over the callback
    "move_call",  # the agent and the customer agreed on another time
    "miss_call",  # the agent called, and nobody answered: they try again later
    "close",  # ended, with a disposition
]

Beginning = Literal[
    "request",  # the customer asks for a human
    "reopen",  # an agent goes on with one that is over or to be called back, as a new one
]

_LEAVE: dict[Event, State] = {"return": "returned", "book_callback": "callback"}
_CANCEL: dict[Event, State] = {"cancel_callback": "returned"}
# requested: asked for out of hours. callback: a call was promised. closed and returned: over.
TRANSITIONS: dict[State, dict[Event, State]] = {
    "requested": {"enqueue": "queued", "take": "active", **_LEAVE, **_CANCEL},
    "queued": {"defer": "requested", "assign": "assigned", "take": "active", **_LEAVE, **_CANCEL},
    "assigned": {
        "accept": "active",
        "decline": "queued",
        "assign": "assigned",
        "take_over": "active",
        "requeue": "queued",
        **_LEAVE,
        **_CANCEL,
    },
    "active": {"take_over": "active", "transfer": "assigned", "requeue": "queued", "close": "closed", **_LEAVE},
    "callback": {
        "claim": "callback",
        "move_call": "callback",
        "miss_call": "callback",
        "close": "closed",
        "rebook_callback": "returned",
        **_CANCEL,
    },
    "closed": {},
    "returned": {},
}
WAITING: frozenset[State] = frozenset({"requested", "queued", "assigned"})
# Live: the handoff decides who answers the customer. A conversation has at most one such handoff.
LIVE: frozenset[State] = WAITING | {"active"}
HELD: frozenset[State] = frozenset({"assigned", "active"})
OPEN: frozenset[State] = LIVE | {"callback"}
OVER: frozenset[State] = frozenset({"closed", "returned"})
STATE_NAMES: dict[State, str] = {
    "requested": "下班后留言",
    "queued": "排队中",
    "assigned": "待接待",
    "active": "人工服务中",
    "callback": "待回电",
    "closed": "已结束",
    "returned": "已转回小禾",
}


def next_state(state: State, event: Event) -> State:
    """The state after an event; RequestError 409 if the event is not possible (any more)."""
    after = TRANSITIONS[state].get(event)
    if after is None:
        raise RequestError(409, "handoff_moved_on", f"晚了一步：这个会话现在是“{STATE_NAMES[state]}”")
    return after


def find_holder(state: State) -> Holder:
    """Who answers the customer while the handoff is in a state."""
    if state in WAITING:
        return "queue"
    return "agent" if state == "active" else "bot"
