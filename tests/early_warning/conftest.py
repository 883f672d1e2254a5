"""A bank on a clock that stands still until it is moved, and another of its processes."""

from collections.abc import AsyncIterator

import pytest

from kit.database import Database
from tests.early_warning.bank import Bank
from tests.fakes import FixedClock
from tests.vaults import VAULT


@pytest.fixture
def bank(database: Database, clock: FixedClock) -> Bank:
    return Bank(database, clock)


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, VAULT)
    yield opened
    await opened.close()
