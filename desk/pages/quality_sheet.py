"""A score sheet on a page: to be filled in, or as it was filled in."""

from collections.abc import Awaitable, Callable, Mapping

from nicegui import ui

from desk.pages.templates import render
from desk.quality.schemas import CheckView
from desk.quality.sheets import MARK_NAMES, TOTAL, Marks, Sheet


class SheetFields:
    """A choice for each criterion; `save` is called whenever one was made."""

    def __init__(self, sheet: Sheet, marks: Marks, save: Callable[[], Awaitable[None]] | None = None) -> None:
        self._fields: dict[str, ui.toggle] = {}
        self._problems: dict[str, ui.label] = {}
        for code, criterion in sheet.items():
            with ui.element("div").classes("criterion"):
                with ui.element("div"):
                    worth = "一票否决" if criterion.fatal else f"{criterion.points}分"
                    ui.label(f"{criterion.name}（{worth}）").classes("headline")
                    ui.label(criterion.advice).classes("soft")
                field = ui.toggle(dict(criterion.marks), value=marks.get(code))
                field.props(f'unelevated no-caps role="group" aria-label="{criterion.name}"')
                if save:
                    field.on_value_change(save)
                self._fields[code] = field
                self._problems[code] = ui.label().classes("problem")

    @property
    def marks(self) -> dict[str, str]:
        """What is chosen so far."""
        return {code: field.value for code, field in self._fields.items() if field.value}

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Says beside each criterion what is missing."""
        for code, label in self._problems.items():
            label.set_text(problems.get(code, ""))


def show_sheet(check: CheckView) -> None:
    """The score, and how each criterion was marked."""
    ui.html(render("quality_sheet.html", check=check, names=MARK_NAMES, total=TOTAL), sanitize=False)
