"""A turn worth a look as text and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

from bot.review.review_turn import ReviewTurn
from conversations.schemas import MessageView
from conversations.turn_view import TurnView
from kit.clock import CHINA
from understanding.choice import read_choice

BEFORE_SHOWN = 3
REPLY_SHOWN = 80  # characters


def describe(found: ReviewTurn) -> str:
    """Some lines: when and why, the turns before, the turn with what was chosen, the turns after."""
    return "\n".join([f"{format_time(found.turn)}  {', '.join(found.kinds)}  {found.key}", *_list_lines(found)])


def to_json(found: ReviewTurn) -> dict[str, Any]:
    """The same as a JSON object."""
    turns = [
        {"text": turn.text, "is_pressed": turn.is_pressed, "choice": turn.choice, "replies": [r.text for r in replies]}
        for turn, replies in zip(found.visit, found.replies, strict=True)
    ]
    return {
        "turn": found.key,
        "at": found.turn.at.isoformat(),
        "kinds": list(found.kinds),
        "handoff": found.turn.handoff,
        **turns[found.place],
        "before": turns[max(found.place - BEFORE_SHOWN, 0) : found.place],
        "after": turns[found.place + 1 :],
    }


def format_time(turn: TurnView) -> str:
    """When the customer wrote, in China's time."""
    return f"{turn.at.astimezone(CHINA):%Y-%m-%d %H:%M}"


def _list_lines(found: ReviewTurn) -> Iterator[str]:
    for place in range(max(found.place - BEFORE_SHOWN, 0), len(found.visit)):
        turn = found.visit[place]
        text = f"[{turn.text}]" if turn.is_pressed else turn.text
        yield f"{'>' if place == found.place else ' '} 客户  {text}"
        if place >= found.place and (chosen := _describe_choice(turn)):
            yield f"        {chosen}"
        yield from (f"  小禾  {reply}" for reply in _list_replies(found.replies[place]))


def _describe_choice(turn: TurnView) -> str:
    choice = read_choice(turn)
    parts = [
        f"{choice.act} ({choice.row})" if choice.row else choice.act,
        f"asked: {choice.asked}" if choice.asked else "",
        f"entry: {choice.entry_id} {choice.score:.2f}" if choice.entry_id else "",
        f"intent: {choice.intent} {choice.probability:.2f}" if choice.intent else "",
        f"handoff: {turn.handoff}" if turn.handoff else "",
    ]
    return "; ".join(part for part in parts if part)


def _list_replies(replies: Sequence[MessageView]) -> Iterator[str]:
    for reply in replies:
        text = " ".join(reply.text.split())
        shown = text if len(text) <= REPLY_SHOWN else f"{text[:REPLY_SHOWN]}…"
        yield " ".join([shown, *(f"[{button.title}]" for button in reply.buttons)])
