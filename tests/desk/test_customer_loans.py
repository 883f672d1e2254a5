"""An account manager's customers have tags of the loans that the bank's core knows, and none while it is away."""

import asyncio
from pathlib import Path

import pytest

from desk.accounts import Accounts
from desk.customer_loans import CustomerLoans
from kit.database import Database
from tests.core_banking.bank import LeavingCore
from tests.desk.village import Village
from tests.fakes import FixedClock
from tests.verification.rows import make_verification

LI, CHEN = "13800007002", "13800007004"  # a loan due in two days, a line


@pytest.fixture
def core(clock: FixedClock, tmp_path: Path) -> LeavingCore:
    return LeavingCore(tmp_path / "requests.json", clock)


@pytest.fixture
def village(database: Database, accounts: Accounts, clock: FixedClock, core: LeavingCore) -> Village:
    return Village(database, accounts, clock, core)


async def verify(village: Village, user: str, *phones: str) -> str:
    """A customer with verified phones; gives their id."""
    await village.meet(user)
    conversation = await village.conversations.open_conversation("wechat", user)
    async with village.database.transaction() as session:
        session.add_all(make_verification(conversation.id, phone, village.clock.now) for phone in phones)
    return conversation.customer_id


async def list_tags(village: Village) -> dict[str, list[str]]:
    cards = await village.customers.list_customers(None)
    return {card.customer_id: [tag.name for tag in card.tags] for card in cards}


async def test_each_customer_has_the_tags_of_their_own_loans(village: Village) -> None:
    li, chen, other = await verify(village, "li", LI), await verify(village, "chen", CHEN), await verify(village, "sun")
    tags = await list_tags(village)
    assert tags[li] == ["快到期", "商户贷"]
    assert tags[chen] == ["要年审", "农户贷"]
    assert tags[other] == []


async def test_a_number_without_its_code_shows_no_loan(village: Village, clock: FixedClock) -> None:
    customer = await verify(village, "li")
    conversation = (await village.conversations.open_conversation("wechat", "li")).id
    async with village.database.transaction() as session:
        session.add(make_verification(conversation, LI, clock.now, is_done=False))
    assert await list_tags(village) == {customer: []}


async def test_while_the_core_is_away_the_list_is_there_without_them(village: Village, core: LeavingCore) -> None:
    customer = await verify(village, "li", LI)
    core.away = "all"
    assert await list_tags(village) == {customer: []}


async def test_a_slow_core_is_not_waited_for(
    village: Village, core: LeavingCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(phones: object) -> list[object]:
        await asyncio.sleep(30)
        return []

    customer = await verify(village, "li", LI)
    monkeypatch.setattr(core, "list_loans", never)
    loans = CustomerLoans(core, village.database, wait_seconds=0.05)
    assert await loans.list_loans([customer]) == {}
