"""Customers with data everywhere, and what they may do about them."""

import pytest

from kit.database import Database
from tests.fakes import FixedClock
from tests.privacy.rights.world import World


@pytest.fixture
def world(database: Database, clock: FixedClock) -> World:
    return World(database, clock)
