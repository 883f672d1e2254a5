"""Macros: several acts on a talk in one, all or none of them."""

from sqlalchemy import delete, select

from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from conversations.handoff.service import Handoffs
from conversations.schemas import Value
from desk import customer_wording as wording
from desk.accounts import Accounts
from desk.audit import list_changes, record, record_move
from desk.labels import Labels
from desk.roles import require
from desk.schemas import StaffView
from desk.tables import Macro
from desk.talk_access import TalkAccess
from desk.talks import DISPOSITIONS, NOTE_MAX, SUMMARY_MAX, WORDS_MAX, read_words
from desk.wording import CHANGED_MEANWHILE
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from products.variables import fill_variables

TITLE_MAX = 20
FORBIDDEN = "您的角色不能修改快捷处理"


class MacroValues(Value):
    """What a macro does; what is empty is not done. The reply may hold variables."""

    title: str
    label: str = ""
    note: str = ""
    reply: str = ""
    disposition: str = ""
    summary: str = ""


class MacroView(MacroValues):
    """A macro."""

    id: int


def write_reply(macro: MacroValues | Macro, name: str | None) -> str:
    """What the customer of that name reads, with the numbers of today."""
    return wording.address(fill_variables(macro.reply), name)


class Macros:
    """The macros. RequestError 403 without permission, 404 or 409 when something is gone, 422 for bad input."""

    def __init__(self, database: Database, accounts: Accounts, labels: Labels, clock: Clock = read_clock) -> None:
        self._database = database
        self._labels = labels
        self._handoffs = Handoffs(clock)
        self._access = TalkAccess(HandoffQueries(database, clock), accounts)
        self._clock = clock

    async def list_all(self) -> list[MacroView]:
        """All, by title."""
        async with self._database.reading() as session:
            rows = await session.scalars(select(Macro).order_by(Macro.title, Macro.id))
            return [
                MacroView.model_validate({name: getattr(row, name) for name in MacroView.model_fields}) for row in rows
            ]

    async def save(self, staff: StaffView, values: MacroValues, shown: MacroView | None = None) -> None:
        """Adds one, or changes what was shown; 409 if a colleague changed it since."""
        require(staff.role, "answers", FORBIDDEN)
        values = await self._read(values)
        now, given = self._clock(), values.model_dump()
        async with self._database.transaction() as session:
            before: dict[str, str] = {}
            if shown is None:
                session.add(Macro(**given, updated_at=now))
            else:
                row = await session.get(Macro, shown.id, with_for_update=True)
                if row is None:
                    raise RequestError(404, "unknown_macro", "这个快捷处理已被删除")
                before = {name: getattr(row, name) for name in given}
                if before != shown.model_dump(exclude={"id"}):
                    raise RequestError(409, "changed_meanwhile", CHANGED_MEANWHILE)
                for name, value in given.items():
                    setattr(row, name, value)
                row.updated_at = now
            changes = list_changes(session, before, given)
            await record(session, now, staff.id, "macro_saved", values.title, changes=changes)

    async def remove(self, staff: StaffView, macro_id: int) -> None:
        """Deletes one."""
        require(staff.role, "answers", FORBIDDEN)
        async with self._database.transaction() as session:
            title = await session.scalar(delete(Macro).where(Macro.id == macro_id).returning(Macro.title))
            if title:
                await record(session, self._clock(), staff.id, "macro_removed", title)

    async def run(self, staff: StaffView, handoff_id: str, macro_id: int, key: str) -> HandoffView:
        """Does all of it in a talk of theirs; its reply is said once for each key."""
        before = await self._access.get_own(staff, handoff_id)
        only_of = before.agent_id or ""
        async with self._database.transaction() as session:
            macro = await session.get(Macro, macro_id)
            if macro is None:
                raise RequestError(404, "unknown_macro", "这个快捷处理已被删除")
            if before.state != "active":
                raise RequestError(409, "handoff_moved_on", "这个会话已经不在您这里了")
            after = before
            if macro.label:
                after = await self._handoffs.set_label(session, handoff_id, macro.label, is_on=True)
            if macro.note:
                await self._handoffs.add_note(session, before.conversation_id, staff.id, macro.note)
            if macro.reply:
                words = write_reply(macro, before.name)
                await self._handoffs.say(session, handoff_id, staff.id, words, key, only_of=only_of)
            if macro.disposition:
                closed = await self._handoffs.close(
                    session,
                    handoff_id,
                    disposition=macro.disposition,
                    summary=macro.summary,
                    by=staff.id,
                    only_of=only_of,
                    replies=[wording.ask_rating(handoff_id, is_returned=False)],
                )
                after = await record_move(session, self._clock(), staff.id, "talk_closed", before, closed)
        return after

    async def _read(self, values: MacroValues) -> MacroValues:
        title = read_words(values.title, TITLE_MAX, "名称")
        note, reply = read_words(values.note, NOTE_MAX, "备注"), read_words(values.reply, WORDS_MAX, "回复")
        summary = read_words(values.summary, SUMMARY_MAX, "小结") if values.disposition else ""
        if not title or not (values.label or note or reply or values.disposition):
            raise RequestError(422, "empty_macro", "请填写名称，和至少一件要做的事")
        if values.label and values.label not in await self._labels.list_all():
            raise RequestError(422, "unknown_label", "没有这个标签")
        if values.disposition and values.disposition not in DISPOSITIONS:
            raise RequestError(422, "no_disposition", "请选择处理结果")
        if values.disposition and not summary:
            raise RequestError(422, "no_summary", "结束会话要写一句小结")
        wording.require_known_variables(reply)
        return MacroValues(
            title=title, label=values.label, note=note, reply=reply, disposition=values.disposition, summary=summary
        )
