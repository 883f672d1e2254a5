"""Stand-ins, named for what they do."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from conversations.schemas import ClaimedMessage, Reply, TurnOutcome
from kit.errors import ServiceUnavailable
from pictures.schemas import MediaType, PictureReading
from privacy.purposes import load_purposes
from tests.waiting import WAIT_SECONDS
from understanding.schemas import Act, Evidence


class FixedClock:
    """Stands still until moved."""

    def __init__(self, now: datetime = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class ScriptedBot:
    """Answers with what it was given, in order; None stands for a bot that is away, an error for a fault of ours.

    Remembers what it was asked, with the acts, and which of it may have been asked before. `slots` is what customers
    have filled in.
    """

    def __init__(self, *script: TurnOutcome | Exception | None) -> None:
        self.script = list(script)
        self.asked: list[tuple[str, str | None]] = []
        self.acts: list[Act] = []
        self.repeated: list[str] = []
        self.slots: dict[str, Any] = {}
        self.forgotten: list[str | datetime] = []
        self.is_away = False  # when it is to forget, or to tell slots

    async def do(self, act: Act, message: ClaimedMessage) -> TurnOutcome:
        text = message.message.text
        self.asked.append((text, message.payload))
        self.acts.append(act)
        if message.attempt > 1:
            self.repeated.append(text)
        outcome = self.script.pop(0) if self.script else TurnOutcome(replies=[Reply(text=f"听到：{text}")])
        if isinstance(outcome, Exception):
            raise outcome
        if outcome is None:
            raise ServiceUnavailable("scripted")
        return outcome

    async def read_slots(self, conversation_id: str) -> dict[str, Any]:
        if self.is_away:
            raise ServiceUnavailable("scripted")
        return self.slots

    async def forget(self, conversation_id: str) -> None:
        if self.is_away:
            raise ServiceUnavailable("scripted")
        self.forgotten.append(conversation_id)
        self.slots = {}

    async def forget_before(self, moment: datetime) -> None:
        self.forgotten.append(moment)


class Memoryless:
    """A bot that has nothing to forget."""

    async def forget(self, conversation_id: str) -> None:
        pass

    async def forget_before(self, moment: datetime) -> None:
        pass


class SlowBot(Memoryless):
    """Answers when its gate is opened; remembers what it was asked, and who was answered at the same time."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.asked: list[str] = []
        self.at_once_max = 0
        self.overlaps: set[frozenset[str]] = set()
        self._begun: asyncio.Queue[str] = asyncio.Queue()
        self._busy_with: list[str] = []

    async def do(self, act: Act, message: ClaimedMessage) -> TurnOutcome:
        conversation_id, text = message.conversation_id, message.message.text
        is_doubled = conversation_id in self._busy_with
        self.asked.append(text)
        self._begun.put_nowait(text)
        self._busy_with.append(conversation_id)
        self.at_once_max = max(self.at_once_max, len(self._busy_with))
        if len(self._busy_with) > 1:
            self.overlaps.add(frozenset(self._busy_with))
        await self.gate.wait()
        await asyncio.sleep(0.005)
        self._busy_with.remove(conversation_id)
        return TurnOutcome(replies=[Reply(text=f"{'同时' if is_doubled else '答'}{text}")])

    async def read_slots(self, conversation_id: str) -> dict[str, Any]:
        return {}

    async def wait_until_asked(self) -> str:
        """The next text it is asked; fails when nobody asks."""
        return await asyncio.wait_for(self._begun.get(), WAIT_SECONDS)


class ScriptedEvidence:
    """Knows of each text what it was told; nothing of any other, as if the services were away."""

    def __init__(self, known: dict[str, Evidence] | None = None) -> None:
        self.known = known or {}
        self.asked: list[str] = []

    async def find(self, text: str, parts: Sequence[str] = ()) -> Evidence:
        self.asked.append(text)
        return self.known.get(text, Evidence())


async def agree_to_all(conversation_id: str) -> list[str]:
    """Every customer agreed to everything."""
    return [*load_purposes()]


class ScriptedPictureReader:
    """Reads every picture alike: as it was told, or not at all (None)."""

    def __init__(self, reading: PictureReading | None = None) -> None:
        self.reading = reading
        self.read_sizes: list[int] = []

    async def read(self, content: bytes, media_type: MediaType) -> PictureReading:
        self.read_sizes.append(len(content))
        if self.reading is None:
            raise ServiceUnavailable("scripted")
        return self.reading
