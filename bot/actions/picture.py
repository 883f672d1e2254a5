"""A picture or a file that a customer sent for the application: what it says is used only once they confirm it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from bot.actions.describing import describe_answer
from bot.actions.message import read_act
from bot.actions.slots import Slots, lacks_consent, leave_context
from documents.schemas import KIND_NAMES
from forms.catalogue import Form, Question
from understanding.schemas import Act, Fact

# What the last picture said, which document it is, and how many in a row could not be read.
PICTURE = "picture"
USE = "use_picture"
RETAKES_MAX = 2
# What is to be done better, by what is wrong with a picture (pictures/schemas.py).
RETAKE = {
    "blurred": "utter_picture_blurred",
    "glare": "utter_picture_glare",
    "dark": "utter_picture_dark",
    "cropped": "utter_picture_cropped",
    "small": "utter_picture_small",
}


async def take_picture(
    form: Form, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Says what becomes of a picture, which is stored by now: its facts are shown to be confirmed, or it is asked for
    again, or the account manager looks at it.

    The open form is left while a yes is awaited; otherwise it puts its question again by itself.
    """
    act = read_act(tracker)
    is_file = act.values["medium"] == "file"
    name = "文件" if is_file else KIND_NAMES[act.values["kind"]]
    if lacks_consent(form, tracker.slots):  # no application is being filled in
        number = act.values["number"]
        response = "utter_picture_filed" if number else "utter_picture_kept"
        dispatcher.utter_message(response=response, kind=name, number=number)
        return [SlotSet(PICTURE, None)]
    if not act.values["is_read"]:
        dispatcher.utter_message(response="utter_picture_noted" if is_file else "utter_picture_unread", kind=name)
        return [SlotSet(PICTURE, None)]
    if act.values["quality"] != "good":
        retakes = (tracker.get_slot(PICTURE) or {}).get("retakes", 0) + 1
        is_enough = retakes > RETAKES_MAX
        dispatcher.utter_message(response="utter_picture_given_up" if is_enough else RETAKE[act.values["quality"]])
        return [SlotSet(PICTURE, None if is_enough else {"retakes": retakes})]
    facts = find_new(form, tracker.slots, act.facts)
    if not facts:
        is_known = act.values["kind"] != "unknown"
        dispatcher.utter_message(response="utter_picture_noted" if is_known else "utter_picture_unknown", kind=name)
        return [SlotSet(PICTURE, None)]
    document = act.values["document"]
    answers = "".join(f"\n· {line}" for line in describe_facts(form, facts))
    dispatcher.utter_message(response="utter_picture_read", kind=name, answers=answers, document=document)
    kept = {"document": document, "facts": [fact.model_dump(mode="json") for fact in facts]}
    return [SlotSet(PICTURE, kept), ActiveLoop(None), leave_context(tracker, question=USE)]


def use_picture(act: Act, slots: Slots) -> Act:
    """The act with what the last picture said, if it confirms that one; any other act as it is."""
    kept = slots.get(PICTURE) or {}
    if act.name != USE or act.values.get("document", kept.get("document")) != kept.get("document"):
        return act
    return act.model_copy(update={"facts": tuple(Fact.model_validate(fact) for fact in kept.get("facts", []))})


def find_new(form: Form, slots: Slots, facts: Sequence[Fact]) -> list[Fact]:
    """The facts that answer a question asked of this customer, in the form's order, and say anything new."""
    told = {fact.role: fact for fact in facts if slots.get(fact.role) != read_value(fact)}
    return [told[question.slot] for question in form.questions if question.slot in told and question.is_asked_of(slots)]


def describe_facts(form: Form, facts: Sequence[Fact]) -> Iterator[str]:
    """A line for each fact, whole: nobody can check what is masked."""
    questions: Mapping[str, Question] = {question.slot: question for question in form.questions}
    for fact in facts:
        question, value = questions[fact.role], read_value(fact)
        shown = value if isinstance(value, str) else describe_answer(question, value)
        yield f"{question.label}：{shown}"


def read_value(fact: Fact) -> Any:
    """What the slot would hold."""
    return fact.low if fact.kind == "area" else fact.text
