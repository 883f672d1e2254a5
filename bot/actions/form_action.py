"""The validation action that Rasa calls for a form."""

from collections.abc import Iterator, Sequence
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from bot.actions.describing import describe_answers
from bot.actions.form_filling import REWORDINGS, FormUpdate, fill
from bot.actions.message import read_act
from bot.actions.picture import PICTURE, USE, use_picture
from bot.actions.slots import FORMER, REQUESTED_SLOT, read_context
from bot.actions.taken import Unclear
from forms.catalogue import Form, Kind, load_catalogue
from understanding.schemas import Act, Fact, FactKind

# Answers of the quota check that other forms ask for too, and the facts that state them.
RESTATED: dict[Kind, FactKind] = {"area": "area", "amount": "sum", "yearly_amount": "sum", "years": "span"}
# Acts that begin a form for one product.
OF_A_PRODUCT = ("check_quota", "apply_for_loan", "calculate_repayment")
# Hints whose sentence comes before the question as it stands.
LED_IN = ("repeat", "first", "few_more", "left_open", "human")


async def fill_form(
    form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Sets the slots of one form and the next one to ask for, and says back what nobody had asked for.

    Without any event Rasa rejects the form and tries its rules.
    """
    asked = tracker.get_slot(REQUESTED_SLOT) if tracker.active_loop_name == form.id else None
    is_own = asked in form.slots
    act = use_picture(follow_result(form, read_act(tracker), tracker), tracker.slots)
    slots, told = tracker.slots, None
    if "product" not in form.slots:  # the calculator's is in its terms
        told = next((fact.text for fact in act.facts if fact.kind == "product"), None)
        slots = {**slots, "product": told or (slots.get("calculation") or {}).get("product") or slots.get("product")}
    update = fill(form, slots, asked if is_own else None, act)
    if update is None:
        return []
    if act.name == "unclear":
        dispatcher.utter_message(json_message={"understood": False})
    if update.hint and update.hint.hint in LED_IN:
        dispatcher.utter_message(response=f"utter_hint_{update.hint.hint}")
    _say_back(form, update, {**tracker.slots, **update.values}, dispatcher)
    if update.former and update.former != tracker.get_slot(FORMER):
        _say_former(form, update.former, dispatcher)
    if told and update.requested:
        answers = describe_answers([load_catalogue().questions["product"]], {"product": told})
        dispatcher.utter_message(response="utter_noted", answers=answers)
    hint = update.hint or Unclear("")
    is_missed = hint.hint in REWORDINGS
    values: dict[str, Any] = {
        **update.values,
        **({PICTURE: None} if act.name == USE else {}),
        **({"calculation": {**(slots.get("calculation") or {}), "product": told}} if told else {}),
        "hint": hint.hint or None,
        "hint_low": hint.low,
        "hint_high": hint.high,
        FORMER: update.former,
        "misses": (tracker.get_slot("misses") or 0) + 1 if is_missed else None,
    }
    return [SlotSet(slot, value) for slot, value in values.items()] + [SlotSet(REQUESTED_SLOT, update.requested)]


def follow_result(form: Form, act: Act, tracker: Tracker) -> Act:
    """A form that begins takes over what was told for the quota.

    An application for the quota just found is for its product, one for a calculation for its sum and time. After an
    answer about a product the form is for that.
    """
    follows = act.values.get("follows")
    answers = (tracker.slots.get("quota_summary") or {}).get("answers") or {}
    if act.name in form.starts and answers:
        product = answers["product"]
        told = next((fact.text for fact in act.facts if fact.kind == "product"), None) or tracker.slots.get("product")
        facts = [_name_product(product)] if follows == "quota" else [*act.facts]
        if follows == "quota" or told in (None, product):
            named = {fact.role for fact in facts}
            facts += [fact for fact in _restate(form, answers, tracker.slots) if fact.role not in named]
        act = act.model_copy(update={"facts": tuple(facts)})
    context = read_context(tracker)
    names_product = any(fact.kind == "product" for fact in act.facts) or bool(tracker.slots.get("product"))
    if act.name in OF_A_PRODUCT and context.get("last") == "answer" and context.get("product") and not names_product:
        act = act.model_copy(update={"facts": (_name_product(context["product"]), *act.facts)})
    terms = tracker.slots.get("calculation")
    if follows != "calculation" or not terms:
        return act
    amount, term = float(terms["calculated_amount"]), float(terms["calculated_term"])
    facts = [
        Fact(kind="sum", role="amount", low=amount, high=amount),
        Fact(kind="span", role="term", low=term, high=term),
    ]
    if product := terms.get("product"):
        facts.append(_name_product(product))
    return act.model_copy(update={"facts": tuple(facts)})


def _restate(form: Form, answers: dict[str, Any], slots: dict[str, Any]) -> Iterator[Fact]:
    """The answers that the form would ask for again."""
    for question in form.questions:
        value = answers.get(question.slot)
        if value is None or slots.get(question.slot) is not None or question.kind not in RESTATED:
            continue
        if not value:
            yield Fact(kind="none", role=question.slot)
        else:
            value = float(value) * (12 if question.kind == "years" else 1)
            yield Fact(kind=RESTATED[question.kind], role=question.slot, low=value, high=value)


def _name_product(product: str) -> Fact:
    return Fact(kind="product", role="product", text=product)


def _say_back(form: Form, update: FormUpdate, slots: dict[str, Any], dispatcher: CollectingDispatcher) -> None:
    for slots_said, response in ((update.changed, "utter_changed"), (update.noted, "utter_noted")):
        questions: Sequence[Any] = [question for question in form.questions if question.slot in slots_said]
        if questions and update.requested is not None and not _shows_summary(form, update):
            dispatcher.utter_message(response=response, answers=describe_answers(questions, slots))
    known = load_catalogue().questions
    if kept := [known[slot].label for slot in update.kept if slot in known]:
        dispatcher.utter_message(response="utter_kept", labels="、".join(kept))


def _say_former(form: Form, former: dict[str, Any], dispatcher: CollectingDispatcher) -> None:
    question = next(question for question in form.questions if question.slot == former["slot"])
    answers = describe_answers([question], {question.slot: former["value"]})
    dispatcher.utter_message(response="utter_former", answers=answers, slot=question.slot)


def _shows_summary(form: Form, update: FormUpdate) -> bool:
    """The summary says everything back by itself, but for what was changed in it."""
    last = form.questions[-1]
    return last.kind == "confirmation" and update.requested == last.slot and not update.changed
