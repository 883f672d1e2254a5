"""Calls that staff promise and make, with the permission checks, audit records and messages to the customer."""

from datetime import datetime, timedelta

from conversations.handoff.promised_call import find_due, promise_call
from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from conversations.handoff.service import Handoffs
from conversations.office_calendar import OfficeCalendar
from conversations.wished_time import WishedTime, find_wish
from desk import customer_wording as wording
from desk.accounts import Accounts
from desk.audit import record_move
from desk.notifications import notifier
from desk.roles import may
from desk.schemas import StaffView
from desk.talk_access import TalkAccess, require_another, require_overseer, require_talker
from desk.talks import NOTE_MAX, read_words
from desk.wording import format_time, name_discreetly
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.phones import read_phone
from kit.working_time import OfficeHours, find_waking

NEXT_TRIES = (30, 120, 480)  # minutes of working time


class Callbacks:
    """Acts on promised calls.

    RequestError 403 without permission, 409 when the call has moved on, 422 for bad input.
    """

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        calendar: OfficeCalendar,
        clock: Clock = read_clock,
    ) -> None:
        self._database = database
        self._handoffs = Handoffs(clock)
        self._queries = HandoffQueries(database, clock)
        self._access = TalkAccess(self._queries, accounts)
        self._calendar = calendar
        self._clock = clock

    async def book(self, staff: StaffView, handoff_id: str, phone: str, wished: str = "") -> HandoffView:
        """Books a callback instead: when the customer wished in some words, or within the promised working time.

        Without a phone it is the number left for a call before.
        """
        handoff = await self._access.get_own(staff, handoff_id)
        number = read_phone(phone) if phone.strip() else await self.find_number(handoff)
        if number is None:
            raise RequestError(422, "no_phone", "请填写11位手机号")
        now, hours = self._clock(), await self._calendar.read_hours()
        wish = _read_wish(wished, hours, now)
        due_at, reply = promise_call(number, wish, hours, now)
        async with self._database.transaction() as session:
            booked = await self._handoffs.book_callback(
                session,
                handoff_id,
                number,
                due_at,
                str(wish) if wish else None,
                by=staff.id,
                only_of=handoff.agent_id or "",
                replies=[reply],
            )
            return await record_move(session, self._clock(), staff.id, "callback_booked", handoff, booked)

    async def move(self, staff: StaffView, handoff_id: str, wished: str) -> HandoffView:
        """Moves a promised call to when the customer wishes it, in some words; the customer is told."""
        handoff = await self._access.get_own(staff, handoff_id)
        now, hours = self._clock(), await self._calendar.read_hours()
        wish = _read_wish(wished, hours, now)
        if wish is None:
            raise RequestError(422, "no_such_time", "请写上什么时候打，比如“明天下午”")
        due_at, reply = promise_call(handoff.callback_phone or "", wish, hours, now)
        async with self._database.transaction() as session:
            moved = await self._handoffs.move_call(
                session,
                handoff_id,
                due_at,
                str(wish),
                by=staff.id,
                only_of=handoff.agent_id or "",
                replies=[reply],
            )
            return await record_move(session, self._clock(), staff.id, "call_moved", handoff, moved)

    async def find_number(self, handoff: HandoffView) -> str | None:
        """The number left for a call before, of this talk or of the call that was promised; None for none."""
        booked = await self._queries.find_callback(handoff.conversation_id)
        return handoff.callback_phone or (booked.callback_phone if booked else None)

    async def list_next_tries(self) -> dict[int, datetime]:
        """By when to call again, by the minutes of working time until then; nobody is called at night."""
        hours, now = await self._calendar.read_hours(), self._clock()
        return {minutes: find_waking(hours.add(now, timedelta(minutes=minutes))) for minutes in NEXT_TRIES}

    async def miss(self, staff: StaffView, handoff_id: str, minutes: int) -> HandoffView:
        """Nobody answered: they call again within so many minutes of working time, and the customer is told."""
        handoff = await self._access.get_own(staff, handoff_id)
        again_at = (await self.list_next_tries()).get(minutes)
        if again_at is None:
            raise RequestError(422, "no_next_try", "请选择什么时候再打")
        async with self._database.transaction() as session:
            missed = await self._handoffs.move_call(
                session,
                handoff_id,
                again_at,
                is_missed=True,
                by=staff.id,
                only_of=handoff.agent_id or "",
                replies=[wording.announce_missed_call(again_at, self._clock())],
            )
            return await record_move(session, self._clock(), staff.id, "call_missed", handoff, missed)

    async def assign(self, staff: StaffView, handoff_id: str, agent_id: str, note: str) -> HandoffView:
        """Gives a callback to an agent, who is notified, for supervisors."""
        require_overseer(staff)
        agent = await self._access.require_agent(agent_id)
        before, now = await self._queries.get(handoff_id), self._clock()
        require_another(before, agent)
        words = read_words(note, NOTE_MAX, "留言")
        async with self._database.transaction() as session:
            assigned = await self._handoffs.assign_callback(session, handoff_id, agent.id, by=staff.id, note=words)
            who, due = name_discreetly(before.customer_id, before.name), format_time(before.due_at or now, now)
            key, text = f"call:{handoff_id}:{now.isoformat()}", f"{staff.name}把一个回电分给您\n{who}，{due}前"
            await notifier.add(session, agent.id, key, text, f"/talks/{handoff_id}", now=now)
            return await record_move(session, now, staff.id, "callback_assigned", before, assigned)

    async def claim(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """Claims a callback."""
        require_talker(staff)
        handoff = await self._queries.get(handoff_id)
        if handoff.agent_id not in (None, staff.id) and not may(staff.role, "oversee"):
            raise await self._access.name_winner(handoff_id, RequestError(409, "handoff_moved_on", "已有同事负责回电"))
        try:
            async with self._database.transaction() as session:
                claimed = await self._handoffs.claim_callback(
                    session, handoff_id, staff.id, only_of=handoff.agent_id or ""
                )
                return await record_move(session, self._clock(), staff.id, "callback_claimed", handoff, claimed)
        except RequestError as error:
            raise await self._access.name_winner(handoff_id, error) from error


def _read_wish(wished: str, hours: OfficeHours, now: datetime) -> WishedTime | None:
    """What staff wrote of the time, which has to be one at which somebody is there; None for nothing."""
    wished = "".join(wished.split())
    if not wished:
        return None
    wish, rest = find_wish(wished, now, is_day_enough=True) or (None, wished)
    if wish is None or rest != "，":
        raise RequestError(422, "no_such_time", "没看懂时间，或者已经过了，请写成“明天下午”或“周三10点”")
    if find_due(wish, hours, now) is None:
        raise RequestError(422, "office_closed", f"{wish.describe(now)}不是上班时间，请和客户另约一个")
    return wish
