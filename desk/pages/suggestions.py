"""Suggested answers from the knowledge base, and the dialog to choose a canned answer."""

import re
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from nicegui import background_tasks, ui

from desk.canned import CannedAnswers
from desk.pages.linked_text import show_linked
from desk.pages.widgets import open_sheet
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.masking import mask_personal_data
from kit.text import clean_text
from knowledge.client import KnowledgeClient
from knowledge.schemas import SUGGEST_SCORE, Match

SUGGESTIONS_MAX = 3
SENTENCE = re.compile(r"[^。！？\n]*[。！？\n]?")
FOR_BOT = re.compile("回复“")
INTERNAL = "仅内部"


class FoundAnswers(NamedTuple):
    """What may be said, each with its title; and what is `internal`: to be read, never to be sent."""

    offered: list[tuple[str, str]]
    internal: list[Match]


class Suggestions:
    """A row of suggestions for the customer's last message; the chosen one goes to `insert`."""

    def __init__(self, knowledge: KnowledgeClient, channel: str, insert: Callable[[str], None]) -> None:
        """Answers are those of the customer's channel."""
        self._knowledge = knowledge
        self._channel = channel
        self._insert = insert
        self._words = ""
        self._row = ui.element("div").classes("suggestions").props('role=group aria-label="推荐答案"')

    def suggest(self, words: str) -> None:
        """Searches and shows suggestions for a message, once for each text."""
        if words != self._words:
            self._words = words
            background_tasks.create(self._suggest(words))

    async def _suggest(self, words: str) -> None:
        matches = await search_knowledge(self._knowledge, words)
        if words != self._words or self._row.is_deleted:
            return
        self._row.clear()
        with self._row:
            for match in matches:
                answer = word_for_agent(match.word_for(self._channel))
                act = partial(_show_internal, match) if match.is_internal else partial(self._insert, answer)
                name = f"{INTERNAL}：{match.question}" if match.is_internal else match.question
                button = ui.button(name, on_click=act, color=None)
                button.props("outline no-caps dense").classes("quiet").tooltip(answer)


async def choose_answer(
    canned: CannedAnswers, knowledge: KnowledgeClient, channel: str, layer: ui.element, insert: Callable[[str], None]
) -> None:
    """Opens a dialog in `layer` to search canned answers and the knowledge base, for a customer's channel."""
    with layer, ui.dialog() as dialog, ui.card().classes("dialog wide"):
        ui.label("常用语和知识库").classes("title")
        search = ui.input("搜索").props("outlined clearable autofocus debounce=200")
        results = ui.element("div").classes("answers")

    async def show() -> None:
        words = search.value or ""
        found = await find_answers(canned, knowledge, channel, words)
        results.clear()
        with results:
            for title, text in found.offered:
                with ui.element("button").classes("answer").on("click", lambda text=text: use(text)):
                    ui.label(title).classes("name")
                    ui.label(text)
            for match in found.internal:
                with ui.element("div").classes("answer"):
                    ui.label(f"{INTERNAL}：{match.question}").classes("name")
                    show_linked(match.answer)
            if not (found.offered or found.internal):
                ui.label("没有找到。" if words else "还没有常用语，可以直接搜索知识库。").classes("empty")

    def use(text: str) -> None:
        dialog.close()
        insert(text)

    dialog.on("hide", dialog.delete)
    search.on_value_change(show)
    await show()
    dialog.open()


def word_for_agent(answer: str) -> str:
    """An answer without what only the bot can keep, such as 回复“算利息”可试算; whole if nothing is left."""
    sentences = SENTENCE.findall(answer)
    return "".join(each for each in sentences if not FOR_BOT.search(each)).strip() or answer


async def find_answers(canned: CannedAnswers, knowledge: KnowledgeClient, channel: str, words: str) -> FoundAnswers:
    """The canned answers and the knowledge for some words, in the wording of a channel."""
    matches = await search_knowledge(knowledge, words)
    offered = [(answer.title, answer.said) for answer in await canned.search(words)]
    offered += [(m.question, word_for_agent(m.word_for(channel))) for m in matches if not m.is_internal]
    return FoundAnswers(offered, [match for match in matches if match.is_internal])


def _show_internal(match: Match) -> None:
    """Internal knowledge is read, never put into an answer."""
    with open_sheet(f"{INTERNAL}：{match.question}"):
        show_linked(match.answer).classes("words")
        ui.label("只给同事看，请不要原样发给客户。").classes("soft")


async def search_knowledge(knowledge: KnowledgeClient, words: str) -> list[Match]:
    """The matches of the knowledge base; empty while it is down."""
    words = clean_text(words)
    if not words:
        return []
    try:
        found = await knowledge.search_for_staff(mask_personal_data(words), SUGGESTIONS_MAX)
    except (ServiceUnavailable, ServiceRefused):
        return []
    return [match for match in found if match.score >= SUGGEST_SCORE]
