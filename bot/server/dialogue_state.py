"""Where a dialogue stands, as the gateway needs it to choose the next act (understanding/schemas.py: State)."""

from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop
from rasa.shared.core.trackers import DialogueStateTracker

# Slots that no answer is kept in.
INTERNAL = frozenset(
    {
        "requested_slot",
        "session_started_metadata",
        "hint",
        "hint_low",
        "hint_high",
        "context",
        "misses",
        "more",
        "early",
        "former",
        "visit_plan",
        "picture",
    }
)
# Acts after which nothing is said but the next question, with what was understood.
PUTTING = frozenset(
    {"inform", "edit", "go_back", "keep_answer", "start_over", "repeat", "apply_for_loan", "check_quota", "use_picture"}
    | {"resume_application", "calculate_repayment", "book_visit", "move_visit", "tell_more"}
)


def read_state(tracker: DialogueStateTracker, domain: Domain, message_id: str) -> dict[str, Any]:
    """The state after the turn of a message. What that turn asked back or offered counts only for the next one."""
    slots = tracker.current_slot_values()
    context = slots.get("context") or {}
    is_fresh = context.get("turn") == message_id
    form = tracker.active_loop_name
    return {
        "form": form,
        "asked": slots.get("requested_slot") if form else (context.get("asked") if is_fresh else None),
        "filled": [slot for slot, value in slots.items() if value is not None and slot not in INTERNAL],
        "paused": [name for name in _list_forms_left(tracker) if name != form and _is_begun(domain.forms[name], slots)],
        "product": slots.get("product"),
        "question": context.get("question", "") if is_fresh else "",
        "offered": context.get("offered", []) if is_fresh else [],
        "last": context.get("last", ""),
        "topic": context.get("topic", ""),
        "entry": context.get("entry", ""),
        "version": context.get("version", ""),
        "misses": slots.get("misses") or 0,
        "language": read_language(tracker),
        "has_former": bool(form) and (slots.get("former") or {}).get("slot") == slots.get("requested_slot"),
        "is_interrupted": bool(form)
        and (_read_act(tracker).get("name") not in PUTTING or slots.get("hint") is not None),
        "proposed": _find_proposed(slots) if form else "",
    }


def _find_proposed(slots: dict[str, Any]) -> str:
    """A value that a yes would settle: 您说的是20万元吗？ 听您的意思没有逾期，对吗？"""
    if slots.get("hint") == "unsure":
        return "没有逾期"
    return (slots.get("hint_high") or "") if slots.get("hint") in ("unit", "odd") else ""


def read_language(tracker: DialogueStateTracker) -> str:
    """The language of the dialogue: that of the last act."""
    return str(_read_act(tracker).get("language", "zh"))


def _read_act(tracker: DialogueStateTracker) -> dict[str, Any]:
    message = tracker.latest_message
    return (message.parse_data or {}).get("act") or {} if message else {}


def _list_forms_left(tracker: DialogueStateTracker) -> list[str]:
    """Forms that were open in this session, the last one last."""
    opened = [event.name for event in tracker.events if isinstance(event, ActiveLoop) and event.name]
    return list(dict.fromkeys(reversed(opened)))[::-1]


def _is_begun(form: dict[str, Any], slots: dict[str, Any]) -> bool:
    """Whether anything of it was answered; a consent that was only asked for is nothing to go back to."""
    first, *others = form["required_slots"]
    needs_consent = first.endswith("_consent")
    return slots.get(first) is True if needs_consent else any(slots.get(slot) is not None for slot in [first, *others])
