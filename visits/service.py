"""Books, moves and cancels visits for customers and staff, each once, and never two at a time for one manager."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from applications.promises import await_visit
from applications.repository import find_newest_open
from conversations.office_calendar import OfficeCalendar
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.security import hash_content
from kit.working_time import describe_moment
from visits import repository
from visits.schemas import ManagedVisit, VisitIn, VisitOptions, VisitView
from visits.slots import VisitHours, choose_offered, find_free
from visits.tables import Visit

Change = Literal["booked", "moved", "cancelled"]
# Called in the transaction of each change that a customer makes.
Announce = Callable[[AsyncSession, ManagedVisit, Change], Awaitable[None]]
# The names of the account managers who make visits, by staff id.
ListManagers = Callable[[AsyncSession], Awaitable[Mapping[str, str]]]


class Visits:
    """The visits in the database, as their customers book and change them."""

    def __init__(
        self,
        database: Database,
        calendar: OfficeCalendar,
        hours: VisitHours,
        list_managers: ListManagers,
        clock: Clock = read_clock,
        *,
        announce: Announce | None = None,
    ) -> None:
        self._database = database
        self._calendar = calendar
        self._hours = hours
        self._list_managers = list_managers
        self._clock = clock
        self._announce = announce

    async def list_options(self, conversation_id: str) -> VisitOptions:
        """What the conversation can book, and what it has booked."""
        async with self._database.reading() as session:
            application = await find_newest_open(session, conversation_id)
            asked = await repository.find_request(session, conversation_id)
            booked = await repository.find_booked(session, conversation_id, self._clock())
            managers = await self._list_managers(session)
            manager_id = await repository.find_manager(session, conversation_id)
            times = await self._list_free(session, conversation_id)
            region = (application.region if application else None) or (asked.region if asked else None)
            return VisitOptions(
                may_book=application is not None or asked is not None,
                times=times,
                place=region or "",
                manager_name=managers.get(manager_id or "", ""),
                booked=view_visit(booked, managers) if booked else None,
            )

    async def book(self, visit: VisitIn, idempotency_key: str) -> VisitView:
        """Books a visit. The same key again returns the stored one.

        RequestError 403 `may_not_book`, 409 `idempotency_conflict`, `already_booked` when the conversation has another
        one, `time_taken` with the next free times when that time is not free (any more).
        """
        async with self._database.transaction() as session:
            return await self._book(session, visit, idempotency_key)

    async def move(
        self, conversation_id: str, visit_id: str, starts_at: datetime, place: str | None = None
    ) -> VisitView:
        """Moves the conversation's visit; moving it to where and when it is changes nothing.

        RequestError 404, 409 `time_taken` with the next free times, `visit_over` when it is not booked any more or its
        time is over.
        """
        async with self._database.transaction() as session:
            await repository.lock_times(session)
            row = await self._lock_own(session, conversation_id, visit_id)
            managers = await self._list_managers(session)
            if row.starts_at != starts_at:
                await self._require_free(session, conversation_id, starts_at)
            if (row.starts_at, row.place) != (starts_at, place or row.place):
                set_time(row, starts_at, self._hours.minutes, self._clock())
                row.place = place or row.place
                await self._tell(session, row, "moved")
            return view_visit(row, managers)

    async def cancel(self, conversation_id: str, visit_id: str) -> VisitView:
        """Cancels the conversation's visit; cancelling it again changes nothing.

        RequestError 404, 409 `visit_over` when its time is over.
        """
        async with self._database.transaction() as session:
            row = await self._lock_own(session, conversation_id, visit_id, is_cancelled_fine=True)
            if row.state == "booked":
                row.state, row.changed_at = "cancelled", self._clock()
                await self._tell(session, row, "cancelled")
            return view_visit(row, await self._list_managers(session))

    async def _book(self, session: AsyncSession, visit: VisitIn, idempotency_key: str) -> VisitView:
        await repository.lock_times(session)
        managers = await self._list_managers(session)
        request_hash = hash_content(visit.model_dump(mode="json"))
        if stored := await repository.find_by_key(session, idempotency_key):
            if stored.request_hash != request_hash:
                raise RequestError(409, "idempotency_conflict", "this key was used for another visit")
            return view_visit(stored, managers)
        application = await find_newest_open(session, visit.conversation_id)
        if application is None and await repository.find_request(session, visit.conversation_id) is None:
            raise RequestError(403, "may_not_book", "先申请贷款或找客户经理，才能约上门")
        if await repository.find_booked(session, visit.conversation_id, self._clock()):
            raise RequestError(409, "already_booked", "已经约了一次上门，可以改时间")
        await self._require_free(session, visit.conversation_id, visit.starts_at)
        now = self._clock()
        row = Visit(
            id=str(uuid.uuid4()),
            application_id=application.id if application else None,
            conversation_id=visit.conversation_id,
            manager_id=await repository.find_manager(session, visit.conversation_id),
            starts_at=visit.starts_at,
            minutes=self._hours.minutes,
            place=visit.place,
            state="booked",
            note="",
            idempotency_key=idempotency_key,
            request_hash=request_hash,
            created_at=now,
            changed_at=now,
        )
        session.add(row)
        await session.flush()
        await self._tell(session, row, "booked")
        return view_visit(row, managers)

    async def _lock_own(
        self, session: AsyncSession, conversation_id: str, visit_id: str, *, is_cancelled_fine: bool = False
    ) -> Visit:
        row = await repository.lock_visit(session, visit_id)
        if row.conversation_id != conversation_id:
            raise RequestError(404, "no_such_visit", "没有这次上门")
        is_to_come = row.state == "booked" and row.starts_at > self._clock()
        if not is_to_come and not (is_cancelled_fine and row.state == "cancelled"):
            raise RequestError(409, "visit_over", "这次上门已经结束了")
        return row

    async def _require_free(self, session: AsyncSession, conversation_id: str, starts_at: datetime) -> None:
        free = await self._list_free(session, conversation_id)
        if starts_at not in free:
            now = self._clock()
            nearest = sorted(sorted(free, key=lambda at: abs(at - starts_at))[: len(choose_offered(free))])
            times = "、".join(describe_moment(at, now) for at in nearest)
            reason = f"这个时间约不了，还可以约：{times}" if times else "这个时间约不了，近期都约满了"
            raise RequestError(409, "time_taken", reason)

    async def _list_free(self, session: AsyncSession, conversation_id: str) -> list[datetime]:
        """The times a conversation can book, or move its visit to."""
        now = self._clock()
        return find_free(
            self._hours,
            await self._calendar.read_hours(),
            await repository.list_busy(session, now - self._hours.length, besides=conversation_id),
            managers=len(await self._list_managers(session)),
            manager_id=await repository.find_manager(session, conversation_id),
            now=now,
        )

    async def _tell(self, session: AsyncSession, row: Visit, change: Change) -> None:
        await session.flush()
        if row.application_id and change != "cancelled":
            await await_visit(session, row.application_id, row.starts_at)
        if self._announce:
            await self._announce(session, ManagedVisit.model_validate(row), change)


def set_time(row: Visit, starts_at: datetime, minutes: int, now: datetime) -> None:
    """Gives a visit another time, of which everybody is to be reminded again."""
    row.starts_at, row.minutes, row.changed_at = starts_at, minutes, now
    row.customer_reminded_at = row.manager_reminded_at = None


def view_visit(row: Visit, managers: Mapping[str, str]) -> VisitView:
    """A visit with the name of who comes."""
    return VisitView(
        id=row.id,
        starts_at=row.starts_at,
        minutes=row.minutes,
        place=row.place,
        state=row.state,
        manager_name=managers.get(row.manager_id or "", ""),
    )
