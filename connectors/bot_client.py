"""Speaks to the bot: one customer message in, all that it led to out."""

from typing import Any, Protocol

from conversations.schemas import ConsentGiven, HandoffRequest, Reply, ReplyButton, TurnOutcome
from kit.errors import ServiceUnavailable
from kit.http import ServiceClient


class Bot(Protocol):
    """Something that answers customers."""

    async def answer(self, conversation_id: str, message_id: str, text: str, payload: str | None = None) -> TurnOutcome:
        """What a message led to. Raises ServiceUnavailable when the bot cannot answer, or has nothing to say."""
        ...


class RasaBot:
    """The Rasa server, through our channel in bot/server/channel.py."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def answer(self, conversation_id: str, message_id: str, text: str, payload: str | None = None) -> TurnOutcome:
        """See Bot.answer."""
        body = {"conversation_id": conversation_id, "message_id": message_id, "text": text, "payload": payload}
        outcome = read_outcome(await self._client.post("/turns", body, dict[str, Any]))
        if not outcome.replies:
            # Rasa swallows a failing action: the customer would hear nothing.
            raise ServiceUnavailable("rasa had nothing to say")
        return outcome


def read_outcome(turn: dict[str, Any]) -> TurnOutcome:
    """The outcome in a turn of our Rasa channel; raises ServiceUnavailable on another shape."""
    try:
        replies = [
            Reply(
                text=message["text"],
                buttons=[ReplyButton(title=b["title"], payload=b["payload"]) for b in message.get("buttons") or []],
            )
            for message in turn["messages"]
            if message.get("text")
        ]
        handoff = turn.get("handoff")
        return TurnOutcome(
            replies=replies,
            handoff=HandoffRequest(**handoff) if handoff else None,
            consents=[ConsentGiven(**c) for c in turn.get("consents") or []],
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ServiceUnavailable(f"rasa answered in an unknown shape: {error}") from error
