"""What metrics need of one handoff."""

from typing import NamedTuple

VILLAGE = "village:"


class HandoffFacts(NamedTuple):
    """Moments are seconds since 1970, which many rows give the quickest.

    `is_callback`: a call was booked, so that its end is not the end of a talk.
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
        """Whether a human cared for it; callbacks are closed without having been accepted."""
        return self.accepted is not None or self.state == "closed"

    @property
    def place(self) -> str:
        """Where the customer lives, or else where they scanned the code; empty where neither is known."""
        if self.region:
            return self.region
        return self.source.removeprefix(VILLAGE) if self.source and self.source.startswith(VILLAGE) else ""
