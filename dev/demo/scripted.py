"""The bot and the classifiers of the demo's past: what the script has next, and otherwise what the act says."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from conversations.schemas import ClaimedMessage, TurnOutcome
from dev.demo.wording import answer, find_entry, list_spoken, say, suggest
from kit.errors import ServiceUnavailable
from pictures.schemas import MediaType, PictureReading
from understanding.schemas import Act, Evidence

# What an act leads to, or what finds that out by doing it.
Outcome = TurnOutcome | Callable[[], Awaitable[TurnOutcome]]


class ScriptedBot:
    """Does one act at a time; `slots` is what each customer has filled in, by conversation."""

    def __init__(self) -> None:
        self.next: Outcome | None = None
        self.slots: dict[str, dict[str, Any]] = {}

    async def do(self, act: Act, message: ClaimedMessage) -> TurnOutcome:
        """The scripted outcome; without one the act's own response, or the answers that were found."""
        if self.next:
            return self.next if isinstance(self.next, TurnOutcome) else await self.next()
        slots = self.slots.get(message.conversation_id)
        match act.name:
            case "answer":
                found = act.matches or [find_entry(act.values["entry"])]
                return answer(found[-1], message.channel)
            case "ask_question":
                return answer(find_entry(act.values["entry"]), message.channel)
            case "suggest":
                return suggest([*act.matches])
        if act.name not in list_spoken():
            raise LookupError(f"the script says nothing for {act.name} ({act.row}): {message.message.text}")
        return say(list_spoken()[act.name], slots)

    async def read_slots(self, conversation_id: str) -> dict[str, Any]:
        """See Bot.read_slots."""
        return self.slots.get(conversation_id, {})

    async def forget(self, conversation_id: str) -> None:
        """Nothing is kept."""

    async def forget_before(self, moment: datetime) -> None:
        """Nothing is kept."""


class ScriptedEvidence:
    """What the classifiers make of the next message: nothing unless the script says so."""

    def __init__(self) -> None:
        self.next = Evidence()

    async def find(self, text: str, parts: Sequence[str] = ()) -> Evidence:
        """See EvidenceSource.find."""
        return self.next


class NoPictureReader:
    """Reads no picture: nobody sends one in the demo."""

    async def read(self, content: bytes, media_type: MediaType) -> PictureReading:
        """See PictureReader.read."""
        raise ServiceUnavailable("the demo reads no pictures")
