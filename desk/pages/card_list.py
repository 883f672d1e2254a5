"""Cards of a list that others change too: only what has changed is drawn anew, nothing else moves under the finger."""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from nicegui import ui

Value = TypeVar("Value")


class CardList(Generic[Value]):
    """Shows values as cards, each filled by `draw`; `nothing` is said without any."""

    def __init__(self, draw: Callable[[Value], None], nothing: str) -> None:
        self._draw = draw
        self._drawn: dict[str, tuple[Value, ui.element]] = {}
        self._place = ui.element("div").classes("cards level")
        self._nothing = ui.label(nothing).classes("empty")

    def show(self, values: Mapping[str, Value]) -> None:
        """Shows these, by key, in their order."""
        for key in self._drawn.keys() - values.keys():
            self._drawn.pop(key)[1].delete()
        for place, (key, value) in enumerate(values.items()):
            card = self._fill(key, value)
            if self._place.default_slot.children[place] is not card:
                card.move(target_index=place)
        self._nothing.set_visibility(not values)

    def _fill(self, key: str, value: Value) -> ui.element:
        if key in self._drawn:
            drawn, card = self._drawn[key]
            if drawn == value:
                return card
            card.clear()
        else:
            with self._place:
                card = ui.element("article").classes("card")
        self._drawn[key] = value, card
        with card:
            self._draw(value)
        return card
