"""Stages of a pre-application: names for staff, and what may follow what."""

from applications.schemas import Stage
from kit.errors import RequestError

STAGE_NAMES: dict[Stage, str] = {
    "submitted": "待联系",
    "contacted": "已联系",
    "collecting": "收资料",
    "forwarded": "已进件",
    "closed": "已办结",
}
# Any number forward, or one back to correct a slip. A closed application may have been closed from
# any stage, so any stage is one back.
TRANSITIONS: dict[Stage, tuple[Stage, ...]] = {
    "submitted": ("contacted", "collecting", "forwarded", "closed"),
    "contacted": ("submitted", "collecting", "forwarded", "closed"),
    "collecting": ("contacted", "forwarded", "closed"),
    "forwarded": ("collecting", "closed"),
    "closed": ("submitted", "contacted", "collecting", "forwarded"),
}
OPEN_STAGES: tuple[Stage, ...] = ("submitted", "contacted", "collecting", "forwarded")


def require_transition(before: Stage, after: Stage) -> None:
    """Raises RequestError 422 unless the transition is allowed."""
    if after not in TRANSITIONS[before]:
        raise RequestError(422, "no_such_transition", f"“{STAGE_NAMES[before]}”不能直接改成“{STAGE_NAMES[after]}”")
