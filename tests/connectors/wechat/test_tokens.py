"""One access token for all processes; each `SharedTokens` here stands for one process."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from connectors.wechat.errcodes import WECHAT
from connectors.wechat.tokens import SharedTokens
from kit.database import Database
from kit.tencent import FreshToken, TencentError
from tests.fakes import FixedClock


class TokenSource:
    """Gives token-1, token-2 …, each for two hours, once it may; fails as often as it is told to."""

    def __init__(self) -> None:
        self.given = 0
        self.failures = 0
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self) -> FreshToken:
        self.asked.set()
        await asyncio.sleep(0.02)  # long enough for the others to ask as well
        await self.may_answer.wait()
        if self.failures:
            self.failures -= 1
            raise TencentError(WECHAT.no_answer)
        self.given += 1
        return FreshToken(f"token-{self.given}", 7200)


@pytest.fixture
def source() -> TokenSource:
    return TokenSource()


@pytest.fixture
async def processes(
    database_url: str, source: TokenSource, clock: FixedClock
) -> AsyncIterator[tuple[SharedTokens, SharedTokens]]:
    databases = Database(database_url), Database(database_url)
    first, second = (SharedTokens(database, "wx1", source, clock) for database in databases)
    yield first, second
    for database in databases:
        await database.close()


Processes = tuple[SharedTokens, SharedTokens]


async def test_processes_that_ask_at_the_same_time_fetch_one_token(processes: Processes, source: TokenSource) -> None:
    got = await asyncio.gather(*(process.get() for process in processes * 5))
    assert set(got) == {"token-1"}
    assert source.given == 1


async def test_a_token_that_ends_is_fetched_anew_once(
    processes: Processes, source: TokenSource, clock: FixedClock
) -> None:
    await processes[0].get()
    clock.move(hours=3)
    assert set(await asyncio.gather(*(process.get() for process in processes * 5))) == {"token-2"}
    assert source.given == 2


async def test_a_token_is_fetched_anew_five_minutes_before_its_end(processes: Processes, clock: FixedClock) -> None:
    await processes[0].get()
    clock.move(minutes=114)
    assert await processes[1].get() == "token-1"
    clock.move(minutes=1)
    assert await processes[1].get() == "token-2"


async def test_while_one_fetches_the_others_go_on_with_a_token_that_is_still_good(
    processes: Processes, source: TokenSource, clock: FixedClock
) -> None:
    await processes[0].get()
    clock.move(minutes=116)
    source.asked.clear()
    source.may_answer.clear()
    fetching = asyncio.create_task(processes[0].get())
    await source.asked.wait()
    assert await processes[1].get() == "token-1"
    source.may_answer.set()
    assert await fetching == await processes[1].get() == "token-2"


async def test_a_bad_token_is_replaced_once_however_many_find_out(processes: Processes, source: TokenSource) -> None:
    await processes[0].get()
    assert set(await asyncio.gather(*(process.get(bad="token-1") for process in processes * 5))) == {"token-2"}
    assert source.given == 2


async def test_a_late_report_of_a_bad_token_does_not_end_the_next_one(
    processes: Processes, source: TokenSource
) -> None:
    assert await processes[0].get() == "token-1"
    assert await processes[1].get(bad="token-1") == "token-2"
    assert await processes[0].get(bad="token-1") == "token-2"


async def test_after_a_failure_the_next_one_may_try_at_once(processes: Processes, source: TokenSource) -> None:
    source.failures = 1
    with pytest.raises(TencentError):
        await processes[0].get()
    assert await processes[1].get() == "token-1"


async def test_a_process_that_died_while_fetching_holds_the_others_up_for_seconds(
    processes: Processes, database: Database, source: TokenSource, clock: FixedClock
) -> None:
    impatient = SharedTokens(database, "wx1", source, clock, poll_seconds=0, polls_max=3)
    assert await processes[0]._claim()
    with pytest.raises(TencentError) as raised:
        await impatient.get()
    assert raised.value.kind == "retry"
    clock.move(seconds=11)
    assert await processes[1].get() == "token-1"


async def test_accounts_have_tokens_of_their_own(database: Database, source: TokenSource, clock: FixedClock) -> None:
    accounts = [SharedTokens(database, app_id, source, clock) for app_id in ("wx1", "wx2")]
    assert [await account.get() for account in accounts] == ["token-1", "token-2"]
