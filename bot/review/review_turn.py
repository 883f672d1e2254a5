"""A turn worth a look, with what was said around it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from bot.review.selection import Kind, select_turns
from conversations.schemas import MessageView
from conversations.turn_view import TurnView

VISIT_PAUSE = timedelta(minutes=30)  # after a longer one a customer begins anew
BEFORE_MAX, AFTER_MAX = 20, 2


class ReviewTurn(NamedTuple):
    """The turns of one visit up to a turn worth a look, the `place` of this one among them, and what follows it.

    `replies` are those to each of `visit`.
    """

    kinds: tuple[Kind, ...]
    place: int
    visit: tuple[TurnView, ...]
    replies: tuple[tuple[MessageView, ...], ...] = ()

    @property
    def turn(self) -> TurnView:
        """The turn worth a look."""
        return self.visit[self.place]

    @property
    def key(self) -> str:
        """What logs call the turn: <conversation>/<message>."""
        return f"{self.turn.conversation_id}/{self.turn.id}"


def find_review_turns(conversations: Sequence[Sequence[TurnView]]) -> list[ReviewTurn]:
    """The turns worth a look in conversations (oldest turn first), newest first, without replies."""
    found = []
    for turns in conversations:
        kinds = select_turns(turns)
        for place in (place for place, turn in enumerate(turns) if turn.id in kinds):
            first = _find_start(turns, place)
            visit = tuple(turns[first : _find_end(turns, place)])
            found.append(ReviewTurn(kinds[turns[place].id], place - first, visit))
    return sorted(found, key=lambda each: (each.turn.at, each.turn.id), reverse=True)


def _find_start(turns: Sequence[TurnView], place: int) -> int:
    first = place
    while first > max(place - BEFORE_MAX, 0) and turns[first].at - turns[first - 1].at <= VISIT_PAUSE:
        first -= 1
    return first


def _find_end(turns: Sequence[TurnView], place: int) -> int:
    end = place + 1
    while end < min(place + 1 + AFTER_MAX, len(turns)) and turns[end].at - turns[end - 1].at <= VISIT_PAUSE:
        end += 1
    return end
