"""The client of the bot: one customer message in, its turn outcome out."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol

from conversations.schemas import ConsentGiven, HandoffRequest, Reply, ReplyButton, TurnOutcome
from forms.catalogue import load_catalogue
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.http import ServiceClient

LATE_SECONDS = 1.0  # a server that is down refuses at once
LATE_IN_A_ROW = 3
PAUSE_SECONDS = 3.0


class Bot(Protocol):
    """Something that answers customers."""

    async def answer(
        self, conversation_id: str, message_id: str, text: str, payload: str | None = None, *, is_repeated: bool = False
    ) -> TurnOutcome:
        """The outcome of a message. Raises ServiceUnavailable when the bot cannot answer, or has no reply.

        `is_repeated`: the bot may have seen the message before, and must not act on it twice.
        """
        ...

    async def read_slots(self, conversation_id: str) -> dict[str, Any]:
        """The slots filled so far; empty when the bot is unavailable."""
        ...


class RasaBot:
    """The Rasa server, through our channel in bot/server/channel.py.

    After several turns in a row without an answer in time it is not asked for a moment: customers who write then
    get an apology at once, instead of waiting behind one another.
    """

    def __init__(
        self,
        client: ServiceClient,
        *,
        slots_seconds: float = 0.5,  # the first reply to a sensitive topic must not wait for slots
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._slots_seconds = slots_seconds
        self._clock = clock
        self._late_in_a_row = 0
        self._paused_until = 0.0

    async def answer(
        self, conversation_id: str, message_id: str, text: str, payload: str | None = None, *, is_repeated: bool = False
    ) -> TurnOutcome:
        """See Bot.answer."""
        body = {
            "conversation_id": conversation_id,
            "message_id": message_id,
            "text": text,
            "payload": payload,
            "is_repeated": is_repeated,
        }
        outcome = read_outcome(await self._ask(body))
        if not outcome.replies:
            # Rasa swallows a failing action: the customer would get no reply.
            raise ServiceUnavailable("rasa had nothing to say")
        return outcome

    async def read_slots(self, conversation_id: str) -> dict[str, Any]:
        """See Bot.read_slots."""
        if self._clock() < self._paused_until:
            return {}
        try:
            async with asyncio.timeout(self._slots_seconds):
                return await self._client.get("/slots", dict[str, Any], {"conversation_id": conversation_id})
        except (ServiceUnavailable, ServiceRefused, TimeoutError):
            return {}

    async def _ask(self, body: dict[str, Any]) -> dict[str, Any]:
        started = self._clock()
        if started < self._paused_until:
            raise ServiceUnavailable("rasa was late several times in a row")
        try:
            turn = await self._client.post("/turns", body, dict[str, Any])
        except ServiceUnavailable:
            if self._clock() - started > LATE_SECONDS:
                self._late_in_a_row += 1
                if self._late_in_a_row >= LATE_IN_A_ROW:
                    self._paused_until = self._clock() + PAUSE_SECONDS
            raise
        self._late_in_a_row = 0
        return turn


def read_outcome(turn: dict[str, Any]) -> TurnOutcome:
    """Reads the outcome from the answer of our Rasa channel; raises ServiceUnavailable on another shape."""
    catalogue = load_catalogue()
    try:
        replies = [
            Reply(
                text=message["text"],
                buttons=[ReplyButton(title=b["title"], payload=b["payload"]) for b in message.get("buttons") or []],
                awaits_number=catalogue.awaits_number(message.get("asked_slot")),
            )
            for message in turn["messages"]
            if message.get("text")
        ]
        handoff = turn.get("handoff")
        return TurnOutcome(
            replies=replies,
            is_understood=turn.get("understood", True),
            handoff=HandoffRequest(**handoff) if handoff else None,
            consents=[ConsentGiven(**c) for c in turn.get("consents") or []],
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ServiceUnavailable(f"rasa answered in an unknown shape: {error}") from error
