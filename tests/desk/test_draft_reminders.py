"""Drafts: their customers are reminded once, by day, where the channel takes it."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from applications.drafts import Drafts
from applications.schemas import DraftIn
from conversations.english import to_english
from conversations.service import Conversations
from conversations.tables import Conversation, Message
from desk.draft_reminders import DraftReminders
from kit.clock import CHINA
from kit.database import Database
from tests.fakes import FixedClock

SAID = "您7月1日填的农户贷申请还没有提交，填过的都留着。想接着办，回复“继续申请”；不办了不用管，7月31日后自动删除。"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 7, 1, 15, 0, tzinfo=CHINA))


class Waiting:
    """A customer whose application is half filled in."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.database, self.clock = database, clock
        self.drafts, self.reminders = Drafts(database, clock), DraftReminders(database, clock)
        self.id = ""

    async def begin(self, channel: str = "web", **window: Any) -> None:
        self.id = (await Conversations(self.database, self.clock).open_conversation(channel, "wang")).id
        if window:
            async with self.database.transaction() as session:
                await session.execute(update(Conversation).where(Conversation.id == self.id).values(**window))
        await self.save()

    async def save(self, **answers: Any) -> None:
        told = answers or {"product": "农户贷", "amount": 50_000}
        await self.drafts.save(DraftIn(conversation_id=self.id, answers=told))

    async def hear(self, **passed: float) -> list[str]:
        """What was said once so much time has passed; two processes look at once."""
        self.clock.move(**passed)
        await self.reminders.check()
        await DraftReminders(self.database, self.clock).check()
        async with self.database.reading() as session:
            return list(await session.scalars(select(Message.text).where(Message.conversation_id == self.id)))


@pytest.fixture
def waiting(database: Database, clock: FixedClock) -> Waiting:
    return Waiting(database, clock)


async def test_once_on_the_next_day(waiting: Waiting) -> None:
    await waiting.begin()
    assert await waiting.hear(hours=6) == []
    assert await waiting.hear(hours=13) == [], "too early"
    assert await waiting.hear(hours=2) == [SAID]
    await waiting.save(product="农户贷", amount=60_000)
    assert await waiting.hear(days=2) == [SAID]


async def test_not_at_night(waiting: Waiting) -> None:
    await waiting.begin()
    assert await waiting.hear(hours=29.5) == []
    assert await waiting.hear(hours=12.5) == [SAID]


async def test_what_was_handed_in_or_is_over_reminds_nobody(waiting: Waiting) -> None:
    await waiting.begin()
    assert await waiting.hear(days=31) == []
    await waiting.save()
    await waiting.drafts.save(DraftIn(conversation_id=waiting.id, answers={}))
    assert await waiting.hear(days=1) == []


@pytest.mark.parametrize(("left", "said"), [(3, [SAID]), (0, [])])
async def test_only_where_the_channel_takes_it(waiting: Waiting, clock: FixedClock, left: int, said: list[str]) -> None:
    closes = datetime(2026, 7, 3, 15, 0, tzinfo=CHINA)
    await waiting.begin("wechat", window_until=closes, window_left=left)
    assert await waiting.hear(hours=21) == said
    assert await waiting.hear(hours=3) == said


def test_it_has_its_english() -> None:
    assert to_english(SAID).isascii()
