"""Answers questions with the entries that were found for them."""

import json
from collections.abc import Sequence
from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from bot.actions.clients import Clients
from bot.actions.message import read_act
from bot.actions.slots import leave_context, read_context
from kit.errors import ServiceRefused, ServiceUnavailable
from knowledge.schemas import EntryView, Match
from understanding.schemas import Act, Language

# Latin letters are half as wide as Chinese characters.
TITLE_LENGTH_MAX: dict[Language, int] = {"zh": 24, "en": 48}


async def answer_question(
    clients: Clients, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Gives the answers of the act's matches, or of the entry that a button or the customer chose."""
    act = read_act(tracker)
    found: Sequence[Match | EntryView] = act.matches
    if not found:
        try:
            found = [await clients.knowledge.get_entry(str(act.values["entry"]))]
        except (ServiceUnavailable, ServiceRefused):
            dispatcher.utter_message(response="utter_knowledge_down")
            return []
    for entry in found:
        _say_answer(entry, act.language, dispatcher)
    last = found[-1]
    left: dict[str, Any] = {"last": "answer", "topic": _find_question(last, act.language), "entry": last.entry_id}
    if act.offers:
        _offer(act, act.offers, "utter_suggest_also", dispatcher)
        left["offered"] = [match.entry_id for match in act.offers]
    return [leave_context(tracker, **left)]


async def suggest_entries(dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
    """Offers the entries that may be meant."""
    act = read_act(tracker)
    _offer(act, act.matches, "utter_suggest", dispatcher)
    return [leave_context(tracker, offered=[match.entry_id for match in act.matches])]


async def repeat_answer(dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
    """After an answer that was not understood: says which question it was for, and offers a human."""
    topic = read_context(tracker).get("topic")
    dispatcher.utter_message(response="utter_answer_unclear" if topic else "utter_nothing_said", topic=topic)
    return []


def make_button(match: Match, language: Language) -> dict[str, str]:
    """A button that asks an entry's question."""
    question, length_max = _find_question(match, language), TITLE_LENGTH_MAX[language]
    title = question if len(question) <= length_max else question[: length_max - 1] + "…"
    return {"title": title, "payload": "/ask_question" + json.dumps({"entry": match.entry_id})}


def _offer(act: Act, matches: Sequence[Match], response: str, dispatcher: CollectingDispatcher) -> None:
    none_of_these = {"title": "都不是", "payload": "/none_of_these"}
    buttons = [*(make_button(match, act.language) for match in matches), none_of_these]
    dispatcher.utter_message(response=response, buttons=buttons)


def _find_question(entry: Match | EntryView, language: Language) -> str:
    return (entry.question_english if language == "en" else None) or entry.question


def _say_answer(entry: Match | EntryView, language: Language, dispatcher: CollectingDispatcher) -> None:
    source = {"entry": f"{entry.entry_id}@{entry.revision}"}
    if language == "zh" or entry.answer_english:
        answer = entry.answer if language == "zh" else entry.answer_english
        dispatcher.utter_message(response="utter_answer", answer=answer, json_message=source)
    else:
        dispatcher.utter_message(response="utter_answer_in_chinese", answer=entry.answer, json_message=source)
