"""Customers who verified a phone, and what they agreed to."""

from conversations.service import Conversations
from conversations.tables import Conversation
from kit.database import Database
from privacy import ledger
from privacy.purposes import MARKETING
from tests.fakes import FixedClock
from verification.tables import PhoneVerification

WANG = "13800001234"


async def open_conversation(database: Database, clock: FixedClock, user: str = "wang", channel: str = "web") -> str:
    return (await Conversations(database, clock).open_conversation(channel, user)).id


async def verify(database: Database, clock: FixedClock, conversation_id: str, phone: str = WANG) -> None:
    async with database.transaction() as session:
        session.add(
            PhoneVerification(
                id=f"verification-{conversation_id}"[:36],
                conversation_id=conversation_id,
                phone=phone,
                phone_key=phone,
                code_hash="",
                sent_at=clock.now,
                verified_at=clock.now,
            )
        )


async def agree(database: Database, clock: FixedClock, conversation_id: str) -> None:
    """The customer agrees to be told of products."""
    async with database.transaction() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        await ledger.record(session, clock.now, "consent_given", conversation.customer_id, purpose=MARKETING)


async def take_back(database: Database, clock: FixedClock, conversation_id: str) -> None:
    """And takes that back."""
    async with database.transaction() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        for consent in await ledger.list_consents(session, conversation.customer_id):
            await ledger.withdraw(session, clock.now, consent, channel="web", act="test")
