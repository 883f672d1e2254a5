"""Stand-ins, named for what they do."""

from datetime import UTC, datetime, timedelta

from conversations.schemas import Reply, TurnOutcome
from kit.errors import ServiceUnavailable


class FixedClock:
    """Stands still until moved."""

    def __init__(self, now: datetime = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class ScriptedBot:
    """Answers with what it was given, in order; None stands for a bot that is away. Remembers what it was asked."""

    def __init__(self, *script: TurnOutcome | None) -> None:
        self.script = list(script)
        self.asked: list[tuple[str, str | None]] = []

    async def answer(self, conversation_id: str, message_id: str, text: str, payload: str | None = None) -> TurnOutcome:
        self.asked.append((text, payload))
        outcome = self.script.pop(0) if self.script else TurnOutcome(replies=[Reply(text=f"听到：{text}")])
        if outcome is None:
            raise ServiceUnavailable("scripted")
        return outcome
