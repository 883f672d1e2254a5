"""Which entries have answered nobody, on both kinds of database."""

from datetime import date, timedelta
from typing import Any

import pytest

from analytics import repository
from analytics.schemas import EntryMetrics, QuestionMetrics
from analytics.worker import PAUSE, STALLED_AFTER
from kit.database import Database
from knowledge.record import entry_revisions
from tests.fakes import FixedClock

TEXTS = {"category": "card", "question": "卡丢了怎么办", "similar_questions": [], "answer": "请马上挂失。"}


async def publish(database: Database, clock: FixedClock, key: str, first: date, **content: Any) -> None:
    async with database.transaction() as session:
        await entry_revisions.seed(session, key, [(first, {**TEXTS, **content})], clock.now)


async def count_day(database: Database, clock: FixedClock, day: date, **answers: int) -> None:
    entries = {key: EntryMetrics(answers=count, right=count) for key, count in answers.items()}
    async with database.transaction() as session:
        assert await repository.claim_day(session, day, clock.now, PAUSE, STALLED_AFTER)
        await repository.keep_day(session, day, QuestionMetrics(), entries, clock.now)


@pytest.mark.parametrize(
    ("counted_for", "expected"), [(100, {"unused", "used-long-ago"}), (90, {"unused", "used-long-ago"}), (89, set())]
)
async def test_entries_never_hit(database: Database, clock: FixedClock, counted_for: int, expected: set[str]) -> None:
    today = clock.now.date()
    since, day = today - timedelta(days=90), timedelta(days=1)
    for key in ("used", "used_long_ago", "unused"):
        await publish(database, clock, key.replace("_", "-"), since)
    await publish(database, clock, "new", since + day)
    await publish(database, clock, "internal", since, is_internal=True)
    await publish(database, clock, "retired", since, is_retired=True)
    await publish(database, clock, "expired", since, expires_at=clock.now.isoformat())
    await count_day(database, clock, today - counted_for * day)
    if counted_for > 90:
        await count_day(database, clock, since - day, **{"used-long-ago": 3})
    await count_day(database, clock, today, used=1)
    async with database.reading() as session:
        assert await repository.list_never_hit(session, since, clock.now) == expected


async def test_an_entry_is_as_old_as_its_first_revision(database: Database, clock: FixedClock) -> None:
    today = clock.now.date()
    since = today - timedelta(days=90)
    async with database.transaction() as session:
        values = [(day, dict(TEXTS)) for day in (since, today)]
        await entry_revisions.seed(session, "changed", values, clock.now)
    await count_day(database, clock, since)
    async with database.reading() as session:
        assert await repository.list_never_hit(session, since, clock.now) == {"changed"}
