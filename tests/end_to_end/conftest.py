"""The whole house, started once: real Rasa, encoder, services and database."""

from collections.abc import Iterator

import pytest

from dev.stack import Stack
from tests.end_to_end.customer import Customer


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with Stack() as running:
        yield running


@pytest.fixture
def customer(stack: Stack) -> Iterator[Customer]:
    with Customer(stack.urls["gateway"]) as somebody:
        yield somebody
