"""Answers questions from the knowledge service."""

import json

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from bot.actions.clients import Clients
from bot.actions.message import read_message
from kit.errors import ServiceRefused, ServiceUnavailable

TITLE_LENGTH_MAX = 24


async def answer_question(
    clients: Clients, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType]:
    """Answers a question, suggests similar ones, or says that the bot does not know.

    A suggestion's button names its entry, which is shown; anything else is searched for.
    """
    message = read_message(tracker)
    try:
        if message.is_button and "entry" in message.entities:
            entry = await clients.knowledge.get_entry(str(message.entities["entry"]))
            dispatcher.utter_message(response="utter_answer", answer=entry.answer)
            return []
        if not message.text:
            dispatcher.utter_message(response="utter_default")
            return []
        found = await clients.knowledge.search(message.text)
    except (ServiceUnavailable, ServiceRefused):
        dispatcher.utter_message(response="utter_knowledge_down")
        return []
    if found.outcome == "answer":
        dispatcher.utter_message(response="utter_answer", answer=found.matches[0].answer)
    elif found.outcome == "suggest":
        buttons = [make_button(m.entry_id, m.question) for m in found.matches]
        human = {"title": "都不是，转人工", "payload": "/request_human"}
        dispatcher.utter_message(response="utter_suggest", buttons=[*buttons, human])
    elif message.intent == "ask_question":
        dispatcher.utter_message(response="utter_no_answer")
    else:
        dispatcher.utter_message(response="utter_default")
    return []


def make_button(entry_id: str, question: str) -> dict[str, str]:
    """A button that asks an entry's question."""
    title = question if len(question) <= TITLE_LENGTH_MAX else question[: TITLE_LENGTH_MAX - 1] + "…"
    return {"title": title, "payload": "/ask_question" + json.dumps({"entry": entry_id})}
