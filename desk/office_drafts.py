"""Changes of office hours and of the texts that customers hear: drafted by one, approved by another."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from conversations.customer_texts import complete_words, load_texts
from conversations.office_settings import OFFICE_KEY, complete_office, office_revisions, write_office
from conversations.text_record import text_revisions
from desk.drafts import TopicDrafts
from desk.roles import Permission
from desk.schemas import StaffView
from desk.topics import Act, Problems, Topic
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.working_time import OfficeHours
from revisions.schemas import Content, RevisionView

PATH = "/office"
_PERMISSIONS: Mapping[Act, Permission] = {"view": "office", "draft": "office", "approve": "office"}


async def _check_office(session: AsyncSession, key: str, content: Content, day: date) -> tuple[Content, Problems]:
    return complete_office(content)


async def _check_text(session: AsyncSession, key: str, content: Content, day: date) -> tuple[Content, Problems]:
    return complete_words(key, content)


OFFICE = Topic("office", "上班时间", office_revisions, _PERMISSIONS, _check_office, PATH)
TEXTS = Topic("text", "客户听到的话", text_revisions, _PERMISSIONS, _check_text, PATH)


class SettingDrafts(TopicDrafts):
    """See TopicDrafts. `first` are the contents that count by key until staff change them for the first time.

    They become the first revision then, to which one can roll back.
    """

    def __init__(
        self, topic: Topic, first: Mapping[str, Content], database: Database, clock: Clock = read_clock
    ) -> None:
        super().__init__(topic, database, clock)
        self.first = first

    async def list_revisions(self, staff: StaffView) -> Mapping[str, list[RevisionView]]:
        """Those of each key, oldest first; none of what was never changed."""
        found = await self.list_all(staff)
        return {key: found.get(key, []) for key in self.first}

    async def _prepare(self, session: AsyncSession, key: str) -> None:
        if key not in self.first:
            raise RequestError(404, "unknown_setting", "没有这项设置")
        if not await self._revisions.list_all(session, key):
            await self._revisions.seed(session, key, [(self.read_today(), self.first[key])], self._clock())
            await session.flush()


def make_office_drafts(database: Database, hours: OfficeHours, clock: Clock = read_clock) -> SettingDrafts:
    """Those of the office hours, which are `hours` at first."""
    return SettingDrafts(OFFICE, {OFFICE_KEY: write_office(hours)}, database, clock)


def make_text_drafts(database: Database, clock: Clock = read_clock) -> SettingDrafts:
    """Those of the texts."""
    first = {key: {"text": each.text, "english": ""} for key, each in load_texts().items()}
    return SettingDrafts(TEXTS, first, database, clock)
