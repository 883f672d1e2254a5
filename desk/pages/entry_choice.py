"""Several entries chosen in the list, and what is done to all of them: each gets a draft for a second person."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any

from nicegui import ui

from desk.entry_list import ListedEntry
from desk.pages.open_page import OpenPage
from desk.pages.revisions import WAITS
from desk.pages.widgets import add_button, open_form
from kit.errors import RequestError
from knowledge.entry_fields import CATEGORY_NAMES, write_moment
from revisions import rules
from revisions.schemas import Content


class EntryChoice:
    """What is chosen, and the bar with what is done to it. An entry with an open draft cannot be chosen.

    `show` draws the list anew, `load` reads it anew.
    """

    def __init__(self, page: OpenPage, show: Callable[[], None], load: Callable[[], Awaitable[None]]) -> None:
        self._page = page
        self._show = show
        self._load = load
        self._listed: Sequence[ListedEntry] = ()
        self._chosen: set[str] = set()
        self._is_open = False
        self._start = add_button("多选", self._toggle)
        self._start.set_visibility(page.may("draft_entries"))

    def add_bar(self) -> None:
        """Adds the bar; the button that opens it stands where this was made."""
        with ui.row().classes("bar") as self._bar:
            self._count = ui.label().props("role=status")
            add_button("选中列出的", self._choose_all)
            add_button("改主题", self._change_topic)
            add_button("设到期", self._set_expiry)
            add_button("下架", self._retire)
            add_button("取消多选", self._toggle)
        self._update()

    def list_for(self, entries: Iterable[ListedEntry]) -> None:
        """Notes which entries are listed; those that no longer are, are chosen no more."""
        self._listed = [entry for entry in entries if not entry.draft]
        self._chosen &= {entry.key for entry in self._listed}
        self._update()

    def is_chosen(self, entry: ListedEntry) -> bool | None:
        """None: it cannot be chosen now."""
        return entry.key in self._chosen if self._is_open and not entry.draft else None

    def choose(self, key: str, *, is_chosen: bool) -> None:
        """Chooses it, or no more."""
        (self._chosen.add if is_chosen else self._chosen.discard)(key)
        self._show()

    def _toggle(self) -> None:
        self._is_open = not self._is_open
        self._chosen.clear()
        self._show()

    def _choose_all(self) -> None:
        self._chosen = {entry.key for entry in self._listed}
        self._show()

    def _update(self) -> None:
        self._bar.set_visibility(self._is_open)
        self._start.set_visibility(self._page.may("draft_entries") and not self._is_open)
        self._count.set_text(f"已选{len(self._chosen)}条")

    def _change_topic(self) -> None:
        self._open("改主题", lambda: {"category": field.value})
        with self._fields:
            field = ui.select(dict(CATEGORY_NAMES), label="主题").props("outlined dense")

    def _set_expiry(self) -> None:
        self._open("设到期", lambda: {"expires_at": write_moment(field.value or "")})
        with self._fields:
            field = ui.input("哪天零点到期（不填是一直有效）").props("type=date stack-label outlined dense")

    def _retire(self) -> None:
        self._open("下架", lambda: {"is_retired": True})

    def _open(self, act: str, read: Callable[[], Content]) -> None:
        chosen = [entry for entry in self._listed if entry.key in self._chosen]

        def mark(error: RequestError | None) -> None:
            since.error = error.problems.get("effective_from") if error else None

        async def save() -> bool:
            bases = [rules.find_changeable(entry.revisions, entry.today) for entry in chosen]
            change: Callable[[], Awaitable[Any]] = partial(
                self._page.desk.entry_drafts.change_all, self._page.staff, bases, read(), since.value or ""
            )
            is_done = await self._page.attempt(change, WAITS, self._load, mark)
            if is_done:
                self._toggle()
            return is_done

        today = self._page.desk.entry_drafts.read_today().isoformat()
        with open_form(f"{len(chosen)}条：{act}", save, "提交审核"):
            ui.label("每条起草一份，由另一位同事审核；有一条不行，就一条都不起草。").classes("whole soft")
            self._fields = ui.element("div").classes("whole")
            since = ui.input("从哪天起", value=today).props("type=date stack-label outlined dense")
