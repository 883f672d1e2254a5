"""The life of a handoff: every state, every event, and who answers the customer meanwhile."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.handoff.states import LIVE, OPEN, STATE_NAMES, TRANSITIONS, WAITING, Event, find_holder, next_state
from conversations.schemas import Holder, State
from kit.errors import RequestError
from tests.conversations.talk import MOVED_ON

STATES: tuple[State, ...] = get_args(State)
EVENTS: tuple[Event, ...] = get_args(Event)
# A row for each event, a column for each state: what follows, or - where it is refused.
TABLE = """
               requested  queued    assigned  active    callback  closed  returned
enqueue        queued     -         -         -         -         -       -
defer          -          requested -         -         -         -       -
assign         -          assigned  assigned  -         -         -       -
accept         -          -         active    -         -         -       -
decline        -          -         queued    -         -         -       -
take           active     active    -         -         -         -       -
take_over      -          -         active    active    -         -       -
transfer       -          -         -         assigned  -         -       -
requeue        -          -         queued    queued    -         -       -
return         returned   returned  returned  returned  -         -       -
book_callback  callback   callback  callback  callback  -         -       -
cancel_callback returned  returned  returned  -         returned  -       -
rebook_callback -         -         -         -         returned  -       -
claim          -          -         -         -         callback  -       -
move_call      -          -         -         -         callback  -       -
miss_call      -          -         -         -         callback  -       -
close          -          -         -         closed    closed    -       -
"""
HOLDERS: dict[State, Holder] = {
    "requested": "queue",
    "queued": "queue",
    "assigned": "queue",
    "active": "agent",
    "callback": "bot",
    "closed": "bot",
    "returned": "bot",
}


def read_table() -> dict[tuple[str, str], str]:
    """What follows each pair of state and event."""
    head, *rows = [line.split() for line in TABLE.strip().splitlines()]
    return {(state, event): after for event, *cells in rows for state, after in zip(head, cells, strict=True)}


EXPECTED = read_table()


def test_the_table_is_of_all_states_and_events() -> None:
    assert set(EXPECTED) == {(state, event) for state in STATES for event in EVENTS}
    assert set(TRANSITIONS) == set(STATES)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_what_follows(state: State, event: Event) -> None:
    after = EXPECTED[state, event]
    if after != "-":
        assert next_state(state, event) == after
        return
    with pytest.raises(RequestError, match=MOVED_ON) as raised:
        next_state(state, event)
    assert STATE_NAMES[state] in raised.value.reason


@pytest.mark.parametrize("state", STATES)
def test_who_answers_the_customer(state: State) -> None:
    assert find_holder(state) == HOLDERS[state]


def test_states_are_grouped_by_who_answers() -> None:
    assert {state for state in STATES if HOLDERS[state] == "queue"} == WAITING
    assert {state for state in STATES if HOLDERS[state] != "bot"} == LIVE
    assert {state for state in STATES if TRANSITIONS[state]} == OPEN


@pytest.mark.parametrize("state", sorted(OPEN))
def test_an_end_can_be_reached_from_everywhere(state: State) -> None:
    reached: set[State] = {state}
    while new := {after for each in reached for after in TRANSITIONS[each].values()} - reached:
        reached |= new
    assert "closed" in reached
    assert reached - OPEN <= {"closed", "returned"}


def test_every_state_has_a_name_of_its_own() -> None:
    assert set(STATE_NAMES) == set(STATES)
    assert len(set(STATE_NAMES.values())) == len(STATES)


@given(st.sampled_from(("requested", "queued")), st.lists(st.sampled_from(EVENTS), max_size=30))
def test_whatever_happens_in_whatever_order(state: State, events: list[Event]) -> None:
    """The bot answers only before and after; once it does, no event silences it again, and no end is left."""
    was_live = True
    for event in events:
        try:
            after = next_state(state, event)
        except RequestError:
            continue
        assert state in OPEN
        is_live = find_holder(after) != "bot"
        assert is_live == (after in LIVE)
        assert was_live or not is_live
        state, was_live = after, is_live
