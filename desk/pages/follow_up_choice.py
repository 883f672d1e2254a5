"""The field in which an editor chooses what customers may ask next: questions of other entries."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from nicegui import ui

from desk.pages.widgets import add_button
from knowledge.follow_ups import FOLLOW_UPS_MAX

FindQuestions = Callable[[str], Awaitable[Sequence[str]]]
TYPED_SECONDS = 0.6


class FollowUpChoice:
    """The questions chosen, in their order, each with a way to take it out, and a search for more."""

    def __init__(self, find: FindQuestions, on_change: Callable[[], Awaitable[None]]) -> None:
        self.questions: list[str] = []
        self._find = find
        self._on_change = on_change
        with ui.element("div").classes("whole follow-ups"):
            self._chosen = ui.row()
            self._words = ui.input(f"接着可以问（最多{FOLLOW_UPS_MAX}条，写几个字找）").props(
                "outlined dense clearable"
            )
            self._found = ui.element("div").classes("found").props("role=status")
        self._words.on("update:model-value", self._search, throttle=TYPED_SECONDS, leading_events=False)

    def show(self, questions: Sequence[str]) -> None:
        """Shows these as chosen."""
        self.questions = [*questions]
        self._words.set_enabled(len(self.questions) < FOLLOW_UPS_MAX)
        self._chosen.clear()
        with self._chosen:
            for question in self.questions:
                remove = partial(self._remove, question)
                add_button(question, remove).props(f'icon-right=close aria-label="去掉“{question}”"')

    def mark(self, problem: str | None) -> None:
        """Says what is wrong with them."""
        self._words.error = problem

    async def _search(self) -> None:
        words = (self._words.value or "").strip()
        found = await self._find(words) if words else ()
        self._found.clear()
        with self._found:
            for question in found:
                if question not in self.questions:
                    add_button(question, partial(self._add, question)).props("icon=add")
            if words and not found:
                ui.label("没有找到").classes("soft")

    async def _add(self, question: str) -> None:
        self._words.set_value("")
        self._found.clear()
        await self._change([*self.questions, question])

    async def _remove(self, question: str) -> None:
        await self._change([each for each in self.questions if each != question])

    async def _change(self, questions: Sequence[str]) -> None:
        self.show(questions)
        await self._on_change()
