"""What an application says, in the sheet of its card; the identity number is shown when it is asked for."""

from nicegui import ui

from desk.application_answers import IDENTITY, LEFT_OPEN, AnswerLine, AnswersView
from desk.pages.open_page import OpenPage
from desk.pages.widgets import add_button, show_fact


class AnswerList:
    """Draws the answers of one application into the open sheet."""

    def __init__(self, page: OpenPage, application_id: str) -> None:
        self._page = page
        self._application_id = application_id

    async def load(self) -> AnswersView | None:
        """The answers; None, and a word why, for who may not see them."""
        found: AnswersView | None = None

        async def read() -> None:
            nonlocal found
            found = await self._page.desk.application_answers.read(self._page.staff, self._application_id)

        return found if await self._page.attempt(read) else None

    def draw(self, view: AnswersView) -> None:
        """Each answer beside what was asked for."""
        ui.label(f"编号{view.number}").classes("soft")
        with ui.element("div").classes("answer-lines").props("role=list aria-label=申请内容"):
            for line in view.lines:
                self._draw_line(line)

    def _draw_line(self, line: AnswerLine) -> None:
        with ui.element("div").classes("answer-line").props("role=listitem"):
            shown = show_fact(line.label, line.value or LEFT_OPEN)
            if not line.value:
                shown.classes("soft")
            elif line.slot == IDENTITY:
                button = add_button("显示", lambda: self._reveal(shown, button)).props("aria-label=显示身份证号")

    async def _reveal(self, shown: ui.label, button: ui.button) -> None:
        number = ""

        async def read() -> None:
            nonlocal number
            answers = self._page.desk.application_answers
            number = await answers.reveal_identity(self._page.staff, self._application_id)

        if await self._page.attempt(read):
            shown.set_text(number)
            button.delete()
