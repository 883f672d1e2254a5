"""What an act changes in a form, and what is asked next: pure functions, the same for every form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.actions.slots import EARLY, FORMER, MORE, Slots, lacks_consent
from bot.actions.taken import Found, Unclear
from bot.actions.values import TAKE
from forms.catalogue import LEFT_OPEN, Form, Question
from understanding.schemas import Act, Fact

# Other words for a question, in the order they are tried when it has to be put again.
REWORDINGS = ("unclear", "simple", "estimate", "human")
_HINTS = {
    "unclear": "unclear",
    "rephrase": "simple",
    "misunderstood": "simple",
    "dont_know": "estimate",
    "rather_not_say": "estimate",
    "skip": "required",
    "repeat": "repeat",
    "ask_submit": "not_yet",
}
# A consent cannot be estimated, and is asked again rather than insisted on.
_CONSENT_HINTS = {"estimate": "simple", "required": "unclear"}


@dataclass(frozen=True, slots=True)
class FormUpdate:
    """What an act changed, and what is asked next (None: the form is complete).

    `noted` and `changed` are slots to be said back: values nobody had asked for, and values that replace others.
    `kept` are slots of other forms that were told.
    `former` is the answer that is asked anew, its `slot` and `value`: it stands again if they change their mind.
    """

    values: dict[str, Any] = field(default_factory=dict)
    requested: str | None = None
    hint: Unclear | None = None
    noted: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    former: dict[str, Any] | None = None


def fill(form: Form, slots: Slots, requested: str | None, act: Act) -> FormUpdate | None:
    """Does an act within a form; None when it is not the form's (Rasa's rules do it then).

    `requested` is the slot the form asked for, None when the form begins or is resumed. An act in `form.starts`
    begins it: Rasa could not follow that rule while the form is open.
    """
    if requested is None or act.name in form.starts:
        return _start(form, slots, act)
    if act.name == "inform":
        return _inform(form, slots, requested, act)
    if act.name == "edit":
        return _ask_anew(str(act.values["slot"]), slots) if act.values.get("slot") in form.slots else None
    if act.name == "go_back":
        return _go_back(form, slots, requested)
    if act.name == "keep_answer":
        former = slots.get(FORMER)
        return _advance(form, slots, {former["slot"]: former["value"]} if former else {}, requested=requested)
    if act.name == "start_over":
        kept = {question.slot: None for question in form.questions if question.slot != form.consent}
        return _advance(form, slots, kept)
    if act.name == "tell_more" and lacks_consent(form, slots):
        return FormUpdate({MORE: True}, requested)
    if act.name == "tell_more" and form.optional:
        again = {slot: None for slot in form.optional if slots.get(slot) == LEFT_OPEN}
        return _advance(form, slots, {MORE: True, **again}, requested=requested)
    if act.name == "skip" and requested in form.optional:
        return _leave_open(form, slots, requested, is_rest=bool(act.values.get("is_rest")))
    if act.name in _HINTS:
        wanted = _HINTS[act.name]
        wanted = _CONSENT_HINTS.get(wanted, wanted) if requested == form.consent else wanted
        return FormUpdate(requested=requested, hint=Unclear(_reword(wanted, slots)), former=slots.get(FORMER))
    return None


def take_facts(form: Form, slots: Slots, facts: Sequence[Fact]) -> FormUpdate:
    """What facts change in the answers of a form, whether it is open or not."""
    return _take(form, slots, None, facts, {})


def list_asked(form: Form, slots: Slots) -> list[Question]:
    """The questions that are asked of this customer, as far as is known.

    Optional questions are asked only if the customer wants to tell more. What they told anyway counts as an answer.
    """
    return [
        question
        for question in form.questions
        if question.is_asked_of(slots)
        and (question.slot not in form.optional or slots.get(MORE) or slots.get(question.slot) is not None)
    ]


def list_answered(form: Form, slots: Slots) -> list[Question]:
    """The questions that this customer answers with a fact: neither the consent nor the confirmation."""
    return [question for question in list_asked(form, slots) if question.kind not in ("consent", "confirmation")]


def _start(form: Form, slots: Slots, act: Act) -> FormUpdate:
    if lacks_consent(form, slots):
        return FormUpdate({EARLY: _keep_early(slots, act.facts)}, form.consent)
    return _begin(form, slots, act, {})


def _begin(form: Form, slots: Slots, act: Act, values: Mapping[str, Any]) -> FormUpdate:
    """Takes also what was told before the form could use it."""
    early = [Fact.model_validate(fact) for fact in slots.get(EARLY) or []]
    own = [fact for fact in early if fact.role in form.slots]
    others = [fact for fact in early if fact.role not in form.slots]
    known = {**slots, EARLY: [fact.model_dump(mode="json") for fact in others] or None}
    begun = _take(form, known, None, [*own, *act.facts], values)
    return replace(begun, values={EARLY: known[EARLY], **begun.values})


def _inform(form: Form, slots: Slots, requested: str, act: Act) -> FormUpdate:
    if not lacks_consent(form, slots):
        if act.values.get(requested) is False:
            return FormUpdate(requested=requested, hint=Unclear("declined"))
        return _take(form, slots, requested, act.facts, act.values)
    answer = act.values.get(str(form.consent))
    if answer is None:
        hint = Unclear("early" if act.facts and slots.get("hint") != "early" else "unclear")
        return FormUpdate({EARLY: _keep_early(slots, act.facts)}, form.consent, hint)
    if answer is False:
        return FormUpdate({str(form.consent): False, EARLY: None})
    return _begin(form, slots, act, act.values)


def _take(
    form: Form, slots: Slots, requested: str | None, facts: Sequence[Fact], values: Mapping[str, Any]
) -> FormUpdate:
    """Takes facts field by field, the product first as it sets limits for others."""
    updates: dict[str, Any] = dict(values)
    unclear: dict[str, Unclear] = {}
    for question in sorted(form.questions, key=lambda question: question.kind != "product"):
        stated = [fact for fact in facts if fact.role == question.slot]
        if not stated or question.kind not in TAKE:
            continue
        taken = TAKE[question.kind](stated, {**slots, **updates}, slots.get(question.slot))
        if isinstance(taken, Found):
            updates[question.slot] = taken.value
        else:
            unclear[question.slot] = taken
    foreign = [fact for fact in facts if fact.role not in form.slots]
    if foreign:
        updates[EARLY] = _keep_early(slots, foreign)
    kept = tuple(dict.fromkeys(fact.role for fact in foreign if fact.kind not in ("none", "some", "product")))
    return replace(_advance(form, slots, updates, unclear, requested), kept=kept)


def _advance(
    form: Form,
    slots: Slots,
    updates: dict[str, Any],
    unclear: Mapping[str, Unclear] | None = None,
    requested: str | None = None,
) -> FormUpdate:
    known, problems = {**slots, **updates}, dict(unclear or {})
    for question in form.questions:
        # A value that no longer stands after the product changed.
        value = known.get(question.slot)
        objection = _object(question, value, known) if value not in (None, LEFT_OPEN) else None
        if objection:
            problems[question.slot] = objection
    for slot in problems:
        known[slot] = updates[slot] = None
    # What could not be taken is asked at once, before what was never answered.
    missing = [question.slot for question in list_asked(form, known) if known.get(question.slot) is None]
    following = next((slot for slot in form.slots if slot in problems), missing[0] if missing else None)
    former = slots.get(FORMER)
    said = [
        slot
        for slot in updates
        if updates[slot] not in (None, LEFT_OPEN) and slot not in (requested, form.consent, EARLY, MORE)
    ]
    is_turn = following in form.optional and requested is not None and requested not in form.optional
    return FormUpdate(
        updates,
        following,
        problems.get(following or "") or (Unclear("few_more") if is_turn else None),
        noted=tuple(slot for slot in said if slots.get(slot) in (None, LEFT_OPEN)),
        changed=tuple(slot for slot in said if slots.get(slot) not in (None, LEFT_OPEN, updates[slot])),
        former=former if former and former["slot"] == following else None,
    )


def _object(question: Question, value: Any, slots: Slots) -> Unclear | None:
    """Why a value that was taken before cannot stand now."""
    if question.kind in ("product", "purpose", "place"):
        fact = Fact(kind=question.kind, text=value)
    elif question.kind == "method":
        fact = Fact(kind="choice", text=value)
    elif question.kind in ("loan_amount", "loan_term"):
        fact = Fact(kind="sum" if question.kind == "loan_amount" else "span", low=value, high=value)
    else:
        return None
    taken = TAKE[question.kind]([fact], slots, None)
    return taken if isinstance(taken, Unclear) else None


def _leave_open(form: Form, slots: Slots, requested: str, *, is_rest: bool) -> FormUpdate:
    """Leaves the asked question open, or all that may be."""
    asked = [question.slot for question in list_asked(form, slots)] if is_rest else [requested]
    left = [slot for slot in asked if slot in form.optional and slots.get(slot) is None]
    update = _advance(form, slots, dict.fromkeys(left, LEFT_OPEN), requested=requested)
    return replace(update, hint=update.hint or Unclear("left_open"))


def _ask_anew(slot: str, slots: Slots) -> FormUpdate:
    value = slots.get(slot)
    return FormUpdate({slot: None}, slot, former=None if value in (None, LEFT_OPEN) else {"slot": slot, "value": value})


def _go_back(form: Form, slots: Slots, requested: str) -> FormUpdate:
    before = [question.slot for question in list_asked(form, slots)]
    before = before[: before.index(requested)] if requested in before else before
    answered = [slot for slot in before if slots.get(slot) not in (None, LEFT_OPEN) and slot != form.consent]
    if not answered:
        return FormUpdate(requested=requested, hint=Unclear("first"))
    return _ask_anew(answered[-1], slots)


def _keep_early(slots: Slots, facts: Sequence[Fact]) -> list[dict[str, Any]] | None:
    """Facts told before they may be used; a later one about the same field replaces the earlier."""
    roles = {fact.role for fact in facts}
    kept = [fact for fact in slots.get(EARLY) or [] if fact["role"] not in roles]
    return [*kept, *(fact.model_dump(mode="json") for fact in facts)] or None


def _reword(wanted: str, slots: Slots) -> str:
    """Other words than those before; the more often the question was missed, the more help."""
    before, last = slots.get("hint"), len(REWORDINGS) - 1
    if wanted not in REWORDINGS:
        return wanted if wanted != before else "simple"
    place = min(max(REWORDINGS.index(wanted), slots.get("misses") or 0), last)
    if REWORDINGS[place] == before:
        place = place + 1 if place < last else place - 1
    return REWORDINGS[place]
