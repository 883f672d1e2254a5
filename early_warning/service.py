"""What staff decide about a warning."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from early_warning import repository
from early_warning.schemas import OUTCOME_NAMES, Outcome
from early_warning.tables import EarlyWarning
from kit.errors import RequestError

NOTE_MAX = 200


async def decide(
    session: AsyncSession,
    warning_id: str,
    outcome: Outcome,
    note: str,
    *,
    seen: Outcome | None,
    by: str,
    only_of: str | None,
    now: datetime,
) -> EarlyWarning:
    """Keeps what came of a warning, with a note; a watched one can be decided again.

    `seen` is its outcome as the decider saw it, `only_of` the account manager whose it must be. RequestError 403, 404,
    409 if a colleague decided first, 422 without a note.
    """
    said = note.strip()
    if outcome not in OUTCOME_NAMES:
        raise RequestError(422, "no_outcome", "请选择属实、误报或继续观察")
    if not said:
        raise RequestError(422, "no_note", "请写一句您核对到了什么")
    if len(said) > NOTE_MAX:
        raise RequestError(422, "too_long", f"说明最多{NOTE_MAX}个字")
    row, owner = await repository.take_warning(session, warning_id)
    if only_of is not None and owner != only_of:
        raise RequestError(403, "not_yours", "这条预警不归您处理")
    if row.outcome != seen or row.outcome in ("confirmed", "false_alarm"):
        raise RequestError(409, "decided", "同事刚处理过这条预警，请看看最新的")
    row.outcome, row.note, row.decided_by, row.decided_at = outcome, said, by, now
    await session.flush()
    return row
