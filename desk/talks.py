"""Actions of staff on talks, with the permission checks, audit records and messages to the customer."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from conversations.handoff.service import Handoffs
from conversations.handoff.wording import confirm_callback
from conversations.office_calendar import OfficeCalendar
from conversations.schemas import MessageView
from desk import customer_wording as wording
from desk import staff_repository
from desk.accounts import Accounts
from desk.audit import list_changes, record
from desk.presence import is_present
from desk.roles import may
from desk.schemas import StaffView
from desk.talk_access import (
    TalkAccess,
    find_required_agent,
    is_served_by,
    is_theirs,
    require_overseer,
    require_talker,
)
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.limits import RateLimit
from kit.phones import read_phone
from kit.pubsub import Signal, publish
from kit.text import clean_text

DISPOSITIONS = {
    "solved": "已解决",
    "offline": "转线下办理",
    "follow_up": "需要跟进",
    "left": "客户离开",
    "invalid": "无效咨询",
}
WORDS_MAX = 2000
SUMMARY_MAX = 500
NOTE_MAX = 200


class Talks:
    """Actions on talks. RequestError 403 without permission, 409 when the talk has moved on, 422 for bad input.

    One action, one transaction. Audited in it: what ends a talk or gives it to somebody else, a look at one of nobody
    or of a colleague, and the showing of full numbers. `promise`: working time within which customers are called.
    """

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        calendar: OfficeCalendar,
        promise: timedelta,
        clock: Clock = read_clock,
        *,
        typing_seconds: float = 2.0,
    ) -> None:
        """Customers are told at most every `typing_seconds` that their agent is typing."""
        self._database = database
        self._handoffs = Handoffs(clock)
        self._queries = HandoffQueries(database, clock)
        self._access = TalkAccess(self._queries)
        self._accounts = accounts
        self._calendar = calendar
        self._promise = promise
        self._clock = clock
        self._typing = RateLimit(times=1, seconds=typing_seconds)
        self.is_visible = self._access.is_visible

    async def take(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """Takes one from the queue, again: nothing; of two at the same moment one wins and the other is told who."""
        require_talker(staff)
        try:
            async with self._database.transaction() as session:
                return await self._handoffs.take(session, handoff_id, staff.id, replies=[wording.greet(staff)])
        except RequestError as error:
            return await self._find_own(staff, handoff_id, error)

    async def accept(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """Accepts one assigned to them; again: nothing."""
        require_talker(staff)
        try:
            async with self._database.transaction() as session:
                return await self._handoffs.accept(session, handoff_id, staff.id, replies=[wording.greet(staff)])
        except RequestError as error:
            return await self._find_own(staff, handoff_id, error)

    async def decline(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """Declines one assigned to them."""
        require_talker(staff)
        async with self._database.transaction() as session:
            return await self._handoffs.decline(session, handoff_id, by=staff.id, only_of=staff.id)

    async def take_over(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """Takes over another agent's talk, for supervisors."""
        require_overseer(staff)
        before = await self._queries.get(handoff_id)
        async with self._database.transaction() as session:
            replies = [wording.greet(staff, "现在")]
            taken = await self._handoffs.take_over(session, handoff_id, staff.id, replies=replies)
            return await self._record_move(session, staff, "talk_taken_over", before, taken)

    async def assign(self, staff: StaffView, handoff_id: str, agent_id: str, note: str) -> HandoffView:
        """Assigns a queued one to an agent with a message to them, for supervisors."""
        require_overseer(staff)
        await self._require_agent(agent_id)
        before = await self._queries.get(handoff_id)
        async with self._database.transaction() as session:
            assigned = await self._handoffs.assign(
                session, handoff_id, agent_id, by=staff.id, note=clean_text(note)[:NOTE_MAX]
            )
            return await self._record_move(session, staff, "talk_assigned", before, assigned)

    async def transfer(self, staff: StaffView, handoff_id: str, agent_id: str, note: str) -> HandoffView:
        """Passes it to a colleague, with a message to them."""
        only_of = find_required_agent(staff)
        agent = await self._require_agent(agent_id)
        if agent.id == staff.id:
            raise RequestError(422, "no_agent", "请选择另一位同事")
        before = await self._queries.get(handoff_id)
        async with self._database.transaction() as session:
            passed = await self._handoffs.transfer(
                session,
                handoff_id,
                agent.id,
                by=staff.id,
                only_of=only_of,
                note=clean_text(note)[:NOTE_MAX],
                replies=[wording.announce_transfer(agent)],
            )
            return await self._record_move(session, staff, "talk_transferred", before, passed)

    async def requeue(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """Puts it back into the queue at its old position."""
        only_of = find_required_agent(staff)
        before = await self._queries.get(handoff_id)
        async with self._database.transaction() as session:
            replies = [wording.REQUEUED]
            put_back = await self._handoffs.requeue(session, handoff_id, by=staff.id, only_of=only_of, replies=replies)
            return await self._record_move(session, staff, "talk_requeued", before, put_back)

    async def return_to_bot(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """Returns the customer to the bot, which says so."""
        handoff = await self._access.get_own(staff, handoff_id)
        asked = wording.ask_rating(handoff_id, is_returned=True)
        reply = asked if handoff.accepted_at else wording.RETURNED_UNSERVED
        async with self._database.transaction() as session:
            returned = await self._handoffs.return_to_bot(
                session, handoff_id, by=staff.id, only_of=handoff.agent_id or "", replies=[reply]
            )
            return await self._record_move(session, staff, "talk_returned", handoff, returned)

    async def close(self, staff: StaffView, handoff_id: str, disposition: str, summary: str) -> HandoffView:
        """Closes it: the customer is asked for a rating and the bot goes on. A callback is closed silently."""
        handoff = await self._access.get_own(staff, handoff_id)
        if disposition not in DISPOSITIONS:
            raise RequestError(422, "no_disposition", "请选择处理结果")
        summary = clean_text(summary)
        if not summary:
            raise RequestError(422, "no_summary", "请写一句小结，方便同事以后查")
        async with self._database.transaction() as session:
            closed = await self._handoffs.close(
                session,
                handoff_id,
                disposition=disposition,
                summary=summary[:SUMMARY_MAX],
                by=staff.id,
                only_of=handoff.agent_id or "",
                replies=[wording.ask_rating(handoff_id, is_returned=False)] if handoff.state == "active" else [],
            )
            return await self._record_move(session, staff, "talk_closed", handoff, closed)

    async def book_callback(self, staff: StaffView, handoff_id: str, phone: str) -> HandoffView:
        """Books a callback instead, within the promised working time."""
        handoff = await self._access.get_own(staff, handoff_id)
        number = read_phone(phone)
        if number is None:
            raise RequestError(422, "no_phone", "请填写11位手机号")
        now = self._clock()
        due_at = (await self._calendar.read_hours()).add(now, self._promise)
        async with self._database.transaction() as session:
            booked = await self._handoffs.book_callback(
                session,
                handoff_id,
                number,
                due_at,
                by=staff.id,
                only_of=handoff.agent_id or "",
                replies=[confirm_callback(number, due_at, now)],
            )
            return await self._record_move(session, staff, "callback_booked", handoff, booked)

    async def claim_callback(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """Claims a callback."""
        require_talker(staff)
        handoff = await self._queries.get(handoff_id)
        if handoff.agent_id not in (None, staff.id) and not may(staff.role, "oversee"):
            raise await self._name_winner(handoff_id, RequestError(409, "handoff_moved_on", "已有同事负责回电"))
        try:
            async with self._database.transaction() as session:
                claimed = await self._handoffs.claim_callback(
                    session, handoff_id, staff.id, only_of=handoff.agent_id or ""
                )
                return await self._record_move(session, staff, "callback_claimed", handoff, claimed)
        except RequestError as error:
            raise await self._name_winner(handoff_id, error) from error

    async def say(self, staff: StaffView, handoff_id: str, words: str, key: str) -> MessageView:
        """Sends a message to the customer, once for each key; a supervisor may join another agent's talk."""
        only_of, words = find_required_agent(staff), clean_text(words)
        if not words:
            raise RequestError(422, "no_words", "请输入要说的话")
        if len(words) > WORDS_MAX:
            raise RequestError(422, "too_long", f"一次最多{WORDS_MAX}个字，请分开发送")
        async with self._database.transaction() as session:
            return await self._handoffs.say(session, handoff_id, staff.id, words, key, only_of=only_of)

    async def tell_typing(self, staff: StaffView, handoff_id: str) -> None:
        """Tells the customer that somebody who may write to them is typing, and records that the agent is busy."""
        if not self._typing.allow(f"{staff.id} {handoff_id}"):
            return
        handoff = await self._access.get_own(staff, handoff_id)
        if handoff.state != "active":
            return
        async with self._database.transaction() as session:
            await staff_repository.change_staff(session, staff.id, typed_at=self._clock())
            await publish(session, Signal(handoff.conversation_id, "typing", staff.name))

    async def add_note(self, staff: StaffView, handoff_id: str, words: str) -> None:
        """Adds a note about the customer."""
        handoff = await self._access.get_visible(staff, handoff_id)
        words = clean_text(words)
        if not words:
            raise RequestError(422, "no_words", "请输入备注")
        async with self._database.transaction() as session:
            await self._handoffs.add_note(session, handoff.conversation_id, staff.id, words[:WORDS_MAX])

    async def open(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """A talk they may see; a look at one that is not theirs, waiting or a colleague's, is audited."""
        handoff = await self._access.get_visible(staff, handoff_id)
        if not is_theirs(staff, handoff):
            await self._record(staff, "talk_viewed", handoff_id)
        return handoff

    async def record_unmasking(self, staff: StaffView, handoff_id: str) -> None:
        """Audits that full numbers of their customer are about to be shown."""
        require_talker(staff)
        handoff = await self._queries.get(handoff_id)
        if not is_served_by(staff, handoff):
            raise RequestError(403, "not_yours", "先接待这位客户，才能看完整号码")
        await self._record(staff, "unmasked", handoff_id)

    async def _record(self, staff: StaffView, action: str, handoff_id: str) -> None:
        async with self._database.transaction() as session:
            await record(session, self._clock(), staff.id, action, handoff_id)

    async def _record_move(
        self, session: AsyncSession, staff: StaffView, action: str, before: HandoffView, after: HandoffView
    ) -> HandoffView:
        fields = {"state", "agent_id", "callback_phone", "disposition"}
        values = before.model_dump(include=fields), after.model_dump(include=fields)
        changes = list_changes(session, *values, {"callback_phone"})
        await record(session, self._clock(), staff.id, action, before.id, changes=changes)
        return after

    async def _require_agent(self, agent_id: str) -> StaffView:
        if not agent_id:
            raise RequestError(422, "no_agent", "请选择一位同事")
        agent = next((member for member in await self._accounts.list_staff() if member.id == agent_id), None)
        if agent is None or not agent.is_active or not may(agent.role, "talk"):
            raise RequestError(422, "no_agent", "这位同事不接待客户")
        if not is_present(agent, self._clock()):
            raise RequestError(422, "no_agent", "这位同事现在不在，请换一位，或给客户预约回电")
        return agent

    async def _find_own(self, staff: StaffView, handoff_id: str, error: RequestError) -> HandoffView:
        """The talk if they have it already; raises the error otherwise, and names who was first."""
        if error.code == "handoff_moved_on":
            handoff = await self._queries.get(handoff_id)
            if handoff.state == "active" and handoff.agent_id == staff.id:
                return handoff
        raise await self._name_winner(handoff_id, error) from error

    async def _name_winner(self, handoff_id: str, error: RequestError) -> RequestError:
        if error.code != "handoff_moved_on":
            return error
        handoff = await self._queries.get(handoff_id)
        if handoff.agent_id is None:
            return error
        winner = await self._accounts.get_staff(handoff.agent_id)
        return RequestError(409, error.code, f"晚了一步，这位客户已由{winner.name}负责")
