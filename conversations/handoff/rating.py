"""What the buttons carry with which a customer rates a talk: the desk shows them, the gateway reads them."""

from conversations.schemas import ReplyButton

# In order, so that the number that presses a button is the rating.
TITLES = {1: "很不满意", 2: "不满意", 3: "一般", 4: "满意", 5: "非常满意"}
_PREFIX = "/rate_talk"


def make_rating_buttons(handoff_id: str) -> list[ReplyButton]:
    """Five buttons, the worst first."""
    return [ReplyButton(title=title, payload=f"{_PREFIX} {handoff_id} {n}") for n, title in TITLES.items()]


def read_rating(payload: str) -> tuple[str, int] | None:
    """The handoff and its rating from 1 to 5; None for another payload."""
    prefix, _, rest = payload.partition(" ")
    handoff_id, _, rating = rest.partition(" ")
    return (handoff_id, int(rating)) if prefix == _PREFIX else None
