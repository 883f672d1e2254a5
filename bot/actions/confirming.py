"""Asks a customer to confirm what a form holds."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from bot.actions.describing import describe_summary
from bot.actions.form_filling import list_answered
from bot.actions.slots import leave_context
from forms.catalogue import Form
from kit.security import hash_content


def ask_to_confirm(
    form: Form,
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    response: str,
    instead: Mapping[str, str],
    **values: Any,
) -> list[EventType]:
    """Shows a summary by `response`, or for some hints says what stands in `instead`.

    A yes counts for this `version` of the content only.
    """
    questions = list_answered(form, tracker.slots)
    answers = {question.slot: tracker.slots[question.slot] for question in questions}
    version = hash_content(answers)[:12]
    if said := instead.get(tracker.get_slot("hint") or ""):
        dispatcher.utter_message(response=said, version=version)
    else:
        shown = describe_summary(questions, answers)
        dispatcher.utter_message(response=response, version=version, **values, **shown)
    return [leave_context(tracker, version=version)]
