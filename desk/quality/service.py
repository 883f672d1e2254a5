"""Acts on quality checks, with their permission checks, audit records and notifications."""

from collections.abc import Mapping, Sequence
from typing import cast

from sqlalchemy import or_
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.handoff.queries import HandoffQueries
from desk import staff_repository
from desk.audit import record
from desk.notifications import notifier
from desk.quality import repository
from desk.quality.schemas import CheckedTalk, CheckView
from desk.quality.sheets import Marks, Sheet, compute_score, find_problems, load_sheets
from desk.roles import may, require
from desk.schemas import StaffView
from desk.tables import QualityCheck
from desk.talk_access import require_overseer, require_talker
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import InvalidFields, RequestError
from kit.pubsub import Signal, publish
from kit.text import clean_text

SUBJECT = "quality"
WORDS_MAX = 500
LISTED_MAX = 200


class QualityChecks:
    """One method, one transaction. RequestError 403 without the right, 409 when a colleague was faster, 422 for bad
    input; an act that is done already is not done twice.
    """

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._handoffs = HandoffQueries(database, clock)
        self._clock = clock

    async def get(self, staff: StaffView, check_id: str) -> CheckView:
        """One that they may see: supervisors others', agents their own once it was delivered."""
        require_talker(staff)
        async with self._database.reading() as session:
            found = await repository.list_checks(session, QualityCheck.id == check_id, limit=1)
        if not found:
            raise RequestError(404, "no_check", "没有这份质检，可能已经不查了")
        is_theirs = found[0].agent_id == staff.id and found[0].state != "open"
        if not is_theirs and not _may_check(staff, found[0]):
            raise RequestError(403, "not_yours", "只能看自己的质检")
        return found[0]

    async def list_for_checkers(self, staff: StaffView) -> list[CheckedTalk]:
        """All supervisors' checks, without those of their own talks: what is to be done first, then the newest."""
        require_overseer(staff)
        of_others = QualityCheck.agent_id != staff.id
        async with self._database.reading() as session:
            to_do = QualityCheck.state.in_(("open", "objected"))
            checks = await repository.list_checks(session, of_others, to_do, limit=LISTED_MAX)
            newest = QualityCheck.delivered_at.desc()
            checks += await repository.list_checks(session, of_others, ~to_do, limit=LISTED_MAX // 4, order=newest)
        return await self._add_talks(checks)

    async def list_own(self, staff: StaffView) -> list[CheckedTalk]:
        """What supervisors wrote about their talks, the newest first."""
        require_talker(staff)
        is_theirs = QualityCheck.agent_id == staff.id, QualityCheck.state != "open"
        async with self._database.reading() as session:
            newest = QualityCheck.delivered_at.desc()
            checks = await repository.list_checks(session, *is_theirs, limit=LISTED_MAX, order=newest)
        return await self._add_talks(checks)

    async def count_to_do(self, staff: StaffView) -> int:
        """A supervisor's open checks and all objections."""
        require_overseer(staff)
        is_theirs = or_(QualityCheck.checker_id == staff.id, QualityCheck.state == "objected")
        async with self._database.reading() as session:
            others = QualityCheck.agent_id != staff.id
            return await repository.count_checks(session, ["open", "objected"], is_theirs, others)

    async def count_unread(self, staff: StaffView) -> int:
        """An agent's checks that they have not answered."""
        async with self._database.reading() as session:
            return await repository.count_checks(session, ["delivered"], QualityCheck.agent_id == staff.id)

    async def save(self, staff: StaffView, check_id: str, marks: Mapping[str, str], feedback: str) -> None:
        """Keeps what is filled in so far."""
        async with self._database.transaction() as session:
            check = await self._take_own_open(session, staff, check_id)
            check.marks = {code: mark for code, mark in marks.items() if code in load_sheets()[check.sheet_day]}
            check.feedback = _read(feedback, "反馈", "feedback") or None

    async def deliver(self, staff: StaffView, check_id: str, marks: Mapping[str, str], feedback: str) -> None:
        """Gives it to the agent, who is notified."""
        now = self._clock()
        async with self._database.transaction() as session:
            check = await repository.take_check(session, check_id)
            if check.state == "delivered" and check.checker_id == staff.id:
                return
            check = await self._take_own_open(session, staff, check_id)
            words = _read(feedback, "反馈", "feedback")
            problems = find_problems(load_sheets()[check.sheet_day], marks)
            if not words:
                problems["feedback"] = "请写几句反馈，好的也说"
            if problems:
                raise InvalidFields("invalid_check", problems)
            _mark(check, marks)
            check.feedback, check.state, check.delivered_at = words, "delivered", now
            await record(session, now, staff.id, "quality_delivered", check.handoff_id, score=check.score)
            text = f"您有一份质检反馈\n{check.score}分，请看过后确认"
            await self._tell(session, check.agent_id, check, text, "/my-quality")

    async def take_over(self, staff: StaffView, check_id: str) -> None:
        """Goes on with a colleague's open check."""
        async with self._database.transaction() as session:
            check = await repository.take_check(session, check_id)
            _require_checker(staff, check)
            if check.state != "open":
                raise RequestError(409, "check_moved_on", "这份质检刚发给坐席了")
            if check.checker_id == staff.id:
                return
            before, check.checker_id = check.checker_id, staff.id
            details = {"from": before, "to": staff.id}
            await record(session, self._clock(), staff.id, "quality_taken_over", check.handoff_id, **details)
            await self._tell(session, before, check, f"{staff.name}接过了您的一份质检", "/quality")

    async def discard(self, staff: StaffView, check_id: str) -> None:
        """Gives up an open check of theirs: the talk can be drawn again."""
        async with self._database.transaction() as session:
            check = await self._take_own_open(session, staff, check_id)
            await session.delete(check)
            await record(session, self._clock(), staff.id, "quality_discarded", check.handoff_id)
            await publish(session, Signal(SUBJECT, "changed", check.id))

    async def acknowledge(self, staff: StaffView, check_id: str) -> None:
        """The agent has read it."""
        async with self._database.transaction() as session:
            check = await _take_of_agent(session, staff, check_id)
            if check.state == "acknowledged":
                return
            _require_unanswered(check)
            check.state, check.answered_at = "acknowledged", self._clock()
            await record(session, self._clock(), staff.id, "quality_acknowledged", check.handoff_id)
            await publish(session, Signal(SUBJECT, "changed", check.id))

    async def object_to(self, staff: StaffView, check_id: str, words: str) -> None:
        """The agent does not agree, and says why; once."""
        words = _read(words, "异议", "objection", is_required=True)
        async with self._database.transaction() as session:
            check = await _take_of_agent(session, staff, check_id)
            if check.state == "objected" and check.objection == words:
                return
            _require_unanswered(check)
            check.state, check.objection, check.answered_at = "objected", words, self._clock()
            await record(session, self._clock(), staff.id, "quality_objected", check.handoff_id)
            await self._tell(session, check.checker_id, check, f"{staff.name}对质检有异议", "/quality")

    async def settle(self, staff: StaffView, check_id: str, marks: Mapping[str, str], words: str) -> None:
        """Any supervisor decides about an objection: the marks as they are from now on, and why."""
        words = _read(words, "答复", "settlement", is_required=True)
        now = self._clock()
        async with self._database.transaction() as session:
            check = await repository.take_check(session, check_id)
            _require_checker(staff, check)
            if check.state == "settled" and check.settlement == words:
                return
            if check.state != "objected":
                raise RequestError(409, "check_moved_on", "同事刚处理过这个异议")
            if problems := find_problems(load_sheets()[check.sheet_day], marks):
                raise InvalidFields("invalid_check", problems)
            before = check.score
            _mark(check, marks)
            check.state, check.settlement, check.settled_at = "settled", words, now
            changes = {"score": [before, check.score]} if before != check.score else {}
            await record(session, now, staff.id, "quality_settled", check.handoff_id, changes=changes)
            await self._tell(session, check.agent_id, check, f"您的质检异议有答复了\n{check.score}分", "/my-quality")

    async def _add_talks(self, checks: Sequence[CheckView]) -> list[CheckedTalk]:
        talks = {each.id: each for each in await self._handoffs.list_of_ids([check.handoff_id for check in checks])}
        return [CheckedTalk(check=check, handoff=talks.get(check.handoff_id)) for check in checks]

    async def _take_own_open(self, session: AsyncSession, staff: StaffView, check_id: str) -> QualityCheck:
        check = await repository.take_check(session, check_id)
        _require_checker(staff, check)
        if check.checker_id != staff.id:
            raise await name_checker(session, check)
        if check.state != "open":
            raise RequestError(409, "check_moved_on", "这份质检已经发给坐席了")
        return check

    async def _tell(self, session: AsyncSession, staff_id: str, check: QualityCheck, text: str, path: str) -> None:
        now = self._clock()
        key = f"quality:{check.id}:{check.state}:{now.timestamp():.0f}"
        await notifier.add(session, staff_id, key, text, f"{path}/{check.id}", now=now)
        await publish(session, Signal(SUBJECT, "changed", check.id))


def _may_check(staff: StaffView, check: CheckView | QualityCheck) -> bool:
    return may(staff.role, "oversee") and check.agent_id != staff.id


def refuse_own() -> RequestError:
    return RequestError(403, "own_talk", "自己接待的会话由别的主管质检")


def _require_checker(staff: StaffView, check: QualityCheck) -> None:
    require_overseer(staff)
    if not _may_check(staff, check):
        raise refuse_own()


async def _take_of_agent(session: AsyncSession, staff: StaffView, check_id: str) -> QualityCheck:
    require(staff.role, "talk", "只能看自己的质检")
    check = await repository.take_check(session, check_id)
    if check.agent_id != staff.id or check.state == "open":
        raise RequestError(403, "not_yours", "只能答复自己的质检")
    return check


def _require_unanswered(check: QualityCheck) -> None:
    if check.state != "delivered":
        raise RequestError(409, "answered", "这份质检您已经答复过了")


async def name_checker(session: AsyncSession, check: QualityCheck) -> RequestError:
    names = await staff_repository.list_names(session, [check.checker_id])
    return RequestError(409, "checked_by_other", f"{names.get(check.checker_id, '同事')}正在质检这个会话")


def _mark(check: QualityCheck, marks: Mapping[str, str]) -> None:
    sheet: Sheet = load_sheets()[check.sheet_day]
    known = cast(Marks, {code: marks[code] for code in sheet})
    check.marks = dict(known)
    check.score, check.is_failed = compute_score(sheet, known)


def _read(words: str, what: str, field: str, *, is_required: bool = False) -> str:
    words = clean_text(words)
    if len(words) > WORDS_MAX:
        raise InvalidFields("too_long", {field: f"{what}最多{WORDS_MAX}字，现在{len(words)}字"})
    if is_required and not words:
        raise InvalidFields("no_words", {field: f"请写几句{what}"})
    return words
