"""Answers questions with the entries that were found for them."""

import json
import re
from collections.abc import Sequence
from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from bot.actions.answer_card import make_card
from bot.actions.clients import Clients
from bot.actions.message import read_act, read_channel
from bot.actions.slots import leave_context, read_context
from conversations.choices import WORDS
from kit.errors import ServiceRefused, ServiceUnavailable
from knowledge.schemas import FollowUp, Match
from understanding.products import find_product
from understanding.schemas import Act, Language

# Latin letters are half as wide as Chinese characters.
TITLE_LENGTH_MAX: dict[Language, int] = {"zh": 24, "en": 48}
# After an answer of another topic a form is for no product in particular.
LOAN_TOPICS = ("applications", "credit_record", "drawing", "guarantees", "loans", "overdue", "renewal", "repayment")
# What an answer invites to say: 回复“客户经理”即可预约.
_INVITATION = re.compile(r"(?:回复|\b[Rr]eply )[“\"]([^”\"]{1,48})[”\"]")


async def answer_question(
    clients: Clients, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Gives the answers of the act's matches, or of the entry that a button or the customer chose."""
    act = read_act(tracker)
    found: Sequence[Match] = act.matches
    if not found:
        try:
            found = [await clients.knowledge.get_entry(str(act.values["entry"]))]
        except (ServiceUnavailable, ServiceRefused):
            dispatcher.utter_message(response="utter_knowledge_down")
            return []
    leads_on = tracker.active_loop_name is None  # a form goes on with its own question and buttons
    for entry in found:
        _say_answer(entry, act.language, read_channel(tracker), dispatcher, leads_on=leads_on)
    last = found[-1]
    left: dict[str, Any] = {"last": "answer", "topic": _find_question(last, act.language), "entry": last.entry_id}
    if (product := _find_product(act, last)) or last.category not in LOAN_TOPICS:
        left["product"] = product
    if act.offers:
        _offer(act, act.offers, "utter_suggest_also", dispatcher)
        left["offered"] = [match.entry_id for match in act.offers]
    elif leads_on and "topic" not in act.values:  # nothing beside a danger
        before = read_context(tracker).get("entry")
        _lead_on([each for each in last.follow_ups if each.entry_id != before], act.language, dispatcher)
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


def _find_product(act: Act, entry: Match) -> str | None:
    """The product that was asked about: the customer's own words, or else the entry, name it."""
    told = next((fact.text for fact in act.facts if fact.kind == "product"), None)
    named = find_product(entry.question)
    return told or (named.name if named and named.is_named else None)


def make_button(match: Match | FollowUp, language: Language) -> dict[str, str]:
    """A button that asks an entry's question."""
    question, length_max = _find_question(match, language), TITLE_LENGTH_MAX[language]
    title = question if len(question) <= length_max else question[: length_max - 1] + "…"
    return {"title": title, "payload": "/ask_question" + json.dumps({"entry": match.entry_id})}


def _offer(act: Act, matches: Sequence[Match], response: str, dispatcher: CollectingDispatcher) -> None:
    none_of_these = {"title": "都不是", "payload": "/none_of_these"}
    buttons = [*(make_button(match, act.language) for match in matches), none_of_these]
    dispatcher.utter_message(response=response, buttons=buttons)


def _lead_on(follow_ups: Sequence[FollowUp], language: Language, dispatcher: CollectingDispatcher) -> None:
    if follow_ups:
        buttons = [make_button(each, language) for each in follow_ups]
        dispatcher.utter_message(response="utter_follow_ups", buttons=buttons)


def _find_question(entry: Match | FollowUp, language: Language) -> str:
    return (entry.question_english if language == "en" else None) or entry.question


def _say_answer(
    entry: Match, language: Language, channel: str, dispatcher: CollectingDispatcher, *, leads_on: bool
) -> None:
    is_english = language == "en" and bool(entry.answer_english)
    answer = (entry.answer_english if is_english else None) or entry.word_for(channel)
    shown: dict[str, Any] = {"entry": f"{entry.entry_id}@{entry.revision}"}
    response = "utter_answer" if is_english or language == "zh" else "utter_answer_in_chinese"
    # Shown in place of the text, a card would hide the apology for Chinese.
    if response == "utter_answer" and (card := make_card(_find_question(entry, language), answer)):
        shown["card"] = card
    invited = _INVITATION.findall(answer) if leads_on and response == "utter_answer" else []
    buttons = [{"title": words, "payload": WORDS} for words in dict.fromkeys(invited)]
    dispatcher.utter_message(response=response, answer=answer, json_message=shown, buttons=buttons)
