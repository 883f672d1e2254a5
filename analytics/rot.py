"""Which entries get worse, old or are used no more: pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal, get_args

from analytics.schemas import EntryMetrics
from knowledge.schemas import EntryText

RotReason = Literal["expires", "right_falls", "down_rises", "old"]
ROT_REASONS: tuple[RotReason, ...] = get_args(RotReason)

# Of fewer answers a share says nothing.
ANSWERS_LEAST = 10
RIGHT_FALLS_BY = 0.1
DOWN_LEAST = 3
DOWN_RISES_BY = 0.03
ROUNDING = 1e-9
APPROVED_WITHIN = timedelta(days=365)
EXPIRES_WITHIN = timedelta(days=30)
DEAD_AFTER = timedelta(days=90)  # without an answer


def find_rot(
    entry: EntryText, approved_at: datetime | None, metrics: EntryMetrics, before: EntryMetrics, now: datetime
) -> tuple[RotReason, ...]:
    """Why an entry in force has to be looked at again.

    It expires soon; fewer of its answers are right than in the period before; more get a thumb down; or it was last
    approved over a year ago.
    """
    return tuple(_list_reasons(entry, approved_at, metrics, before, now))


def _list_reasons(
    entry: EntryText, approved_at: datetime | None, metrics: EntryMetrics, before: EntryMetrics, now: datetime
) -> Iterator[RotReason]:
    if entry.expires_at and entry.expires_at <= now + EXPIRES_WITHIN:
        yield "expires"
    if min(metrics.answers, before.answers) >= ANSWERS_LEAST:
        fall = (before.right_rate or 0) - (metrics.right_rate or 0)
        rise = (metrics.down_rate or 0) - (before.down_rate or 0)
        if fall >= RIGHT_FALLS_BY - ROUNDING:
            yield "right_falls"
        if metrics.down >= DOWN_LEAST and rise >= DOWN_RISES_BY - ROUNDING:
            yield "down_rises"
    if approved_at and now - approved_at > APPROVED_WITHIN:
        yield "old"
