"""Which encoder reads the questions: drafted by a tuning, or to go back, and put in force by a second person."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from desk.drafts import TopicDrafts
from desk.roles import Permission
from desk.schemas import StaffView
from desk.topics import Act, Problems, Topic
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from knowledge.record import ENCODER_KEY, encoder_revisions
from knowledge.tuned_encoders import TunedEncoders
from knowledge.tuning.schemas import EncoderMetrics
from revisions import rules
from revisions.schemas import Content, RevisionView

DRAFT_WAITS = "有一版正等审核，请先处理那一版"
# The encoder of the settings.
CONFIGURED: Content = {"fingerprint": None}
FIELD_NAMES = {
    "fingerprint": "版本",
    "questions": "学的问法",
    "hit_at_1": "第一个就对",
    "hit_at_3": "前三个里有",
    "golden": "必测题答对",
    "false_alarms": "错当急事",
    "missed_alarms": "没认出急事",
}
SHARES = tuple(EncoderMetrics.model_fields)


class EncoderDrafts(TopicDrafts):
    """See TopicDrafts."""

    def __init__(self, tuned: TunedEncoders, database: Database, clock: Clock = read_clock) -> None:
        super().__init__(make_encoder_topic(tuned), database, clock)

    async def list_versions(self, staff: StaffView) -> list[RevisionView]:
        """All revisions, oldest first; none while the encoder of the settings has always been in force."""
        return (await self.list_all(staff)).get(ENCODER_KEY, [])

    async def find_in_force(self, staff: StaffView) -> str | None:
        """The fingerprint of the tuned encoder that is in force; None: that of the settings is."""
        effective = rules.find_effective(await self.list_versions(staff), self.read_today())
        fingerprint: str | None = effective.content["fingerprint"] if effective else None
        return fingerprint

    async def draft_version(self, staff: StaffView, content: Content) -> None:
        """Drafts an encoder; RequestError 409 while another draft waits."""
        revisions = await self.list_versions(staff)
        if rules.find_draft(revisions):
            raise RequestError(409, "draft_open", DRAFT_WAITS)
        base = rules.find_newest(revisions, self.read_today()) if revisions else None
        await self.save(staff, ENCODER_KEY, content, self.read_today().isoformat(), base)

    async def approve(self, staff: StaffView, *drafts: RevisionView) -> None:
        """See TopicDrafts.approve; an encoder has no day of its own: a draft that waited begins today."""
        self.require(staff, "approve")
        today = self.read_today()
        async with self._database.transaction() as session:
            moved = [
                draft if draft.effective_from >= today else await self._begin(session, draft, today) for draft in drafts
            ]
            await self.approve_in(session, staff, moved, None)

    async def _begin(self, session: AsyncSession, draft: RevisionView, today: date) -> RevisionView:
        # Still what its writer wrote, when they did: who approves it has not written in it.
        waited = session, draft.key, draft.number, draft.version
        return await self._revisions.join(*waited, None, today, by=draft.writers[-1], now=draft.written_at)


def describe_tuned(fingerprint: str, questions: int, before: EncoderMetrics, after: EncoderMetrics) -> Content:
    """The content of a tuned encoder's revision: each share as [before, after]."""
    shares = {name: [getattr(before, name), getattr(after, name)] for name in SHARES}
    return {"fingerprint": fingerprint, "questions": questions, **shares}


def make_encoder_topic(tuned: TunedEncoders) -> Topic:
    """What is drafted: encoders."""

    async def check(session: AsyncSession, key: str, content: Content, day: date) -> tuple[Content, Problems]:
        fingerprint = content["fingerprint"]
        is_there = fingerprint is None or fingerprint in tuned.list_all()
        return content, {} if is_there else {"fingerprint": "这一版的文件已经不在了"}

    permissions: dict[Act, Permission] = {"view": "entries", "draft": "draft_entries", "approve": "approve_entries"}
    return Topic("encoder", "找答案的模型", encoder_revisions, permissions, check, "/encoder")
