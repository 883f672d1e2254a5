"""What a member of staff may do with a talk, and what the customer hears of it."""

from datetime import timedelta

from conversations.handoff_words import confirm_callback
from conversations.handoffs import Handoffs
from conversations.rating import make_rating_buttons
from conversations.schemas import HandoffView, MessageView, Reply, ReplyButton
from desk.accounts import Accounts
from desk.audit import record
from desk.presence import is_present
from desk.roles import may
from desk.schemas import StaffView
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.identity import read_phone
from kit.settings import Settings
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
    """Every method raises RequestError: 403 for who may not, 409 when the talk has moved on, 422 for bad input."""

    def __init__(
        self,
        database: Database,
        handoffs: Handoffs,
        accounts: Accounts,
        settings: Settings,
        clock: Clock = read_clock,
    ) -> None:
        self._database = database
        self._handoffs = handoffs
        self._accounts = accounts
        self._hours = settings.hours
        self._promise = timedelta(hours=settings.promise_hours)
        self._clock = clock

    async def take(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """One that waits becomes theirs; of two at the same moment one wins and the other hears who did."""
        _require_talker(staff)
        replies = [Reply(text=f"您好，我是{_introduce(staff)}，接下来由我为您服务。", sender="agent")]
        try:
            return await self._handoffs.move(handoff_id, "take", staff_id=staff.id, replies=replies)
        except RequestError as error:
            raise await self._name_winner(handoff_id, error) from error

    async def accept(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """One that was offered to them."""
        _require_talker(staff)
        replies = [Reply(text=f"您好，我是{_introduce(staff)}，接下来由我为您服务。", sender="agent")]
        return await self._handoffs.move(handoff_id, "accept", staff_id=staff.id, only_of=staff.id, replies=replies)

    async def decline(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """One that was offered to them: others get it."""
        _require_talker(staff)
        return await self._handoffs.move(handoff_id, "decline", staff_id=staff.id, only_of=staff.id)

    async def take_over(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """A supervisor goes on with somebody else's talk."""
        _require_overseer(staff)
        replies = [Reply(text=f"您好，我是{_introduce(staff)}，现在由我为您服务。", sender="agent")]
        moved = await self._handoffs.move(handoff_id, "take_over", staff_id=staff.id, replies=replies)
        await self._record(staff, "talk_taken_over", handoff_id)
        return moved

    async def assign(self, staff: StaffView, handoff_id: str, agent_id: str, note: str) -> HandoffView:
        """A supervisor offers one that waits to somebody."""
        _require_overseer(staff)
        await self._require_agent(agent_id)
        moved = await self._handoffs.move(
            handoff_id, "assign", staff_id=staff.id, agent_id=agent_id, note=clean_text(note)[:NOTE_MAX]
        )
        await self._record(staff, "talk_assigned", handoff_id)
        return moved

    async def transfer(self, staff: StaffView, handoff_id: str, agent_id: str, note: str) -> HandoffView:
        """To a named colleague, with a word for them."""
        only_of = _own(staff)
        agent = await self._require_agent(agent_id)
        if agent.id == staff.id:
            raise RequestError(422, "no_agent", "请选择另一位同事")
        replies = [Reply(text=f"正在为您转给{_introduce(agent)}，请稍等，前面的对话都会一起转过去。")]
        return await self._handoffs.move(
            handoff_id,
            "transfer",
            staff_id=staff.id,
            agent_id=agent.id,
            only_of=only_of,
            note=clean_text(note)[:NOTE_MAX],
            replies=replies,
            told_to_wait_at=self._clock(),
        )

    async def requeue(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """Back to the queue, where it keeps its place."""
        replies = [Reply(text="正在为您安排另一位同事，请稍等。")]
        return await self._handoffs.move(
            handoff_id,
            "requeue",
            staff_id=staff.id,
            only_of=_own(staff),
            replies=replies,
            told_to_wait_at=self._clock(),
        )

    async def give_to_bot(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """The bot goes on, and says so."""
        handoff = await self._require_own(staff, handoff_id)
        replies = [
            Reply(
                text="人工服务先到这里，接下来由小禾为您服务。请评价这次服务，1分最低，5分最高：",
                buttons=_rate(handoff),
            )
            if handoff.accepted_at
            else Reply(text="您的问题小禾就能办，接下来由小禾为您服务，您接着说就行。需要时再点“转人工”。")
        ]
        return await self._handoffs.move(
            handoff_id, "return", staff_id=staff.id, only_of=handoff.agent_id or "", replies=replies
        )

    async def close(self, staff: StaffView, handoff_id: str, disposition: str, summary: str) -> HandoffView:
        """Done: the customer is asked how it was, and the bot goes on. A callback ends without a word."""
        handoff = await self._require_own(staff, handoff_id)
        if disposition not in DISPOSITIONS:
            raise RequestError(422, "no_disposition", "请选择处理结果")
        summary = clean_text(summary)
        if not summary:
            raise RequestError(422, "no_summary", "请写一句小结，方便同事以后查")
        replies = []
        if handoff.state == "active":
            text = "这次人工服务结束了，接下来由小禾为您服务。请评价这次服务，1分最低，5分最高："
            replies = [Reply(text=text, buttons=_rate(handoff))]
        return await self._handoffs.move(
            handoff_id,
            "close",
            staff_id=staff.id,
            only_of=handoff.agent_id or "",
            replies=replies,
            disposition=disposition,
            summary=summary[:SUMMARY_MAX],
        )

    async def book_callback(self, staff: StaffView, handoff_id: str, phone: str) -> HandoffView:
        """Somebody will call instead, within the promised working time."""
        handoff = await self._require_own(staff, handoff_id)
        number = read_phone(phone)
        if number is None:
            raise RequestError(422, "no_phone", "请填写11位手机号")
        now = self._clock()
        due_at = self._hours.add(now, self._promise)
        return await self._handoffs.move(
            handoff_id,
            "book_callback",
            staff_id=staff.id,
            only_of=handoff.agent_id or "",
            replies=[confirm_callback(number, due_at, now)],
            due_at=due_at,
            callback_phone=number,
        )

    async def claim_callback(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """They will make the call."""
        _require_talker(staff)
        handoff = await self._handoffs.get(handoff_id)
        if handoff.agent_id not in (None, staff.id) and not may(staff.role, "oversee"):
            raise await self._name_winner(handoff_id, RequestError(409, "handoff_moved_on", "已有同事负责回电"))
        try:
            return await self._handoffs.move(handoff_id, "claim", staff_id=staff.id, only_of=handoff.agent_id or "")
        except RequestError as error:
            raise await self._name_winner(handoff_id, error) from error

    async def say(self, staff: StaffView, handoff_id: str, words: str, key: str) -> MessageView:
        """Words to the customer, once for each key; a supervisor may join a talk that is another's."""
        only_of, words = _own(staff), clean_text(words)
        if not words:
            raise RequestError(422, "no_words", "请输入要说的话")
        if len(words) > WORDS_MAX:
            raise RequestError(422, "too_long", f"一次最多{WORDS_MAX}个字，请分开发送")
        return await self._handoffs.say(handoff_id, staff.id, words, key, only_of=only_of)

    async def add_note(self, staff: StaffView, handoff_id: str, words: str) -> None:
        """A note for colleagues, about the customer."""
        handoff = await self._handoffs.get(handoff_id)
        if not await self.is_visible(staff, handoff):
            raise _refuse()
        words = clean_text(words)
        if not words:
            raise RequestError(422, "no_words", "请输入备注")
        await self._handoffs.add_note(handoff.conversation_id, staff.id, words[:WORDS_MAX])

    async def open(self, staff: StaffView, handoff_id: str) -> HandoffView:
        """A talk they may see; that a supervisor looks into another's is written down."""
        handoff = await self._handoffs.get(handoff_id)
        if not await self.is_visible(staff, handoff):
            raise _refuse()
        if not (_is_anybodys(handoff) or await self._is_theirs(staff, handoff)):
            await self._record(staff, "talk_viewed", handoff_id)
        return handoff

    async def is_visible(self, staff: StaffView, handoff: HandoffView) -> bool:
        """Whether it waits for anybody, is or was theirs, or is their customer's; a supervisor sees all."""
        if not may(staff.role, "talk"):
            return False
        return may(staff.role, "oversee") or _is_anybodys(handoff) or await self._is_theirs(staff, handoff)

    async def record_unmasking(self, staff: StaffView, handoff_id: str) -> None:
        """They look at full numbers of a customer they serve: written down before they are shown."""
        _require_talker(staff)
        if not may(staff.role, "oversee") and not await self._is_theirs(staff, await self._handoffs.get(handoff_id)):
            raise RequestError(403, "not_yours", "先接待这位客户，才能看完整号码")
        await self._record(staff, "unmasked", handoff_id)

    async def _is_theirs(self, staff: StaffView, handoff: HandoffView) -> bool:
        if staff.id in (handoff.agent_id, handoff.manager_id):
            return True
        return any(event.agent_id == staff.id for event in await self._handoffs.list_events(handoff.id))

    async def _record(self, staff: StaffView, action: str, handoff_id: str) -> None:
        async with self._database.transaction() as session:
            await record(session, self._clock(), staff.id, action, handoff_id)

    async def _require_agent(self, agent_id: str) -> StaffView:
        if not agent_id:
            raise RequestError(422, "no_agent", "请选择一位同事")
        agent = next((member for member in await self._accounts.list_staff() if member.id == agent_id), None)
        if agent is None or not agent.is_active or not may(agent.role, "talk"):
            raise RequestError(422, "no_agent", "这位同事不接待客户")
        if not is_present(agent, self._clock()):
            raise RequestError(422, "no_agent", "这位同事现在不在，请换一位，或给客户预约回电")
        return agent

    async def _require_own(self, staff: StaffView, handoff_id: str) -> HandoffView:
        _require_talker(staff)
        handoff = await self._handoffs.get(handoff_id)
        if handoff.agent_id != staff.id and not may(staff.role, "oversee"):
            raise _refuse()
        return handoff

    async def _name_winner(self, handoff_id: str, error: RequestError) -> RequestError:
        if error.code != "handoff_moved_on":
            return error
        handoff = await self._handoffs.get(handoff_id)
        if handoff.agent_id is None:
            return error
        winner = await self._accounts.get_staff(handoff.agent_id)
        return RequestError(409, error.code, f"晚了一步，这位客户已由{winner.name}负责")


def _refuse() -> RequestError:
    return RequestError(403, "not_yours", "这个会话不在您这里")


def _is_anybodys(handoff: HandoffView) -> bool:
    return handoff.state in ("requested", "queued") or (handoff.state == "callback" and handoff.agent_id is None)


def _own(staff: StaffView) -> str | None:
    """Only their own; a supervisor's are all; RequestError 403 for who may not talk."""
    _require_talker(staff)
    return None if may(staff.role, "oversee") else staff.id


def _introduce(staff: StaffView) -> str:
    return f"客户经理{staff.name}" if staff.role == "account_manager" else f"客服{staff.name}"


def _rate(handoff: HandoffView) -> list[ReplyButton]:
    return make_rating_buttons(handoff.id)


def _require_talker(staff: StaffView) -> None:
    if not may(staff.role, "talk"):
        raise RequestError(403, "forbidden", "您的角色不接待客户")


def _require_overseer(staff: StaffView) -> None:
    if not may(staff.role, "oversee"):
        raise RequestError(403, "forbidden", "只有主管可以这样操作")
