"""Cases as the rules see them, about 1 July 2026."""

from datetime import UTC, datetime, timedelta
from typing import Any

from early_warning.case import Case, Told

NOW = datetime(2026, 7, 1, 1, tzinfo=UTC)


def tell(source: str = "测额度", days: float = 0, *, is_open: bool = False, **facts: float) -> Told:
    """What somebody said so many days before or, negative, after they applied: that was ten days ago."""
    return Told(source, source, NOW - timedelta(days=10 + days), facts, is_open)


def make_case(*others: Told, facts: dict[str, float] | None = None, **changes: Any) -> Case:
    values: dict[str, Any] = {
        "kind": "application",
        "id": "a",
        "number": "QH1",
        "conversation_id": "web",
        "staff_id": "zhang",
        "told": tell("申请QH1", is_open=True, **(facts or {})),
        "keys": ("phone",),
        "changed_at": NOW - timedelta(days=3),
        "last_contact_at": NOW - timedelta(days=3),
        "stage": "checking",
        "others": others,
    }
    return Case(**{**values, **changes})
