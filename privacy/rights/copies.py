"""Copies of their data that customers fetch themselves: each once, in the conversation that asked for it, and soon."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import RequestError
from privacy.tables import DataCopy

COPY_TIME = timedelta(minutes=15)
EXPIRED = "这个下载已经用过或过期了，请再说一次“看我的信息”"


async def offer_copy(session: AsyncSession, conversation_id: str, now: datetime) -> None:
    """One copy may be fetched from now on."""
    await session.merge(DataCopy(conversation_id=conversation_id, expires_at=now + COPY_TIME))


async def use_copy(session: AsyncSession, conversation_id: str, now: datetime) -> None:
    """Uses the offer up; RequestError 410 when there is none, it was used or is too old."""
    used = delete(DataCopy).where(DataCopy.conversation_id == conversation_id).returning(DataCopy.expires_at)
    expires_at = await session.scalar(used)
    if expires_at is None or expires_at <= now:
        raise RequestError(410, "copy_expired", EXPIRED)
