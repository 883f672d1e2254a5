"""Shortcuts through Rasa 3.6.21 where it does the same work on every turn; docs/decisions/0006 says what they save."""

from contextlib import nullcontext
from functools import cache
from typing import Any

import rasa
import rasa.core.processor
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

from bot.server.runner import SequentialGraphRunner

make_session = EndpointConfig.session


def take_shortcuts() -> None:
    """Replaces functions and the graph runner by faster ones with the same results."""
    # Rasa walks the tree of all event classes for every event it reads from the database.
    Event.resolve_by_type = staticmethod(cache(Event.resolve_by_type))
    # Rasa validates each answer, and each time its own constant schema, in half of a form's turn. Events are checked
    # again when they are built from the answer.
    RemoteAction._validate_action_result = _validate_shape
    # None of our actions reads the events so far, or the domain.
    RemoteAction._action_call_format = _describe_call
    # Rasa opens a connection for every call.
    EndpointConfig.session = _open_session
    rasa.core.processor.DaskGraphRunner = SequentialGraphRunner
    # Every tracker copies all slots of the domain, and a turn makes some ten trackers.
    Slot.__copy__ = _copy_slot
    # Every message is checked against an empty domain that is built for it.
    Domain.empty = staticmethod(cache(Domain.empty))


def _validate_shape(action: RemoteAction, answer: Any) -> bool:
    if not isinstance(answer, dict) or not all(isinstance(answer.get(k, []), list) for k in ("events", "responses")):
        raise RasaException(f"{action.name()}: the action server answered in an unknown shape")
    return True


def _describe_call(action: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    return {
        "next_action": action.name(),
        "sender_id": tracker.sender_id,
        "tracker": {**tracker.current_state(), "events": []},
        "version": rasa.__version__,
    }


def _open_session(endpoint: EndpointConfig) -> Any:
    if not hasattr(endpoint, "_shared_session"):
        endpoint._shared_session = make_session(endpoint)
    return nullcontext(endpoint._shared_session)


def _copy_slot(slot: Slot) -> Slot:
    copied = object.__new__(type(slot))
    copied.__dict__.update(slot.__dict__)
    return copied
