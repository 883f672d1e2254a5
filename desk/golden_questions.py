"""Golden questions on the staff site: editors add them, approvers remove them."""

from collections.abc import Sequence

from desk.audit import record
from desk.roles import require
from desk.schemas import StaffView
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.errors import InvalidFields, RequestError
from kit.text import clean_text
from knowledge.golden_questions import (
    GoldenView,
    add_golden_questions,
    has_golden_question,
    remove_golden_question,
    view_golden_questions,
)
from knowledge.record import entry_revisions
from understanding.turn_masking import mask_text

TEXT_MAX = 200


class GoldenQuestions:
    """One method, one transaction, with its audit record."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def list_all(self, staff: StaffView) -> Sequence[GoldenView]:
        """All of them, the newest first; RequestError 403."""
        require(staff.role, "entries", "您的角色不能查看必测题")
        async with self._database.reading() as session:
            return await view_golden_questions(session)

    async def list_titles(self) -> dict[str, str]:
        """The questions of the entries in force, by id."""
        async with self._database.reading() as session:
            found = await entry_revisions.list_effective(session, self._clock().astimezone(CHINA).date())
        return {each.key: each.content["question"] for each in found if not each.content.get("is_retired")}

    async def add(self, staff: StaffView, text: str, entry_id: str | None) -> None:
        """Adds a question that the entry must answer, None: that must not be answered.

        What looks like personal data is masked. RequestError 403, InvalidFields.
        """
        require(staff.role, "draft_entries", "只有知识编辑能加必测题")
        text, now = mask_text(clean_text(text)), self._clock()
        async with self._database.transaction() as session:
            problems = {}
            if not 2 <= len(text) <= TEXT_MAX:
                problems["text"] = f"请写2到{TEXT_MAX}个字"
            elif await has_golden_question(session, text):
                problems["text"] = "已有这道必测题"
            if entry_id is not None and not await entry_revisions.list_all(session, entry_id):
                problems["entry_id"] = "没有这条知识"
            if problems:
                raise InvalidFields("invalid_golden_question", problems)
            add_golden_questions(session, [text], entry_id, now, by=staff.id)
            await record(session, now, staff.id, "golden_added", entry_id or "", text=text)

    async def remove(self, staff: StaffView, question_id: int) -> None:
        """Removes one: from then on it hinders no publication. RequestError 403 or 409."""
        require(staff.role, "approve_entries", "只有知识审核能删必测题")
        async with self._database.transaction() as session:
            removed = await remove_golden_question(session, question_id)
            if removed is None:
                raise RequestError(409, "gone", "这道题刚被同事删了")
            await record(session, self._clock(), staff.id, "golden_removed", removed.entry_id or "", text=removed.text)
