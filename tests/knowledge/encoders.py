"""How another encoder comes into force, as one colleague drafts it and another approves it."""

from datetime import datetime
from typing import Any

from kit.clock import CHINA
from kit.database import Database
from knowledge.record import ENCODER_KEY, encoder_revisions
from tests.knowledge.entries import NOW


async def put_in_force(database: Database, fingerprint: str | None, at: datetime = NOW) -> None:
    """From the day of that moment on; None: the encoder of the settings."""
    when: dict[str, Any] = {"now": at, "today": at.astimezone(CHINA).date()}
    content = {"fingerprint": fingerprint}
    async with database.transaction() as session:
        draft = await encoder_revisions.draft(session, ENCODER_KEY, content, when["today"], by="sunmei", **when)
        await encoder_revisions.approve(session, ENCODER_KEY, draft.number, draft.version, by="zhoujie", **when)
