"""Which entry customers meant, by the offers they took: what was asked, and the entry that was chosen."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from conversations.turn_view import GivenAnswer, TurnView, find_following
from conversations.turns import Turns
from understanding.choice import read_choice
from understanding.turn_masking import find_private, mask_turn

AT_ONCE = 500  # conversations: a query takes only so many ids
LENGTH_LEAST = 4  # characters: 还款 says too little to learn from


async def list_accepted(turns: Turns, since: datetime) -> list[tuple[str, str]]:
    """Question and entry of each offer that was taken since a moment, without questions that hold personal data."""
    conversations = await turns.list_since(since)
    accepted = []
    for start in range(0, len(conversations), AT_ONCE):
        some = conversations[start : start + AT_ONCE]
        answers = await turns.list_answers([own[0].conversation_id for own in some], since)
        accepted += [pair for own in some for pair in find_accepted(own, answers)]
    return accepted


def find_accepted(turns: Sequence[TurnView], answers: Mapping[int, Sequence[GivenAnswer]]) -> list[tuple[str, str]]:
    """Those of one conversation, whose turns these are, oldest first; `answers` are what was answered, by turn."""
    private = find_private(turns)
    accepted = []
    for place, turn in enumerate(turns):
        following = find_following(turns, place)
        if read_choice(turn).act != "suggest" or following is None or not following.is_pressed:
            continue
        given, text = answers.get(following.id, ()), " ".join(turn.text.split())
        if len(given) == 1 and len(text) >= LENGTH_LEAST and mask_turn(turn, private).text == text:
            accepted.append((text, given[0].entry_id))
    return accepted
