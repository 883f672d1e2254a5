"""What the scoring tests share: the shipped policies, a database, a clock that stands still, the API in process."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from kit.database import Database
from scoring.api import create_app
from scoring.policy_file import Policies, load_policies
from scoring.settings import ScoringSettings
from tests.fakes import FixedClock


@pytest.fixture(scope="session")
def policies() -> Policies:
    return load_policies()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 8, 1, 2, 0, tzinfo=UTC))


@pytest.fixture
def transport(database: Database, clock: FixedClock) -> httpx.ASGITransport:
    return httpx.ASGITransport(
        create_app(ScoringSettings(), database=database, clock=clock), raise_app_exceptions=False
    )


@pytest.fixture
async def api(transport: httpx.ASGITransport) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=transport, base_url="http://scoring") as client:
        yield client
