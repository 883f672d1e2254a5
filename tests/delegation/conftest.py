"""An applicant whose phone is verified, or is not yet."""

import uuid

import pytest

from applications.schemas import ApplicationIn
from conversations.service import Conversations
from delegation.service import Delegations
from kit.database import Database
from tests.applications.making import make_applications
from tests.connectors.customers_data import APPLICATION
from tests.fakes import FixedClock
from tests.vaults import VAULT
from tests.verification.rows import make_verification


class Applicant:
    """Applies, and verifies phones, in a conversation of their own."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.database = database
        self.clock = clock

    async def apply(self, user: str = "wang", *, verified: str = APPLICATION.phone) -> str:
        """The conversation's id."""
        conversation = (await Conversations(self.database, self.clock).open_conversation("web", user)).id
        content = ApplicationIn.model_validate({**APPLICATION.model_dump(), "conversation_id": conversation})
        await make_applications(self.database, self.clock).submit(content, uuid.uuid4().hex)
        if verified:
            async with self.database.transaction() as session:
                session.add(make_verification(conversation, verified, self.clock.now))
        return conversation


@pytest.fixture
def applicant(database: Database, clock: FixedClock) -> Applicant:
    return Applicant(database, clock)


@pytest.fixture
def delegations(database: Database, clock: FixedClock) -> Delegations:
    return Delegations(database, VAULT, clock)
