"""Which turns of a conversation are worth a look, and why."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal, get_args

from conversations.turn_view import ASKED_FOR, TurnView, find_following
from understanding.choice import Choice, read_choice
from understanding.edits import CORRECTS
from understanding.normalise import normalise

Kind = Literal["low_confidence", "not_understood", "repair", "handoff", "danger", "dropped_form"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# Probabilities below which an answer at once, and an act on a guess, are looked at.
LOW_SCORE = 0.85
LOW_PROBABILITY = 0.7
ALIKE = 0.5  # share of characters in the same order: the same said in other words
BEFORE_HANDOFF = 3  # turns

_NOT_UNDERSTOOD = ("not_understood", "not_understood_again", "unclear")
_REPAIRS = ("rephrase", "misunderstood", "repeat", "repeat_answer", "go_back", "apologise")
_REFUSALS = ("none_of_these", "deny", "keep")


def select_turns(turns: Sequence[TurnView]) -> dict[int, tuple[Kind, ...]]:
    """The ids of the turns worth a look, with all reasons; `turns` are one conversation's, oldest first.

    Of a repair it is the turn that needed one: the repair itself follows it.
    """
    found: dict[int, set[Kind]] = {}
    for place, turn in enumerate(turns):
        for kind in _judge(turns, place):
            found.setdefault(turn.id, set()).add(kind)
    return {turn_id: tuple(kind for kind in KINDS if kind in kinds) for turn_id, kinds in found.items()}


def _judge(turns: Sequence[TurnView], place: int) -> Iterator[Kind]:
    turn, choice = turns[place], read_choice(turns[place])
    following = find_following(turns, place)
    if _is_not_understood(turn):
        yield "not_understood"
    if _is_unsure(choice) or (following and _is_wrong_offer(turn, following)):
        yield "low_confidence"
    if following and _is_repair(turn, following):
        yield "repair"
    if _is_failed_over(turns, place):
        yield "handoff"
    if choice.act in ("danger", "danger_possible"):
        yield "danger"
    if choice.act == "cancel" and not (following and read_choice(following).act in ("cancel", "keep")):
        yield "dropped_form"


def _is_not_understood(turn: TurnView) -> bool:
    choice = read_choice(turn)
    return choice.act in _NOT_UNDERSTOOD or (bool(choice.act) and not turn.is_understood)


def _is_unsure(choice: Choice) -> bool:
    """An answer at once, or an act on a guess, with little evidence; facts are read without it."""
    if choice.act == "answer":
        return 0 < choice.score < LOW_SCORE
    is_guess = choice.act == choice.intent and choice.act not in ("", "inform")
    return is_guess and choice.probability < LOW_PROBABILITY


def _is_wrong_offer(turn: TurnView, following: TurnView) -> bool:
    """Entries, or an act, were offered; they were refused, or the same was asked once more in other words."""
    choice, then = read_choice(turn), read_choice(following)
    if choice.act not in ("suggest", "ask_back"):
        return False
    is_same = (bool(then.entry_id) and then.entry_id == choice.entry_id) or SequenceMatcher(
        None, normalise(turn.text), normalise(following.text)
    ).ratio() >= ALIKE
    return then.act in _REFUSALS or (is_same and not following.is_pressed)


def _is_repair(turn: TurnView, following: TurnView) -> bool:
    """The customer asks for it again or in other words, goes back, or corrects the answer just given."""
    choice, then = read_choice(turn), read_choice(following)
    is_correction = (
        choice.act == then.act == "inform"
        and choice.asked != then.asked  # else the answer was asked back
        and not following.is_pressed
        and bool(CORRECTS.search(normalise(following.text)))
    )
    return then.act in _REPAIRS or is_correction


def _is_failed_over(turns: Sequence[TurnView], place: int) -> bool:
    """A human was asked for after the bot had failed."""
    handoff = turns[place].handoff
    before = turns[max(place - BEFORE_HANDOFF, 0) : place]
    has_failed = any(_is_not_understood(turn) or read_choice(turn).act in _REPAIRS for turn in before)
    return handoff == "not_understood" or (handoff in ASKED_FOR and has_failed)
