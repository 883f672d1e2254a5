"""What is retired, deleted from an entry or expired is found by no process, in no way; on both kinds of database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from kit.database import Database
from kit.errors import RequestError
from knowledge.batch_tests import BatchQuestion, BatchTestIn
from knowledge.hits import HitTestIn
from knowledge.service import Knowledge
from knowledge.tables import TextVector
from tests.fakes import FixedClock
from tests.knowledge.entries import CARD, HOURS, NOW, RATE, make_entry, retire, store
from tests.knowledge.hashing_encoder import HashingEncoder
from tests.vaults import VAULT
from tests.waiting import WAIT_SECONDS

GONE = (CARD[1], *CARD[2])
STAYS = make_entry(RATE[0], RATE[1], RATE[2], RATE[3], follow_ups=[CARD[1], HOURS[1]])
Act = Callable[[Database, FixedClock], Awaitable[None]]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
async def processes(database: Database, database_url: str, clock: FixedClock) -> AsyncIterator[list[Knowledge]]:
    """Three of them, on connections of their own; they know an entry that will be gone."""
    await store(database, make_entry(*CARD, expires_at=NOW + timedelta(hours=1)), STAYS, make_entry(*HOURS))
    databases = [database, *(Database(database_url, VAULT) for _ in range(2))]
    opened = [Knowledge(each, HashingEncoder(), clock, refresh_seconds=0.05) for each in databases]
    for each in opened:
        await each.open()
    yield opened
    await asyncio.gather(*(each.close() for each in opened))
    for other in databases[1:]:
        await other.close()


async def find_everywhere(knowledge: Knowledge, texts: Sequence[str]) -> set[str]:
    """All that a process gives away of the entry, in whatever way it is asked."""
    found: set[str] = set()
    for text in texts:
        evidence = await knowledge.read_evidence(text, [text])
        matches = [
            *(await knowledge.search(text, 10)).matches,
            *await knowledge.search_for_staff(text, 10),
            *evidence.matches,
            *filter(None, evidence.parts),
        ]
        found |= {match.entry_id for match in matches}
        found |= {follow_up.entry_id for match in matches for follow_up in match.follow_ups}
        found |= {hit.entry_id for hit in (await knowledge.test_hit(HitTestIn(question=text))).published.hits}
        found |= {alike.entry_id for alike in (await knowledge.find_alike([text], None)).alike}
    asked = await knowledge.test_all(BatchTestIn(questions=[BatchQuestion(text=text) for text in texts]))
    found |= {CARD[0] for answer in asked.published if CARD[1] in answer.found}
    with suppress(RequestError):
        found.add(knowledge.get_entry(CARD[0]).entry_id)
    return found


async def retire_it(database: Database, clock: FixedClock) -> None:
    await retire(database, CARD[0])


async def change_it(database: Database, clock: FixedClock) -> None:
    """Every text of it is another one; what it said before must be gone."""
    await store(database, make_entry(CARD[0], "社保卡哪里办", answer="网点。"))


async def let_it_expire(database: Database, clock: FixedClock) -> None:
    clock.move(hours=1)


async def make_it_internal(database: Database, clock: FixedClock) -> None:
    await store(database, make_entry(*CARD, is_internal=True))


async def wait_until_gone(processes: Sequence[Knowledge], is_gone: Callable[[Knowledge], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        for each in processes:
            while not await is_gone(each):
                await each.refresh()


@pytest.mark.parametrize("act", [retire_it, let_it_expire])
async def test_an_entry_that_is_gone_is_found_by_no_process(
    processes: list[Knowledge], database: Database, clock: FixedClock, act: Act
) -> None:
    for each in processes:
        assert CARD[0] in await find_everywhere(each, GONE)
    await act(database, clock)

    async def is_gone(knowledge: Knowledge) -> bool:
        return CARD[0] not in await find_everywhere(knowledge, GONE)

    await wait_until_gone(processes, is_gone)
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(TextVector)) == len(RATE[2]) + len(HOURS[2]) + 2
    for each in processes:
        assert RATE[0] in await find_everywhere(each, [RATE[1]])


async def test_texts_taken_out_of_an_entry_are_found_by_no_process(
    processes: list[Knowledge], database: Database, clock: FixedClock
) -> None:
    await change_it(database, clock)

    async def is_gone(knowledge: Knowledge) -> bool:
        said = [(await knowledge.search(text, 3)).matches for text in GONE]
        return CARD[1] not in {match.question for matches in said for match in matches}

    await wait_until_gone(processes, is_gone)
    for each in processes:
        hits = (await each.test_hit(HitTestIn(question=CARD[2][0]))).published.hits
        assert not {hit.nearest for hit in hits} & set(GONE)


async def test_what_becomes_internal_customers_find_in_no_process(
    processes: list[Knowledge], database: Database, clock: FixedClock
) -> None:
    await make_it_internal(database, clock)

    async def is_gone(knowledge: Knowledge) -> bool:
        said = [(await knowledge.search(text, 10)).matches for text in GONE]
        return CARD[0] not in {match.entry_id for matches in said for match in matches}

    await wait_until_gone(processes, is_gone)
    for each in processes:
        with pytest.raises(RequestError):
            each.get_entry(CARD[0])
        assert [match.entry_id for match in await each.search_for_staff(CARD[1], 1)] == [CARD[0]]
