"""Reads one message within a form: pure functions, the same for every form."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.actions.message import Message

Slots = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A value that can be taken as it is."""

    value: Any


@dataclass(frozen=True, slots=True)
class Unclear:
    """An answer that cannot be taken; `hint` chooses the wording of the next question (domain.yml)."""

    hint: str
    low: str | None = None
    high: str | None = None


Reading = Found | Unclear | None
"""None: the message says nothing about the field."""


def stays_valid(value: Any, slots: Slots) -> Unclear | None:
    """The usual check of a value taken before: nothing said later makes it wrong."""
    return None


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form.

    `read` reads an answer to this very question; `pick_up` what was said before it was asked; `words` are what
    customers call it when they correct it; `companions` the slots often named in the same breath; `check` objects to
    a value that no longer stands after others changed.
    """

    slot: str
    applies: Callable[[Slots], bool]
    read: Callable[[Message, Slots], Reading]
    pick_up: Callable[[Message, Slots], Reading] | None = None
    words: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    check: Callable[[Any, Slots], Unclear | None] = stays_valid


@dataclass(frozen=True, slots=True)
class FormUpdate:
    """What a message changed, and what is asked next (None: the form is complete)."""

    values: dict[str, Any] = field(default_factory=dict)
    requested: str | None = None
    hint: Unclear | None = None


ANSWERING = frozenset(("inform", "affirm", "deny", "skip"))


def is_digression(intent: str) -> bool:
    """Whether what is said in the middle of a form is no answer to it, unless the answer is plain to see."""
    return intent not in ("", "correct_information", *ANSWERING)


def take_message(
    fields: Sequence[Field], slots: Slots, requested: str | None, message: Message, starts: Collection[str] = ()
) -> FormUpdate | None:
    """Reads a message within a form; None when it is not for the form (Rasa's rules answer it then).

    `requested` is the slot the form asked for, or None when the form begins. `starts` are the intents whose rule is
    this very form: Rasa could not follow that rule while the form is open, so the form must take them itself.
    """
    if requested is None:
        # Whatever started the form is no digression from it: 我想借20万 names the amount.
        return _start(fields, slots, message)
    asked = next((f for f in fields if f.slot == requested), None)
    if asked is None:  # the slot of another form: this one begins
        return _start(fields, slots, message)
    if message.intent == "correct_information":
        corrected = _correct(fields, slots, asked, message)
        if corrected is not None:
            return corrected
    reading = asked.read(message, slots)
    if reading is None and message.intent == "affirm" and slots.get("hint") == "unit":
        message = replace(message, text=str(slots.get("hint_high")), intent="inform")
        reading = asked.read(message, slots)
    if isinstance(reading, Found):
        updates = {asked.slot: reading.value}
        return _advance(fields, slots, updates | _pick_up_companions(fields, {**slots, **updates}, asked, message))
    if isinstance(reading, Unclear):
        return FormUpdate(requested=requested, hint=reading)
    if message.intent in starts:
        return _start(fields, slots, message)
    if message.intent not in ANSWERING:
        return None
    picked_up = _pick_up_companions(fields, slots, asked, message)
    if picked_up:
        return _advance(fields, slots, picked_up)
    return FormUpdate(requested=requested, hint=Unclear("required" if message.intent == "skip" else "unclear"))


def _start(fields: Sequence[Field], slots: Slots, message: Message) -> FormUpdate:
    # What is said now overrides what was left in the slots.
    anew = {**slots, **{f.slot: None for f in fields if f.pick_up}}
    return _advance(fields, slots, _pick_up(fields, anew, replace(message, intent="inform")))


def _advance(fields: Sequence[Field], slots: Slots, updates: dict[str, Any]) -> FormUpdate:
    known = {**slots, **updates}
    objections: dict[str, Unclear | None] = {}
    for candidate in fields:
        value = known.get(candidate.slot)
        objection = candidate.check(value, known) if value is not None else None
        if objection:
            objections[candidate.slot] = objection
            known[candidate.slot] = updates[candidate.slot] = None
    missing = next((f.slot for f in fields if f.applies(known) and known.get(f.slot) is None), None)
    return FormUpdate(updates, missing, objections.get(missing or ""))


def _pick_up(fields: Sequence[Field], slots: Slots, message: Message) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for candidate in fields:
        if candidate.pick_up is None or slots.get(candidate.slot) is not None:
            continue
        reading = candidate.pick_up(message, {**slots, **found})
        if isinstance(reading, Found):
            found[candidate.slot] = reading.value
    return found


def _pick_up_companions(fields: Sequence[Field], slots: Slots, asked: Field, message: Message) -> dict[str, Any]:
    # In answer to another question a sum is not the loan's, nor a number of years its term.
    return _pick_up([f for f in fields if f.slot in asked.companions], slots, message)


def _correct(fields: Sequence[Field], slots: Slots, asked: Field, message: Message) -> FormUpdate | None:
    lengths = {f.slot: max((len(word) for word in f.words if word in message.text), default=0) for f in fields}
    # 贷款期限 names the term: the longest word says most.
    named = sorted((f for f in fields if lengths[f.slot]), key=lambda f: -lengths[f.slot])
    candidates = named or [f for f in fields if f.pick_up and slots.get(f.slot) is not None]
    readings = {f.slot: f.read(replace(message, intent="inform"), slots) for f in candidates}
    for slot, reading in readings.items():
        if isinstance(reading, Found):
            return _advance(fields, slots, {slot: reading.value})
    if not named:
        return None
    # The old value is no longer true, so it is asked again.
    slot, reading = next(iter(readings.items()))
    return FormUpdate({slot: None}, slot, reading if isinstance(reading, Unclear) else None)
