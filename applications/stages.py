"""Which stage of a pre-application may follow which, and what staff call them."""

from applications.schemas import Status
from kit.errors import RequestError

STAGE_NAMES: dict[Status, str] = {
    "submitted": "待联系",
    "contacted": "已联系",
    "collecting": "收资料",
    "forwarded": "已进件",
    "closed": "已办结",
}
# Forward, as far as one visit brings it; one step back to correct a slip. What is closed may have been closed from
# anywhere, so anywhere is one step back.
STEPS: dict[Status, tuple[Status, ...]] = {
    "submitted": ("contacted", "collecting", "forwarded", "closed"),
    "contacted": ("submitted", "collecting", "forwarded", "closed"),
    "collecting": ("contacted", "forwarded", "closed"),
    "forwarded": ("collecting", "closed"),
    "closed": ("submitted", "contacted", "collecting", "forwarded"),
}
OPEN_STAGES: tuple[Status, ...] = ("submitted", "contacted", "collecting", "forwarded")


def require_step(before: Status, after: Status) -> None:
    """RequestError 422 for a step that is not allowed."""
    if after not in STEPS[before]:
        raise RequestError(422, "no_such_step", f"“{STAGE_NAMES[before]}”不能直接改成“{STAGE_NAMES[after]}”")
