"""Drafts of knowledge entries: what they are refused for, and the trial that each must pass to be published."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from desk.answer_pictures import list_all_pictures
from desk.drafts import TopicDrafts
from desk.entry_table import check_entry, find_gone, make_entry_table
from desk.roles import Permission
from desk.schemas import StaffView
from desk.topics import Act, Problems, Topic
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import InvalidFields, RequestError, ServiceRefused, ServiceUnavailable
from knowledge.answer_pictures import list_missing
from knowledge.batch_tests import BatchQuestion, BatchTestView
from knowledge.client import KnowledgeClient
from knowledge.hits import HitTestView
from knowledge.record import count_editions, entry_revisions
from knowledge.schemas import Alike, EntryText, Match
from knowledge.trials import DRAFTS_MAX, DraftIn, TrialView
from revisions.schemas import Content, RevisionView

CHANGED_MAX = 300
MEANT_MAX = 10


class TrialFailed(RequestError):
    """Golden questions would go wrong: the draft is not published."""

    def __init__(self, trial: TrialView) -> None:
        super().__init__(409, "trial_failed", f"{len(trial.failures)}个问题会答错，没有发布")
        self.trial = trial


class EntryDrafts(TopicDrafts):
    """See TopicDrafts; an approval tries the golden questions out first.

    It raises TrialFailed if one goes wrong, RequestError 503 without the knowledge service.
    """

    def __init__(
        self,
        database: Database,
        knowledge: KnowledgeClient,
        clock: Clock = read_clock,
        *,
        link_hosts: Collection[str] = (),
    ) -> None:
        """Answers may link to `link_hosts`."""
        topic = make_entry_topic(clock, link_hosts)
        super().__init__(topic, database, clock)
        self.table = make_entry_table(topic, clock, link_hosts)
        self._knowledge = knowledge

    async def find_alike(self, staff: StaffView, texts: Sequence[str], entry_id: str | None) -> Sequence[Alike]:
        """The texts that another entry has already, or nearly; none without the knowledge service: it only helps."""
        self.topic.require(staff, "draft")
        try:
            return (await self._knowledge.find_alike(texts, entry_id)).alike
        except (ServiceUnavailable, ServiceRefused):
            return ()

    async def find_by_meaning(self, staff: StaffView, words: str) -> Sequence[Match]:
        """The entries in force that mean the words, best first; none without the knowledge service."""
        self.topic.require(staff, "view")
        try:
            return await self._knowledge.search_for_staff(words, MEANT_MAX)
        except (ServiceUnavailable, ServiceRefused):
            return ()

    async def change_all(
        self, staff: StaffView, bases: Sequence[RevisionView], changes: Content, effective_from: str
    ) -> int:
        """Drafts the same changes of several entries, all or none; how many differ from what is approved.

        Each begins on the day, or on its own if that is later. Overtaken as in `save`; another RequestError names the
        entry that will not do.
        """
        self.topic.require(staff, "draft")
        if not 1 <= len(bases) <= CHANGED_MAX:
            raise RequestError(422, "too_many", f"请选1到{CHANGED_MAX}条")
        count = 0
        async with self._database.transaction() as session:
            for base in bases:
                day = max(effective_from, base.effective_from.isoformat()) if effective_from else ""
                with _name_entry(base):
                    count += await self._change(session, staff, base, base.content | changes, day)
        if not count:
            raise RequestError(422, "nothing_changed", "选中的已经都是这样，没有改动")
        return count

    async def _change(
        self, session: AsyncSession, staff: StaffView, base: RevisionView, content: Content, day: str
    ) -> bool:
        if content == base.content:
            return False
        await self._save(session, staff, base.key, content, day, base)
        return True

    async def test_hit(
        self, staff: StaffView, question: str, draft: RevisionView | None = None, at: datetime | None = None
    ) -> HitTestView:
        """What a question finds, also with a draft or at a moment of the past."""
        self.topic.require(staff, "view")
        with _need_knowledge():
            return await self._knowledge.test_hit(question, _read(draft) if draft else None, at)

    async def test_all(
        self, staff: StaffView, questions: Sequence[BatchQuestion], *, with_drafts: bool
    ) -> BatchTestView:
        """What many questions find, also with all drafts that wait."""
        self.topic.require(staff, "view")
        async with self._database.reading() as session:
            drafts = await entry_revisions.list_drafts(session) if with_drafts else []
        with _need_knowledge():
            return await self._knowledge.test_all(questions, [_read(draft) for draft in drafts[:DRAFTS_MAX]])

    async def try_out(self, staff: StaffView, draft: RevisionView) -> TrialView:
        """How the golden questions would fare with a draft."""
        self.topic.require(staff, "view")
        with _need_knowledge():
            return await self._knowledge.try_out([_read(draft)])

    async def _try_out(self, drafts: Sequence[RevisionView]) -> int:
        with _need_knowledge():
            trial = await self._knowledge.try_out([_read(draft) for draft in drafts])
        if trial.failures:
            raise TrialFailed(trial)
        return trial.version

    async def _count_published(self, session: AsyncSession) -> int:
        return await count_editions(session)


def _read(draft: RevisionView) -> DraftIn:
    return DraftIn.read(draft.key, EntryText.model_validate(draft.content))


@contextmanager
def _name_entry(base: RevisionView) -> Iterator[None]:
    """An error about one of several entries says which, unless it is about the day, which they share."""
    try:
        yield
    except InvalidFields as error:
        if "effective_from" in error.problems:
            raise
        reason = next(iter(error.problems.values()), error.reason)
        raise RequestError(error.status, error.code, f"《{base.content['question']}》：{reason}") from None


@contextmanager
def _need_knowledge() -> Iterator[None]:
    try:
        yield
    except (ServiceUnavailable, ServiceRefused) as error:
        raise RequestError(503, "knowledge_down", "知识服务没有响应，没法试答，请稍后再试") from error


def make_entry_topic(clock: Clock, link_hosts: Collection[str] = ()) -> Topic:
    """What is drafted: entries, whose answers may link to `link_hosts`."""

    async def check(session: AsyncSession, entry_id: str, content: Content, day: date) -> tuple[Content, Problems]:
        checked, problems = check_entry(content, day, clock, link_hosts)
        return checked, problems or find_gone(checked, await list_missing(session, list_all_pictures([checked])))

    permissions: dict[Act, Permission] = {"view": "entries", "draft": "draft_entries", "approve": "approve_entries"}
    return Topic("entry", "知识", entry_revisions, permissions, check, "/entries")
