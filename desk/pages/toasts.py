"""Toasts: short messages in a corner, on a phone in the header; neither moves nor covers what one works on."""

import json
from typing import Literal

from nicegui import ui

Kind = Literal["info", "positive", "warning", "negative"]


def add_toast_area() -> None:
    """Adds the area for toasts; static/desk.js fills it."""
    ui.element("div").classes("toasts").props('role="status" aria-live="polite"')


def show_toast(text: str, kind: Kind = "info", *, seconds: float = 5.0, is_failure: bool = False) -> None:
    """Shows a message for `seconds`; 0: until it is closed. That something failed is only shown until it works."""
    told = {"text": text, "kind": kind, "seconds": seconds, "isFailure": is_failure}
    ui.run_javascript(f"window.desk?.toast({json.dumps(told)})")


def clear_failures() -> None:
    """Takes away what said that something failed."""
    ui.run_javascript("window.desk?.clearFailures()")
