"""Why a question counts as unanswered, from what the customer did next."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, get_args

from conversations.turn_view import ASKED_FOR, FOLLOWS_WITHIN, TurnView, find_following
from understanding.choice import read_choice
from understanding.normalise import normalise

Reason = Literal["none", "not_taken", "thumbs_down", "asked_again", "handed_over"]
REASONS: tuple[Reason, ...] = get_args(Reason)

LENGTH_LEAST = 2  # characters of a question

_NO_ANSWER = ("not_understood", "not_understood_again", "not_looked_up")
# What was asked was answered: in words, or by a button.
_ANSWERED = ("answer", "ask_question")
# Acts about a question.
TRIED = (*_ANSWERED, "suggest", *_NO_ANSWER)
_COMPLAINS = ("rephrase", "misunderstood", "apologise", "repeat_answer")


def find_unanswered(turns: Sequence[TurnView], now: datetime) -> dict[int, tuple[Reason, ...]]:
    """The ids of the turns in which a question was asked in vain, with all reasons.

    `turns` are one conversation's, oldest first. What was offered counts as not taken only when the customer has had
    the time to take it.
    """
    found: dict[int, tuple[Reason, ...]] = {}
    for place, turn in enumerate(turns):
        following = find_following(turns, place)
        is_settled = following is not None or now - turn.at > FOLLOWS_WITHIN
        if following and not following.is_answered:  # what it does is not known yet
            following, is_settled = None, False
        reasons = set(_judge(turn, following, is_settled=is_settled))
        if reasons and len(normalise(turn.text)) >= LENGTH_LEAST:
            found[turn.id] = tuple(reason for reason in REASONS if reason in reasons)
    return found


def is_taken(following: TurnView | None) -> bool:
    """Whether what was offered was taken, by the turn after it."""
    return following is not None and read_choice(following).act in _ANSWERED


def _judge(turn: TurnView, following: TurnView | None, *, is_settled: bool) -> Iterator[Reason]:
    choice = read_choice(turn)
    if turn.thumb == "down":
        yield "thumbs_down"
    if choice.act not in TRIED:
        return
    if choice.act in _NO_ANSWER:
        yield "none"
    if choice.act == "suggest" and is_settled and not is_taken(following):
        yield "not_taken"
    if following and choice.act in _ANSWERED and _is_asked_again(turn, following):
        yield "asked_again"
    if turn.handoff == "not_understood" or (following and following.handoff in ASKED_FOR):
        yield "handed_over"


def _is_asked_again(turn: TurnView, following: TurnView) -> bool:
    """The customer says that it was not answered, or asks the same in other words."""
    choice, then = read_choice(turn), read_choice(following)
    if then.act in _COMPLAINS:
        return True
    is_same = bool(choice.entry_id) and then.entry_id == choice.entry_id
    return is_same and then.act in TRIED and not following.is_pressed
