"""Changes under revision: drafted by editors, approved by approvers, each with its audit record in one transaction."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from desk.roles import may
from desk.schemas import StaffView
from desk.topics import Act, Problems, RevisionsByKey, Topic, record_moves
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.errors import InvalidFields, RequestError
from kit.text import clean_text
from revisions import rules
from revisions.schemas import Content, RevisionView
from revisions.service import move_change

REASON_MAX = 100
INVALID = "invalid_draft"
PART_OF_CHANGE = "这份草稿和产品的改动一起生效，请到“产品”页一起审核"


class Overtaken(RequestError):
    """A colleague has changed the key since; `now` is what it has become."""

    def __init__(self, now: RevisionView) -> None:
        super().__init__(409, "overtaken", "同事刚刚改过，请看过新的内容再提交")
        self.now = now


class TopicDrafts:
    """Reads and changes the revisions of a topic.

    RequestError 403 without the permission, 409 after a colleague's act. Nobody approves what they wrote in, whatever
    their role.
    """

    def __init__(self, topic: Topic, database: Database, clock: Clock = read_clock) -> None:
        self.topic = topic
        self._revisions = topic.revisions
        self._database = database
        self._clock = clock

    def read_today(self) -> date:
        """Today in China."""
        return self._clock().astimezone(CHINA).date()

    def may(self, staff: StaffView, act: Act) -> bool:
        """Whether they may."""
        return may(staff.role, self.topic.permissions[act])

    def require(self, staff: StaffView, act: Act) -> None:
        """RequestError 403 without the permission."""
        self.topic.require(staff, act)

    async def list_all(self, staff: StaffView) -> RevisionsByKey:
        """The revisions of each key, oldest first."""
        self.topic.require(staff, "view")
        async with self._database.reading() as session:
            return await self.topic.read_revisions(session)

    async def count_for(self, staff: StaffView) -> int:
        """How many drafts wait that they may approve."""
        if not self.may(staff, "approve"):
            return 0
        async with self._database.reading() as session:
            drafts = await self._revisions.list_drafts(session)
        return sum(staff.id not in draft.writers for draft in drafts)

    async def save(
        self,
        staff: StaffView,
        key: str,
        content: Content,
        effective_from: str,
        base: RevisionView | None = None,
        *,
        is_new: bool = False,
    ) -> None:
        """Makes a draft from the revision `base`, or changes it if it is an open draft.

        InvalidFields names the fields that will not do; Overtaken if the key has changed since `base` was read.
        """
        self.topic.require(staff, "draft")
        async with self._database.transaction() as session:
            await self._save(session, staff, key, content, effective_from, base, is_new=is_new)

    async def _prepare(self, session: AsyncSession, key: str) -> None:
        """What a topic does before a key is changed; raises RequestError for one that may not be."""

    async def _save(
        self,
        session: AsyncSession,
        staff: StaffView,
        key: str,
        content: Content,
        effective_from: str,
        base: RevisionView | None,
        *,
        is_new: bool = False,
    ) -> None:
        today, now = self.read_today(), self._clock()
        problems: Problems = {}
        day = read_day(effective_from, today, problems)
        await self._revisions.lock(session)
        await self._prepare(session, key)
        mine = await self._revisions.list_all(session, key)
        if base:
            newest = rules.find_newest(mine, today)
            if (newest.number, newest.version) != (base.number, base.version):
                raise Overtaken(newest)
        if is_new and mine:
            problems["id"] = f"已有这个编号的{self.topic.noun}"
        content, found = await self.topic.check(session, key, content, max(day or today, today))
        problems |= found
        if problems or day is None:
            raise InvalidFields(INVALID, problems)
        before = find_base(mine, day)
        if before == content:
            raise RequestError(422, "nothing_changed", f"和{day}生效的内容一样，没有改动")
        when: dict[str, Any] = {"by": staff.id, "now": now, "today": today}
        if base and base.state == "draft":
            saved = await self._revisions.revise(session, key, base.number, base.version, content, day, **when)
        else:
            saved = await self._revisions.draft(session, key, content, day, **when)
        await self.topic.record(session, now, staff, "drafted", saved, before)
        if saved.change:
            moved = await move_change(session, saved.change, day, by=staff.id, now=now)
            await record_moves(session, now, staff, moved)

    async def require_unchanged(self, session: AsyncSession, key: str, shown: RevisionView | None) -> None:
        """RequestError 409 unless a key's open draft is the one that was shown; None: there was none."""
        draft = rules.find_draft(await self._revisions.list_all(session, key))
        if (draft and (draft.number, draft.version)) != (shown and (shown.number, shown.version)):
            raise RequestError(409, "draft_changed", rules.CHANGED)

    async def draft_in(
        self,
        session: AsyncSession,
        staff: StaffView,
        key: str,
        content: Content,
        day: date,
        change: str,
        rolls_back: int | None = None,
    ) -> None:
        """Drafts a content for a change, in the caller's transaction. An open draft of the key becomes it."""
        self.topic.require(staff, "draft")
        today, now = self.read_today(), self._clock()
        mine = await self._revisions.list_all(session, key)
        content, problems = await self.topic.check(session, key, content, day)
        if problems:
            raise InvalidFields(INVALID, problems)
        when: dict[str, Any] = {"by": staff.id, "now": now, "today": today}
        draft = rules.find_draft(mine) if rolls_back is None else None
        if draft and draft.change not in (None, change):
            raise RequestError(409, "in_another_change", "这份草稿属于另一次改动，请先处理那一次")
        if draft:
            shown = session, key, draft.number, draft.version
            draft = await self._revisions.join(*shown, change, day, by=staff.id, now=now)
            saved = await self._revisions.revise(session, key, draft.number, draft.version, content, day, **when)
        else:
            when |= {"rolls_back": rolls_back, "change": change}
            saved = await self._revisions.draft(session, key, content, day, **when)
        await self.topic.record(session, now, staff, "drafted", saved, find_base(mine, day))

    async def roll_back(self, staff: StaffView, key: str, number: int) -> None:
        """Drafts an earlier revision again, for today; its day can be changed like that of any draft."""
        self.topic.require(staff, "draft")
        today, now = self.read_today(), self._clock()
        async with self._database.transaction() as session:
            when: dict[str, Any] = {"by": staff.id, "now": now, "today": today}
            draft = await self._revisions.roll_back(session, key, number, today, **when)
            before = find_base(await self._revisions.list_all(session, key), today)
            await self._require_valid(session, draft)
            await self.topic.record(session, now, staff, "drafted", draft, before)

    async def approve(self, staff: StaffView, *drafts: RevisionView) -> None:
        """Approves the drafts that were shown, all or none; 409 for what is decided with a change (desk/changes.py)."""
        if any(draft.change for draft in drafts):
            raise RequestError(409, "part_of_change", PART_OF_CHANGE)
        tried_at = await self.try_out_all(staff, drafts)
        async with self._database.transaction() as session:
            await self.approve_in(session, staff, drafts, tried_at)

    async def approve_in(
        self,
        session: AsyncSession,
        staff: StaffView,
        drafts: Sequence[RevisionView],
        tried_at: int | None,
    ) -> None:
        """Approves them in the caller's transaction; `tried_at` is what `try_out_all` said."""
        today, now = self.read_today(), self._clock()
        # Two who approve at once have both been tried out, and never together.
        await self._revisions.lock(session)
        if tried_at is not None and tried_at != await self._count_published(session):
            raise RequestError(409, "tried_before", "刚有别的内容发布，请再通过一次")
        for draft in drafts:
            before = find_base(await self._revisions.list_all(session, draft.key), draft.effective_from)
            approved = await self._revisions.approve(
                session, draft.key, draft.number, draft.version, by=staff.id, now=now, today=today
            )
            # What it was checked against may have changed since it was written.
            await self._require_valid(session, approved)
            await self.topic.record(session, now, staff, "approved", approved, before)

    async def try_out_all(self, staff: StaffView, drafts: Sequence[RevisionView]) -> int | None:
        """Whether they may be approved together, tried beforehand; how many had been approved then, if that counts."""
        self.topic.require(staff, "approve")
        return await self._try_out(drafts) if drafts else None

    async def refuse(self, staff: StaffView, draft: RevisionView, reason: str) -> None:
        """Refuses the draft that was shown, with a reason for its writer."""
        if draft.change:
            raise RequestError(409, "part_of_change", PART_OF_CHANGE)
        async with self._database.transaction() as session:
            await self.refuse_in(session, staff, [draft], reason)

    async def refuse_in(
        self, session: AsyncSession, staff: StaffView, drafts: Sequence[RevisionView], reason: str
    ) -> None:
        """Refuses them in the caller's transaction."""
        self.topic.require(staff, "approve")
        reason, now = clean_text(reason), self._clock()
        if not 1 <= len(reason) <= REASON_MAX:
            raise InvalidFields(INVALID, {"reason": f"请写明原因，最多{REASON_MAX}字"})
        for draft in drafts:
            shown = session, draft.key, draft.number, draft.version
            refused = await self._revisions.refuse(*shown, reason, by=staff.id, now=now)
            await self.topic.record(session, now, staff, "refused", refused, reason=reason)

    async def withdraw(self, staff: StaffView, draft: RevisionView) -> None:
        """Withdraws the draft that was shown, of which they are a writer."""
        async with self._database.transaction() as session:
            await self.withdraw_in(session, staff, draft)

    async def withdraw_in(self, session: AsyncSession, staff: StaffView, draft: RevisionView) -> None:
        """Withdraws it in the caller's transaction."""
        self.topic.require(staff, "draft")
        now = self._clock()
        withdrawn = await self._revisions.withdraw(
            session, draft.key, draft.number, draft.version, by=staff.id, now=now
        )
        await self.topic.record(session, now, staff, "withdrawn", withdrawn)

    async def _try_out(self, drafts: Sequence[RevisionView]) -> int | None:
        """A topic may refuse drafts by what they would do; how many had been approved then. None: nothing is tried."""
        return None

    async def _count_published(self, session: AsyncSession) -> int:
        """What `_try_out` counts, now."""
        return await self._revisions.count_approved(session)

    async def _require_valid(self, session: AsyncSession, revision: RevisionView) -> None:
        _, problems = await self.topic.check(session, revision.key, revision.content, revision.effective_from)
        if problems:
            raise InvalidFields(INVALID, problems)


def find_base(revisions: Sequence[RevisionView], day: date) -> Content | None:
    """What is approved for a day: what a draft for that day is compared with."""
    found = rules.find_effective(revisions, day)
    return found.content if found else None


def read_day(text: str, today: date, problems: Problems) -> date | None:
    """The day a draft is to begin; what is wrong with it goes into the problems."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        problems["effective_from"] = "请选择生效日期"
        return None
    if day < today:
        problems["effective_from"] = "生效日期不能早于今天"
    return day
