"""What a pressed button does: its payload is an act, `/name` or `/name{"key": value}`."""

import json
from typing import Any

from forms.catalogue import load_catalogue
from understanding.read import read_message
from understanding.rows.row import cancel, resume
from understanding.schemas import Act, Fact, State
from understanding.situation import ANSWERS, Situation

# What a second tap on a confirmation shows: what the first one did.
_TAPPED_TWICE = {"submitted": "check_application_status", "visit": "book_visit"}


def press(payload: str, title: str, state: State) -> Act:
    """The act of a button with this title.

    An answer counts only for the question it stands under (`of`), and a confirmation only for the `version` of the
    content that it showed: otherwise the button is stale.
    """
    return _find_act(payload, title, state).model_copy(update={"language": state.language})


def _find_act(payload: str, title: str, state: State) -> Act:
    name, brace, rest = payload.removeprefix("/").partition("{")
    values: dict[str, Any] = json.loads(brace + rest) if brace else {}
    if name in ("affirm", "deny") and "of" in values:
        return _answer(name == "affirm", values, state)
    if name == "inform":
        return _inform(values, title, state)
    if name == "skip":
        is_fresh = state.asked == values.pop("of")
        return Act(name=name, values=values, row="button") if is_fresh else Act(name="stale", row="stale button")
    if name == "keep_answer":
        is_fresh = state.has_former and state.asked == values["of"]
        return Act(name=name, row="button") if is_fresh else Act(name="stale", row="stale button")
    if name == "cancel":
        return cancel(state, is_confirmed="is_confirmed" in values)
    if name == "keep":
        return resume(state) if state.question else Act(name="stale", row="stale button")
    if product := values.pop("product", None):
        return Act(name=name, facts=(Fact(kind="product", role="product", text=product),), values=values, row="button")
    return Act(name=name, values=values, row="button")


def _answer(is_yes: bool, values: dict[str, Any], state: State) -> Act:
    slot = values["of"]
    kind = load_catalogue().questions[slot].kind
    if state.asked == slot and values.get("version", state.version) != state.version:
        return Act(name="repeat", row="stale button")  # shows what would be confirmed now
    if state.asked != slot:
        if is_yes and kind == "confirmation" and state.last in _TAPPED_TWICE:
            return Act(name=_TAPPED_TWICE[state.last], row="button")
        return Act(name="stale", row="stale button")
    if is_yes or kind in ("consent", "confirmation"):
        return Act(name="inform", values={slot: is_yes}, row="button")
    return Act(name="inform", facts=(Fact(kind="none", role=slot),), row="button")


def _inform(values: dict[str, Any], title: str, state: State) -> Act:
    if state.form is None or not values:
        return Act(name="stale", row="stale button")
    if "of" in values:  # the title is the answer to what is asked
        kind = load_catalogue().questions[state.asked].kind if state.asked else None
        return Act(name="inform", facts=Situation(read_message(title, kind), state).answers, row="button")
    slot, value = next(iter(values.items()))
    question = load_catalogue().questions.get(slot)
    if question is None:  # of an older version
        return Act(name="stale", row="stale button")
    (answering, *_) = ANSWERS[question.kind]
    fact = Fact(kind="some", role=slot) if value is True else Fact(kind=answering, role=slot, text=str(value))
    return Act(name="inform", facts=(fact,), row="button")
