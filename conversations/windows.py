"""How long and how often a platform lets us write first after a customer did something."""

from datetime import datetime, timedelta
from typing import Any

from conversations.schemas import PushGrant, Window


def view_window(conversation: Any) -> Window | None:
    """The platform's window as it was left, from a conversation or a row of its table; None where nobody counts."""
    if conversation.window_until is None:
        return None
    return Window(until=conversation.window_until, left=conversation.window_left or 0)


def renew_window(window: Window | None, grant: PushGrant | None, now: datetime) -> Window | None:
    """The window after a customer did something.

    The platforms do not say how grants add up: of the one still open and the new one, the longer time and the larger
    number count, and the platform's own refusal if that was too much. A grant of nothing (the customer left) closes it.
    """
    if grant is None:
        return window
    new = Window(until=now + timedelta(seconds=grant.seconds), left=grant.messages)
    if window is None or grant.messages == 0 or not is_open(window, now):
        return new
    return Window(until=max(window.until, new.until), left=max(window.left, new.left))


def is_open(window: Window | None, now: datetime) -> bool:
    """Whether we may write now."""
    return window is None or (window.left > 0 and now < window.until)
