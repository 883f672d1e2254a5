"""Reminds customers once of an application that they began and did not hand in."""

import logging
from datetime import datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from applications.drafts import get_time, list_to_remind, take_reminder
from applications.schemas import DraftView
from conversations.notices import tell_customer
from kit.background import guard, repeat
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from products.catalogue import find_product

log = logging.getLogger(__name__)

# A day later WeChat still takes a message (48 hours after the customer's last one), also after a night's wait.
REST = timedelta(hours=20)
MORNING, EVENING = time(9), time(20)  # nobody is reminded at night; China's time
BATCH = 100


class DraftReminders:
    """Every desk process may run one. Where the channel takes nothing any more the draft stays without a reminder."""

    def __init__(self, database: Database, clock: Clock = read_clock, *, poll_seconds: float = 60.0) -> None:
        self._database = database
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Runs until cancelled."""
        await repeat(self.check, seconds=self._poll_seconds)

    async def check(self) -> None:
        """Reminds whoever is due now."""
        now = self._clock()
        if not MORNING <= now.astimezone(CHINA).time() < EVENING:
            return
        async with self._database.reading() as session:
            due = await list_to_remind(session, now - get_time(), now - REST, BATCH)
        for draft_id in due:
            with guard(log, "the reminder of draft %s failed", draft_id):
                async with self._database.transaction() as session:
                    await self._remind(session, draft_id, now)

    async def _remind(self, session: AsyncSession, draft_id: str, now: datetime) -> None:
        draft = await take_reminder(session, draft_id, now - REST, now)
        if draft is None:
            return
        text = write_reminder(draft)
        is_told = await tell_customer(session, draft.conversation_id, text, now, key=f"draft:{draft_id}")
        log.info("draft %s: %s", draft_id, "reminded" if is_told else "the channel takes nothing any more")


def write_reminder(draft: DraftView) -> str:
    """What its customer is told: 您11月26日填的农户贷申请还没有提交, and until when it is kept."""
    product = find_product(str(draft.answers.get("product") or ""))
    day, last = draft.saved_at.astimezone(CHINA), (draft.saved_at + get_time()).astimezone(CHINA)
    what = f"您{day.month}月{day.day}日填的{product.name if product else '贷款'}申请还没有提交，填过的都留着。"
    return f"{what}想接着办，回复“继续申请”；不办了不用管，{last.month}月{last.day}日后自动删除。"
