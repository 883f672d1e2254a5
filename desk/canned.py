"""Canned answers: texts that agents send as they are, with the figures of products in force when they do."""

from sqlalchemy import delete, or_, select

from conversations.schemas import Value
from desk.audit import list_changes, record
from desk.customer_wording import require_known_variables
from desk.roles import require
from desk.schemas import StaffView
from desk.tables import CannedAnswer
from desk.wording import CHANGED_MEANWHILE
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.text import clean_text
from products.variables import fill_variables

TITLE_MAX, TEXT_MAX = 64, 2000
FORBIDDEN = "您的角色不能修改常用语"


class CannedView(Value):
    """One canned answer; `text` is as it is written, with variables."""

    id: int
    title: str
    text: str

    @property
    def said(self) -> str:
        """What customers are told today."""
        return fill_variables(self.text)


class CannedAnswers:
    """The canned answers. One method, one transaction; changes need the permission `answers`."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def search(self, words: str = "", limit: int = 50) -> list[CannedView]:
        """Those that contain the words in title or text, by title."""
        query = select(CannedAnswer).order_by(CannedAnswer.title, CannedAnswer.id).limit(limit)
        if part := clean_text(words):
            columns = CannedAnswer.title, CannedAnswer.text
            query = query.where(or_(*(column.icontains(part, autoescape=True) for column in columns)))
        async with self._database.reading() as session:
            return [CannedView(id=row.id, title=row.title, text=row.text) for row in await session.scalars(query)]

    async def save(self, staff: StaffView, title: str, text: str, shown: CannedView | None = None) -> None:
        """Adds one, or changes what was shown. RequestError 403, 404, 409 if a colleague changed it since, or 422."""
        require(staff.role, "answers", FORBIDDEN)
        title, text = clean_text(title), clean_text(text)
        if not title or not text or len(title) > TITLE_MAX or len(text) > TEXT_MAX:
            raise RequestError(422, "invalid_answer", f"请填写标题（最多{TITLE_MAX}字）和内容（最多{TEXT_MAX}字）")
        require_known_variables(text)
        now = self._clock()
        values = {"title": title, "text": text, "updated_at": now}
        async with self._database.transaction() as session:
            before: dict[str, str] = {}
            if shown is None:
                session.add(CannedAnswer(**values))
            else:
                row = await session.get(CannedAnswer, shown.id, with_for_update=True)
                if row is None:
                    raise RequestError(404, "unknown_answer", "这条常用语已被删除")
                before = {"title": row.title, "text": row.text}
                if before != {"title": shown.title, "text": shown.text}:
                    raise RequestError(409, "changed_meanwhile", CHANGED_MEANWHILE)
                row.title, row.text, row.updated_at = title, text, now
            changes = list_changes(session, before, {"title": title, "text": text})
            await record(session, now, staff.id, "canned_saved", title, changes=changes)

    async def remove(self, staff: StaffView, answer_id: int) -> None:
        """Deletes one."""
        require(staff.role, "answers", FORBIDDEN)
        async with self._database.transaction() as session:
            removal = delete(CannedAnswer).where(CannedAnswer.id == answer_id)
            removed = (await session.execute(removal.returning(CannedAnswer.title, CannedAnswer.text))).one_or_none()
            if removed:
                changes = {"text": [removed.text, None]}
                await record(session, self._clock(), staff.id, "canned_removed", removed.title, changes=changes)
