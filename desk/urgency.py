"""Whose handoff comes first in the lists of staff."""

from datetime import datetime

from conversations.handoff.schemas import HandoffView

URGENT_REASONS = ("sensitive", "complaint")  # the most urgent first


def rank_handoff(handoff: HandoffView) -> tuple[int, datetime]:
    """Danger first, then complaints, then who is due first."""
    reason = handoff.reason
    urgency = URGENT_REASONS.index(reason) if reason in URGENT_REASONS else len(URGENT_REASONS)
    return urgency, handoff.due_at or handoff.requested_at
