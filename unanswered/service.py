"""What is decided about a cluster of unanswered questions."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import RequestError
from unanswered.schemas import ClusterView, State
from unanswered.tables import QuestionCluster


async def decide(
    session: AsyncSession, seen: ClusterView, state: State, by: str, now: datetime, entry_id: str | None = None
) -> None:
    """Dismisses a cluster as it was seen, notes the entry that was drafted for it, or opens it again.

    RequestError 409 if it is gone, or a colleague decided first.
    """
    cluster = await session.scalar(select(QuestionCluster).where(QuestionCluster.id == seen.id).with_for_update())
    if cluster is None or (cluster.state, cluster.decided_at) != (seen.state, seen.decided_at):
        raise RequestError(409, "decided", "同事刚处理过这一组，请看看最新的")
    cluster.state, cluster.entry_id, cluster.decided_by = state, entry_id, by
    # What is opened again is looked at as a whole.
    cluster.decided_at = None if state == "open" else now
