"""Staff accounts and desk processes for every test of the desk; passwords are hashed with little effort."""

from collections.abc import AsyncIterator

import pytest
from argon2 import PasswordHasher

from desk import passwords
from desk.accounts import Accounts
from desk.schemas import StaffView
from kit.database import Database
from tests.desk.office import Office
from tests.desk.village import Village
from tests.fakes import FixedClock
from tests.vaults import VAULT


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", cheap)
    monkeypatch.setattr(passwords, "NOBODY", cheap.hash("nobody's"))


@pytest.fixture
def accounts(database: Database, clock: FixedClock, cheap_hashes: None) -> Accounts:
    return Accounts(database, clock)


@pytest.fixture
def office(database: Database, clock: FixedClock, cheap_hashes: None) -> Office:
    return Office(database, clock)


@pytest.fixture
async def editor(office: Office) -> StaffView:
    return await office.hire("an", "editor")


@pytest.fixture
async def approver(office: Office) -> StaffView:
    return await office.hire("bo", "approver")


@pytest.fixture
async def elsewhere(database_url: str, clock: FixedClock) -> AsyncIterator[Office]:
    """Another desk process."""
    opened = Database(database_url, VAULT)
    yield Office(opened, clock)
    await opened.close()


@pytest.fixture
def village(database: Database, accounts: Accounts, clock: FixedClock) -> Village:
    return Village(database, accounts, clock)
