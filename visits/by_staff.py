"""What staff and the clock do with visits, inside the caller's transaction; the customer is told in their channel."""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.channels import PUSHED
from conversations.outgoing import say
from conversations.schemas import Reply
from conversations.tables import Conversation
from conversations.windows import is_open
from kit.errors import RequestError
from visits import repository, wording
from visits.schemas import STATE_NAMES, ManagedVisit
from visits.service import set_time
from visits.slots import is_taken
from visits.tables import Visit

NOTE_MAX = 200


async def report(
    session: AsyncSession, visit_id: str, outcome: Literal["done", "missed"], note: str, now: datetime
) -> ManagedVisit:
    """Records what came of a visit. RequestError 404, 409 when it is not booked any more, 422 before it began."""
    row = await _lock_booked(session, visit_id)
    if now < row.starts_at:
        raise RequestError(422, "not_begun", "还没到上门时间；要改时间或取消，请点旁边的按钮")
    row.state, row.note, row.changed_at = outcome, _read_note(note), now
    await session.flush()
    return ManagedVisit.model_validate(row)


async def move(
    session: AsyncSession, visit_id: str, starts_at: datetime, note: str, manager: str, now: datetime
) -> ManagedVisit:
    """Moves a visit to any time to come at which its manager has no other, and tells the customer.

    `manager` is the name of who comes. RequestError 404, 409 when it is over, the time is taken or the customer has
    booked another one meanwhile, 422 for the past.
    """
    await repository.lock_times(session)
    row = await _lock_booked(session, visit_id)
    if starts_at <= now:
        raise RequestError(422, "past_time", "请选择以后的时间")
    booked = await repository.find_booked(session, row.conversation_id, now)
    if booked is not None and booked.id != row.id:
        raise RequestError(409, "already_booked", "客户又约了一次上门；请先记录这次的结果")
    busy = await repository.list_busy(session, starts_at - timedelta(days=1), besides=row.conversation_id)
    if row.manager_id and is_taken(busy, starts_at, starts_at + timedelta(minutes=row.minutes), row.manager_id):
        raise RequestError(409, "time_taken", "这个时间已经有别的上门了")
    set_time(row, starts_at, row.minutes, now)
    row.note = _read_note(note)
    await session.flush()
    await tell(session, row.conversation_id, wording.tell_moved(starts_at, row.place, manager, now), now)
    return ManagedVisit.model_validate(row)


async def cancel(
    session: AsyncSession, visit_id: str, note: str, now: datetime, *, is_pointless: bool = False
) -> ManagedVisit:
    """Cancels a visit and tells the customer; `is_pointless`: its application is over. RequestError 404, 409."""
    row = await _lock_booked(session, visit_id)
    row.state, row.note, row.changed_at = "cancelled", _read_note(note), now
    await session.flush()
    told = wording.tell_pointless if is_pointless else wording.tell_cancelled
    await tell(session, row.conversation_id, told(row.starts_at, now), now)
    return ManagedVisit.model_validate(row)


async def remind_customer(session: AsyncSession, visit_id: str, manager: str, now: datetime) -> bool:
    """Reminds a customer of their visit, once; returns whether the reminder goes out to them now.

    Where the platform does not let us write, nothing is said: a reminder that arrives late would be wrong.
    """
    row = await repository.lock_visit(session, visit_id)
    if row.state != "booked" or row.customer_reminded_at:
        return True
    row.customer_reminded_at = now
    if not await is_reachable(session, row.conversation_id, now):
        return False
    await tell(session, row.conversation_id, wording.remind(row.starts_at, row.place, manager, now), now)
    return True


async def is_reachable(session: AsyncSession, conversation_id: str, now: datetime) -> bool:
    """Whether what we say reaches the customer by itself: not on a page that they may have closed."""
    conversation = await session.get_one(Conversation, conversation_id)
    return conversation.channel in PUSHED and is_open(conversation.window, now)


async def tell(session: AsyncSession, conversation_id: str, reply: Reply, now: datetime) -> None:
    """Says something to a customer beside what the bot says."""
    locked = select(Conversation).where(Conversation.id == conversation_id).with_for_update(of=Conversation)
    conversation = (await session.scalars(locked.execution_options(populate_existing=True))).one()
    await say(session, conversation, [reply], now)


async def _lock_booked(session: AsyncSession, visit_id: str) -> Visit:
    row = await repository.lock_visit(session, visit_id)
    if row.state != "booked":
        raise RequestError(409, "visit_over", f"这次上门{STATE_NAMES[row.state]}，请刷新后再看")
    return row


def _read_note(note: str) -> str:
    if len(note) > NOTE_MAX:
        raise RequestError(422, "long_note", f"备注最多{NOTE_MAX}个字")
    return note
