"""Actions of staff on talks, with the permission checks, audit records and messages to the customer."""

import re
from collections.abc import Collection

from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from conversations.handoff.service import Handoffs
from conversations.schemas import MessageView
from desk import customer_wording as wording
from desk.accounts import Accounts
from desk.audit import record, record_move
from desk.notifications import notifier
from desk.schemas import StaffView
from desk.talk_access import (
    TalkAccess,
    find_required_agent,
    is_served_by,
    is_theirs,
    require_another,
    require_overseer,
    require_talker,
)
from desk.wording import REASONS, name_discreetly
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.limits import RateLimit
from kit.pubsub import Signal, publish
from kit.text import clean_text
from products.catalogue import find_product

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
    or of a colleague, and the showing of full numbers.
    """

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        clock: Clock = read_clock,
        *,
        typing_seconds: float = 2.0,
    ) -> None:
        """Customers are told at most every `typing_seconds` that their agent is typing."""
        self._database = database
        self._handoffs = Handoffs(clock)
        self._queries = HandoffQueries(database, clock)
        self._access = TalkAccess(self._queries, accounts)
        self._accounts = accounts
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
            return await record_move(session, self._clock(), staff.id, "talk_taken_over", before, taken)

    async def assign(self, staff: StaffView, handoff_id: str, agent_id: str, note: str) -> HandoffView:
        """Assigns a queued one to an agent with a message to them, for supervisors."""
        require_overseer(staff)
        await self._access.require_agent(agent_id, present_at=self._clock())
        before = await self._queries.get(handoff_id)
        async with self._database.transaction() as session:
            assigned = await self._handoffs.assign(
                session, handoff_id, agent_id, by=staff.id, note=read_words(note, NOTE_MAX, "留言")
            )
            return await record_move(session, self._clock(), staff.id, "talk_assigned", before, assigned)

    async def transfer(self, staff: StaffView, handoff_id: str, agent_id: str, note: str) -> HandoffView:
        """Passes it to a colleague, with a message to them."""
        only_of = find_required_agent(staff)
        agent = await self._access.require_agent(agent_id, present_at=self._clock())
        if agent.id == staff.id:
            raise RequestError(422, "no_agent", "请选择另一位同事")
        before = await self._queries.get(handoff_id)
        require_another(before, agent)
        async with self._database.transaction() as session:
            passed = await self._handoffs.transfer(
                session,
                handoff_id,
                agent.id,
                by=staff.id,
                only_of=only_of,
                note=read_words(note, NOTE_MAX, "留言"),
                replies=[wording.announce_transfer(agent)],
            )
            return await record_move(session, self._clock(), staff.id, "talk_transferred", before, passed)

    async def requeue(self, staff: StaffView, handoff_id: str, skill: str = "", note: str = "") -> HandoffView:
        """Puts it back into the queue at its old position, with a message to who takes it next.

        First asked are those with a skill, a reason or a product, if one is wanted.
        """
        only_of = find_required_agent(staff)
        if skill and skill not in REASONS and find_product(skill) is None:
            raise RequestError(422, "unknown_skill", "没有这类问题")
        before = await self._queries.get(handoff_id)
        async with self._database.transaction() as session:
            put_back = await self._handoffs.requeue(
                session,
                handoff_id,
                wanted_skill=skill or None,
                by=staff.id,
                only_of=only_of,
                note=read_words(note, NOTE_MAX, "留言"),
                replies=[wording.REQUEUED],
            )
            return await record_move(session, self._clock(), staff.id, "talk_requeued", before, put_back)

    async def return_to_bot(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """Returns the customer to the bot, which says so."""
        handoff = await self._access.get_own(staff, handoff_id)
        asked = wording.ask_rating(handoff_id, is_returned=True)
        reply = asked if handoff.accepted_at else wording.RETURNED_UNSERVED
        async with self._database.transaction() as session:
            returned = await self._handoffs.return_to_bot(
                session, handoff_id, by=staff.id, only_of=handoff.agent_id or "", replies=[reply]
            )
            return await record_move(session, self._clock(), staff.id, "talk_returned", handoff, returned)

    async def close(self, staff: StaffView, handoff_id: str, disposition: str, summary: str) -> HandoffView:
        """Closes it: the customer is asked for a rating and the bot goes on. A callback is closed silently."""
        handoff = await self._access.get_own(staff, handoff_id)
        if disposition not in DISPOSITIONS:
            raise RequestError(422, "no_disposition", "请选择处理结果")
        summary = read_words(summary, SUMMARY_MAX, "小结")
        if not summary:
            raise RequestError(422, "no_summary", "请写一句小结，方便同事以后查")
        async with self._database.transaction() as session:
            closed = await self._handoffs.close(
                session,
                handoff_id,
                disposition=disposition,
                summary=summary,
                by=staff.id,
                only_of=handoff.agent_id or "",
                replies=[wording.ask_rating(handoff_id, is_returned=False)] if handoff.state == "active" else [],
            )
            return await record_move(session, self._clock(), staff.id, "talk_closed", handoff, closed)

    async def reopen(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """Goes on with a talk of theirs that is over, or writes to who is to be called; again: the one that goes on."""
        over = await self._access.get_own(staff, handoff_id)
        try:
            async with self._database.transaction() as session:
                replies = [wording.greet(staff, "接着")]
                reopened = await self._handoffs.reopen(session, handoff_id, staff.id, replies=replies)
                return await record_move(session, self._clock(), staff.id, "talk_reopened", over, reopened)
        except RequestError as error:
            live = await self._queries.find_live(over.conversation_id)
            if error.code == "handoff_moved_on" and live and live.state == "active" and live.agent_id == staff.id:
                return live
            raise

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
        """Tells the customer that somebody who may write to them is typing."""
        if not self._typing.allow(f"{staff.id} {handoff_id}"):
            return
        handoff = await self._access.get_own(staff, handoff_id)
        if handoff.state != "active":
            return
        async with self._database.transaction() as session:
            await publish(session, Signal(handoff.conversation_id, "typing", staff.name))

    async def add_note(self, staff: StaffView, handoff_id: str, words: str) -> list[str]:
        """Adds a note about the customer, which only staff see: a supervisor so whispers to the agent.

        The agent is notified, and each colleague whose name stands after an @ and who may see the talk; gives the
        names of those who may not.
        """
        handoff = await self._access.get_visible(staff, handoff_id)
        words = read_words(words, WORDS_MAX, "备注")
        if not words:
            raise RequestError(422, "no_words", "请输入备注")
        colleagues = [each for each in await self._accounts.list_staff() if each.is_active]
        named = find_mentions(words, [each.name for each in colleagues])
        mentioned = [each for each in colleagues if each.name in named]
        told = {each.id: "在备注里提到您" for each in mentioned if self.is_visible(each, handoff)}
        if handoff.state == "active" and handoff.agent_id and handoff.agent_id != staff.id:
            told.setdefault(handoff.agent_id, "给您留了话，客户看不到")
        who = name_discreetly(handoff.customer_id, handoff.name)
        async with self._database.transaction() as session:
            note_id = await self._handoffs.add_note(session, handoff.conversation_id, staff.id, words)
            for staff_id, why in told.items():
                text, path = f"{staff.name}{why}\n{who}：{words}", f"/talks/{handoff_id}"
                await notifier.add(session, staff_id, f"note:{note_id}:{staff_id}", text, path, now=self._clock())
        return [each.name for each in mentioned if each.id not in told]

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

    async def _find_own(self, staff: StaffView, handoff_id: str, error: RequestError) -> HandoffView:
        """The talk if they have it already; raises the error otherwise, and names who was first."""
        if error.code == "handoff_moved_on":
            handoff = await self._queries.get(handoff_id)
            if handoff.state == "active" and handoff.agent_id == staff.id:
                return handoff
        raise await self._access.name_winner(handoff_id, error) from error


def find_mentions(words: str, names: Collection[str]) -> set[str]:
    """The names that stand after an @: of 张敏 and 张敏华 the longer one."""
    longest_first = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return set(re.findall(f"@({longest_first})", words)) if names else set()


def read_words(words: str, length_max: int, what: str) -> str:
    """What staff wrote, cleaned; too much is refused, never cut."""
    words = clean_text(words)
    if len(words) > length_max:
        raise RequestError(422, "too_long", f"{what}最多{length_max}字，现在{len(words)}字")
    return words
