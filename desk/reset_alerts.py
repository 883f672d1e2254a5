"""Tells of a password or second factor that somebody reset: one person alone can do that, so others must see it."""

import uuid
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.notifications import notifier
from desk.tables import Staff

OWNER_PATH, ADMIN_PATH = "/sessions", "/staff"


async def announce_reset(session: AsyncSession, now: datetime, owner: Staff, what: str, *, by: str | None) -> None:
    """Notifies the owner and all active admins but `by`, in the transaction of the act. `what`: 密码, 二次验证."""
    actor = await session.get(Staff, by) if by else None
    who = actor.name if actor else "运维命令"
    key = f"reset:{uuid.uuid4()}"
    is_told = or_(Staff.role == "admin", Staff.id == owner.id), Staff.is_active, Staff.id != by
    for member in (await session.scalars(select(Staff).where(*is_told).order_by(Staff.id))).all():
        if member.id == owner.id:
            text, path = f"您的{what}被重设了\n{who}操作。不是您请求的，请马上联系本行管理员", OWNER_PATH
        else:
            text, path = f"有账号的{what}被重设\n{who}操作，账号{owner.login}", ADMIN_PATH
        await notifier.add(session, member.id, f"{key}:{member.id}", text, path, now=now)
