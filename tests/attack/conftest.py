"""Dice, and the gateway in process and the record as their own tests have them."""

from random import Random

import pytest

from tests.connectors.conftest import app, bot, gateway, web
from tests.conversations.conftest import inbox, record

__all__ = ["app", "bot", "gateway", "inbox", "record", "web"]


@pytest.fixture
def dice() -> Random:
    return Random(7)  # noqa: S311 (repeatable on purpose)
