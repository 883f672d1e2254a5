"""Reads what is known around an application, for its checks: other applications of the same person, the block list."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from applications.blocking import is_blocked
from applications.checks.check import Surroundings
from applications.schemas import ApplicationIn, ApplicationView
from applications.stages import OPEN_STAGES
from applications.tables import Application
from documents import repository as documents
from documents.schemas import ReadPaper
from kit.clock import CHINA

RECENT = timedelta(days=30)


async def read_surroundings(
    session: AsyncSession,
    application: ApplicationIn | ApplicationView,
    conversation_ids: Collection[str],
    now: datetime,
    *,
    places: tuple[str, ...] = (),
    county_code: str = "",
) -> Surroundings:
    """`conversation_ids` are the same customer's.

    An application that is not stored yet counts itself among the recent ones.
    """
    own_id = application.id if isinstance(application, ApplicationView) else ""
    identity = str(application.details.get("id_number") or "").strip().upper()
    theirs = Application.conversation_id.in_([*conversation_ids]), Application.created_at > now - RECENT
    recent = await session.scalar(select(func.count()).where(*theirs)) or 0
    pictures = await documents.list_around(session, own_id or None, conversation_ids)
    same = await documents.find_applications_with(session, [each.id for each in pictures], conversation_ids)
    numbers = await session.scalars(select(Application.number).where(Application.id.in_(same)))

    async def count_open(key: str) -> int:
        is_other = Application.id != own_id, Application.stage.in_(OPEN_STAGES)
        return await session.scalar(select(func.count()).where(*is_other, Application.search_keys.contains(key))) or 0

    return Surroundings(
        today=now.astimezone(CHINA).date(),
        same_phone=await count_open(application.phone),
        same_identity=await count_open(identity) if identity else 0,
        recent=recent if own_id else recent + 1,
        is_phone_blocked=await is_blocked(session, "phone", application.phone, now),
        is_identity_blocked=bool(identity) and await is_blocked(session, "identity", identity, now),
        places=places,
        county_code=county_code,
        papers=tuple(ReadPaper(each.kind, each.fields) for each in pictures if each.kind),
        same_pictures=tuple(sorted(numbers)),
    )
