"""How far each account was fetched: one process at a time, whatever ends it, and nothing is left out."""

import asyncio
from datetime import timedelta

import pytest

from connectors.wecom_service.accounts import LOOKBACK, TOKEN_LIFE, LeasedAccount, ServiceAccounts
from connectors.wecom_service.calls import Arrival
from kit.database import Database
from tests.fakes import FixedClock

ARRIVAL = Arrival("wk1", "ENC1")


@pytest.fixture
def accounts(database: Database, clock: FixedClock) -> ServiceAccounts:
    return ServiceAccounts(database, clock, lease_seconds=30, sync_seconds=120)


async def claim(accounts: ServiceAccounts) -> LeasedAccount:
    account = await accounts.claim()
    assert account
    return account


async def test_an_account_is_due_once_a_call_came(accounts: ServiceAccounts, clock: FixedClock) -> None:
    assert await accounts.claim() is None
    await accounts.note(ARRIVAL)
    account = await claim(accounts)
    assert (account.open_kfid, account.cursor, account.token) == ("wk1", "", "ENC1")
    assert account.since == clock() - LOOKBACK
    assert await accounts.claim() is None  # somebody has it
    await accounts.release(account)
    assert await accounts.claim() is None  # nothing came since


async def test_a_call_that_comes_meanwhile_is_not_forgotten(accounts: ServiceAccounts, clock: FixedClock) -> None:
    await accounts.note(ARRIVAL)
    first = await claim(accounts)
    clock.move(seconds=1)
    await accounts.note(Arrival("wk1", "ENC2"))
    advanced = await accounts.advance(first, "cursor-1")
    assert advanced
    await accounts.release(advanced)
    second = await claim(accounts)
    assert (second.cursor, second.token, second.since) == ("cursor-1", "ENC2", first.since)


async def test_a_lost_call_is_made_up_for_without_its_token(accounts: ServiceAccounts, clock: FixedClock) -> None:
    await accounts.note(ARRIVAL)
    await accounts.release(await claim(accounts))
    clock.move(seconds=119)
    assert await accounts.claim() is None
    clock.move(seconds=1)
    account = await claim(accounts)
    assert account.token == "ENC1"  # still good
    await accounts.release(account)
    clock.now += TOKEN_LIFE
    assert (await claim(accounts)).token == ""


async def test_what_a_dead_process_had_is_another_ones(accounts: ServiceAccounts, clock: FixedClock) -> None:
    await accounts.note(ARRIVAL)
    dead = await claim(accounts)
    clock.move(seconds=31)
    alive = await claim(accounts)
    assert alive.lease != dead.lease
    # The dead one wakes up: nothing it writes counts.
    assert await accounts.advance(dead, "cursor-of-the-dead") is None
    assert await accounts.rewind(dead) is None
    await accounts.release(dead)
    await accounts.postpone(dead, 600)
    assert await accounts.claim() is None
    assert await accounts.advance(alive, "cursor-1")


async def test_a_slow_process_keeps_its_lease_from_page_to_page(accounts: ServiceAccounts, clock: FixedClock) -> None:
    await accounts.note(ARRIVAL)
    account = await claim(accounts)
    for page in range(3):
        clock.move(seconds=20)
        advanced = await accounts.advance(account, f"cursor-{page}")
        assert advanced
        account = advanced
        assert await accounts.claim() is None


async def test_many_processes_claim_one_account_once(accounts: ServiceAccounts) -> None:
    for name in ("wk1", "wk2"):
        await accounts.note(Arrival(name, ""))
    claimed = await asyncio.gather(*(accounts.claim() for _ in range(8)))
    # Those who met a locked row look again: nobody gets an account that somebody has.
    claimed += await asyncio.gather(*(accounts.claim() for _ in range(8)))
    assert sorted(each.open_kfid for each in claimed if each) == ["wk1", "wk2"]


async def test_calls_at_the_same_time_are_one_account(accounts: ServiceAccounts) -> None:
    await asyncio.gather(*(accounts.note(Arrival("wk1", f"ENC{number}")) for number in range(8)))
    assert (await claim(accounts)).open_kfid == "wk1"
    assert await accounts.claim() is None


async def test_a_failed_fetch_pauses_and_a_call_ends_the_pause(accounts: ServiceAccounts, clock: FixedClock) -> None:
    await accounts.note(ARRIVAL)
    await accounts.postpone(await claim(accounts), 60)
    clock.move(seconds=59)
    assert await accounts.claim() is None
    clock.move(seconds=1)
    await accounts.postpone(await claim(accounts), 60)
    await accounts.note(ARRIVAL)
    assert await accounts.claim()


async def test_a_rewound_account_goes_back_to_what_was_last_fetched(
    accounts: ServiceAccounts, clock: FixedClock
) -> None:
    """Erased customers' messages of the last three days are not fetched again."""
    await accounts.note(ARRIVAL)
    account = await claim(accounts)
    begun = clock()
    clock.move(hours=20)
    await accounts.release(await accounts.advance(account, "cursor-1") or account)
    synced = clock()
    clock.move(hours=5)
    account = await claim(accounts)
    assert account.since == begun - LOOKBACK
    rewound = await accounts.rewind(account)
    assert rewound
    assert (rewound.cursor, rewound.since) == ("", synced - LOOKBACK)
    assert rewound.since - begun > timedelta(hours=19)
