"""The shared record as two processes see it, on a clock that stands still until it is moved."""

from collections.abc import AsyncIterator

import pytest

from conversations.handoff.schemas import HandoffView
from conversations.inbox import Inbox
from conversations.outbox import Outbox
from conversations.service import Conversations
from kit.database import Database
from tests.conversations.acts import Acts
from tests.conversations.talk import ask_for_human
from tests.fakes import FixedClock
from tests.vaults import VAULT


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncIterator[Database]:
    """Another process on the same database."""
    opened = Database(database_url, VAULT)
    yield opened
    await opened.close()


@pytest.fixture
def record(database: Database, clock: FixedClock) -> Conversations:
    return Conversations(database, clock)


@pytest.fixture
def inbox(database: Database, clock: FixedClock) -> Inbox:
    return Inbox(database, clock)


@pytest.fixture
def other_inbox(elsewhere: Database, clock: FixedClock) -> Inbox:
    return Inbox(elsewhere, clock)


@pytest.fixture
def other_outbox(elsewhere: Database, clock: FixedClock) -> Outbox:
    return Outbox(elsewhere, clock)


@pytest.fixture
def other_handoffs(elsewhere: Database, clock: FixedClock) -> Acts:
    return Acts(elsewhere, clock)


@pytest.fixture
async def conversation(record: Conversations) -> str:
    return (await record.open_conversation("web", "zhang")).id


@pytest.fixture
async def waiting(inbox: Inbox, handoffs: Acts, conversation: str) -> HandoffView:
    """A customer who asked for a human and waits."""
    return await ask_for_human(inbox, handoffs, conversation)
