"""Staff accounts for every test of the desk; passwords are hashed with little effort."""

import pytest
from argon2 import PasswordHasher

from desk import passwords
from desk.accounts import Accounts
from kit.database import Database
from tests.fakes import FixedClock


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def accounts(database: Database, clock: FixedClock, cheap_hashes: None) -> Accounts:
    return Accounts(database, clock)
