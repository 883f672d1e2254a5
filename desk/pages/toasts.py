"""Toasts: short messages in the header, where they never cover the page."""

import json
from typing import Literal

from nicegui import ui

Kind = Literal["info", "positive", "warning", "negative"]


def add_toast_area() -> None:
    """Adds the area for toasts; static/desk.js fills it."""
    ui.element("div").classes("toasts").props('role="status" aria-live="polite"')


def show_toast(text: str, kind: Kind = "info", *, seconds: float = 5.0) -> None:
    """Shows a message for `seconds`; 0: until it is closed."""
    ui.run_javascript(f"window.desk?.toast({json.dumps({'text': text, 'kind': kind, 'seconds': seconds})})")
