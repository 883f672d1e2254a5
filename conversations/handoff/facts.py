"""What the metrics need to know about one handoff."""

from typing import NamedTuple

VILLAGE = "village:"


class HandoffFacts(NamedTuple):
    """One handoff's times and results; times are seconds since 1970, the fastest form for many rows.

    `is_callback`: a call was booked, so its end is not the end of a talk.
    """

    conversation_id: str
    requested: float
    accepted: float | None
    answered: float | None
    ended: float | None
    is_callback: bool
    is_out_of_hours: bool
    state: str
    reason: str
    channel: str
    region: str | None
    source: str | None
    agent_id: str | None
    disposition: str | None
    rating: int | None

    @property
    def is_handled(self) -> bool:
        """Whether a human served it; callbacks are closed without having been accepted."""
        return self.accepted is not None or self.state == "closed"

    @property
    def place(self) -> str:
        """Where the customer lives, or else the code's village; empty if neither is known."""
        if self.region:
            return self.region
        return self.source.removeprefix(VILLAGE) if self.source and self.source.startswith(VILLAGE) else ""
