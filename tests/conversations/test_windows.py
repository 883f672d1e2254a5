"""How long and how often a platform lets us write, as grants come and time goes."""

from datetime import timedelta

import pytest

from conversations.schemas import PushGrant, Window
from conversations.windows import is_open, renew_window
from tests.fakes import FixedClock

NOW = FixedClock().now
MESSAGE = PushGrant(seconds=48 * 3600, messages=5)
CLICK = PushGrant(seconds=60, messages=3)
LEFT = PushGrant(seconds=0, messages=0)


def make_window(left: int, seconds: float) -> Window:
    """A window with so many messages and so many seconds to go."""
    return Window(until=NOW + timedelta(seconds=seconds), left=left)


@pytest.mark.parametrize(
    ("window", "grant", "renewed"),
    [
        pytest.param(None, MESSAGE, make_window(5, 48 * 3600), id="the first message"),
        pytest.param(make_window(0, 3600), MESSAGE, make_window(5, 48 * 3600), id="used up"),
        pytest.param(make_window(4, -1), CLICK, make_window(3, 60), id="run out"),
        pytest.param(make_window(4, 0), CLICK, make_window(3, 60), id="running out now"),
        pytest.param(make_window(5, 3600), MESSAGE, make_window(5, 48 * 3600), id="more time"),
        pytest.param(make_window(5, 3600), CLICK, make_window(5, 3600), id="a click in a better window"),
        pytest.param(make_window(5, 3600), LEFT, make_window(0, 0), id="the customer left"),
        pytest.param(None, LEFT, make_window(0, 0), id="a stranger left"),
    ],
)
def test_a_window_is_renewed(window: Window | None, grant: PushGrant, renewed: Window) -> None:
    assert renew_window(window, grant, NOW) == renewed


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (None, True),
        (make_window(1, 1), True),
        (make_window(0, 1), False),
        (make_window(1, 0), False),
        (make_window(1, -1), False),
    ],
)
def test_a_window_is_open_while_time_and_messages_are_left(window: Window | None, expected: bool) -> None:
    assert is_open(window, NOW) is expected
