"""Ctrl+K: finding a talk by its customer or by what was said in it, from anywhere in the agents' page."""

import asyncio

from markupsafe import Markup, escape
from nicegui import ui

from conversations.handoff.states import STATE_NAMES
from desk.pages.open_page import OpenPage
from desk.pages.templates import render
from desk.talk_access import may_see_person
from desk.wording import AUTHORS
from kit.bigrams import normalise
from kit.masking import mask_personal_data

# The first one found, as a click on it: the page opens its link.
ON_ENTER = '(event) => { if (!event.isComposing) document.querySelector(".finder a.row")?.click(); }'
# The arrows go through what was found, and back to the words.
ON_ARROW = """(event) => {
  if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const rows = [...document.querySelectorAll(".finder a.row")];
  const next = rows.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  (rows[next] ?? (next < 0 ? document.querySelector(".finder input") : null))?.focus();
}"""
BEFORE, AFTER = 20, 60  # characters shown around what was found


class Finder:
    """The dialog of one page."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        with ui.dialog() as self._dialog, ui.card().classes("dialog finder").on("keydown", js_handler=ON_ARROW):
            self._words = ui.input("找客户，或聊天里说过的话", on_change=self._find)
            self._words.props('outlined autofocus clearable debounce=200 maxlength=40 aria-label="找会话"')
            self._words.on("keydown.enter", js_handler=ON_ENTER)
            self._found = ui.html("", sanitize=False).classes("found").on("click", self._dialog.close)

    def open(self) -> None:
        """Opens it, empty."""
        self._words.set_value("")
        self._dialog.open()

    async def _find(self) -> None:
        words = (self._words.value or "").strip()
        search, staff = self._page.desk.talk_search, self._page.staff
        people, messages = await asyncio.gather(search.find_people(staff, words), search.find_messages(staff, words))
        if words != (self._words.value or "").strip():
            return  # it has changed since
        open_to_them = {each.id for each in people if may_see_person(staff, each)}
        said = [(each, cut_out(each.text, words)) for each in messages]
        self._found.set_content(
            render(
                "finder.html",
                people=people,
                open_to_them=open_to_them,
                said=said,
                words=words,
                states=STATE_NAMES,
                authors=AUTHORS,
            )
        )


def cut_out(said: str, words: str) -> Markup:
    """What was said around the first of the words, masked, with it marked."""
    said = mask_personal_data(said)
    word = next((word for word in words.split() if normalise(word) in normalise(said)), "")
    place = normalise(said).find(normalise(word)) if len(normalise(said)) == len(said) else 0
    start, end = max(0, place - BEFORE), place + len(word)
    before, after = ("…" if start else "") + said[start:place], said[end : end + AFTER]
    return (
        escape(before)
        + Markup("<mark>{}</mark>").format(said[place:end])
        + after
        + ("…" if said[end + AFTER :] else "")
    )
