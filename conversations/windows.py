"""The window in which a platform lets us write first: what opens it, and whether it is open."""

from datetime import datetime, timedelta
from typing import Any

from conversations.schemas import PushGrant, Window


def view_window(conversation: Any) -> Window | None:
    """The current window of a conversation or a row of its table; None where the platform sets no limit."""
    if conversation.window_until is None:
        return None
    return Window(until=conversation.window_until, left=conversation.window_left or 0)


def renew_window(window: Window | None, grant: PushGrant, now: datetime) -> Window:
    """The window after a customer's act.

    Platforms do not say how grants add up: of the open window and the new grant, the longer time and the larger
    number count; if that is too much, the platform refuses. An empty grant (the customer left) closes the window.
    """
    new = Window(until=now + timedelta(seconds=grant.seconds), left=grant.messages)
    if window is None or grant.messages == 0 or not is_open(window, now):
        return new
    return Window(until=max(window.until, new.until), left=max(window.left, new.left))


def is_open(window: Window | None, now: datetime) -> bool:
    """Whether we may write now."""
    return window is None or (window.left > 0 and now < window.until)
