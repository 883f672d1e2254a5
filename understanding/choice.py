"""What was chosen to be done about a message, and how sure that was; kept for `python -m bot review`."""

from typing import Any

from pydantic import ConfigDict

from conversations.turn_view import TurnView
from understanding.schemas import Act, Evidence, State, Value


class Choice(Value):
    """An act and the row of the table that chose it; nothing of what the customer said.

    `asked` is the slot whose question was open. Where the classifiers were asked: `entry_id` is the likeliest entry
    in its `revision` and `score` the probability that it answers the message, `intent` the likeliest intent and
    `probability` its own.
    """

    model_config = ConfigDict(extra="ignore")  # kept by another version

    act: str
    row: str = ""
    asked: str = ""
    entry_id: str = ""
    revision: int = 0
    score: float = 0.0
    intent: str = ""
    probability: float = 0.0


def describe_choice(act: Act, state: State, evidence: Evidence | None = None) -> dict[str, Any]:
    """The choice as it is kept: a JSON object without what is empty; scores to three places."""
    match = evidence.matches[0] if evidence and evidence.matches else None
    intents = evidence.intents if evidence else {}
    intent = max(intents, key=lambda name: intents[name], default="")
    choice = Choice(
        act=act.name,
        row=act.row,
        asked=state.asked or "",
        entry_id=match.entry_id if match else "",
        revision=match.revision if match else 0,
        score=round(match.score, 3) if match else 0.0,
        intent=intent,
        probability=round(intents.get(intent, 0.0), 3),
    )
    return choice.model_dump(exclude_defaults=True)


def read_choice(turn: TurnView) -> Choice:
    """What was chosen; an empty act where nothing had to be."""
    return Choice.model_validate(turn.choice) if turn.choice else Choice(act="")
