"""What a tuning takes, and what comes of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from knowledge.adapter.texts import Groups
from knowledge.golden_questions import GoldenQuestion

Progress = Callable[[str, float], None]
"""Told of the stage, and the share of the whole that is done, 0 to 1."""

# Of some hundred alarms held out, and as many ordinary messages: a text or two.
ALARMS_TOLERANCE = 0.01


class EncoderMetrics(BaseModel):
    """Shares, 0 to 1: held-out questions whose entry is first or among the first three, golden questions that go right,
    and of messages that sound dangerous those that are taken so though they are not, or are not though they are.
    """

    hit_at_1: float
    hit_at_3: float
    golden: float
    false_alarms: float
    missed_alarms: float

    def is_better(self, before: "EncoderMetrics") -> bool:
        """Whether more is found at once, and nothing else goes wrong more often, beyond what a text or two make."""
        return (
            self.hit_at_1 > before.hit_at_1
            and self.golden >= before.golden
            and self.missed_alarms <= before.missed_alarms + ALARMS_TOLERANCE
            and self.false_alarms <= before.false_alarms + ALARMS_TOLERANCE
        )


@dataclass(frozen=True)
class Material:
    """What a bank's encoder is tuned with: texts by entry, of published questions and of customers who took an offer,
    and the golden questions. `in_force` is the tuned encoder that it has to be better than, by its fingerprint.
    """

    entries: Groups
    golden: Sequence[GoldenQuestion]
    in_force: str | None = None


@dataclass(frozen=True)
class TuningResult:
    """An encoder that was kept, by its fingerprint; the metrics of the one in force and its own."""

    fingerprint: str
    questions: int
    before: EncoderMetrics
    after: EncoderMetrics


class NotBetterError(Exception):
    """Tuning made nothing better, so that nothing is kept; `before` and `after` are the metrics."""

    def __init__(self, before: EncoderMetrics, after: EncoderMetrics) -> None:
        super().__init__("tuning made the encoder no better")
        self.before, self.after = before, after
