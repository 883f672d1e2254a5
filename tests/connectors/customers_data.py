"""Customers who have left something: an application, a consent, records in the ledger."""

from applications.schemas import ApplicationIn
from conversations.schemas import ConsentGiven, Reply, TurnOutcome
from kit.database import Database
from privacy.ledger import Ledger
from privacy.schemas import LedgerView
from tests.applications.making import make_applications
from tests.connectors.talk import Talk
from tests.fakes import FixedClock

APPLICATION = ApplicationIn(
    conversation_id="conversation",
    product="farmer_loan",
    amount=50_000,
    term=12,
    purpose="买化肥",
    region="柳河镇王家村",
    name="王秀兰",
    phone="13800001234",
    details={},
    consent_version="2026-11",
)


async def apply(talk: Talk, database: Database, clock: FixedClock) -> str:
    """The customer has an application; gives its number."""
    content = APPLICATION.model_copy(update={"conversation_id": await talk.find_id()})
    return (await make_applications(database, clock).submit(content, f"key-of-{content.conversation_id}")).number


async def agree(talk: Talk, purpose: str = "quota") -> None:
    consents = [
        ConsentGiven(
            purpose=purpose,
        )
    ]
    talk.bot.script = [TurnOutcome(replies=[Reply(text="好的")], consents=consents)]
    await talk.write("同意")


async def read_ledger(database: Database) -> list[LedgerView]:
    return [record async for record in Ledger(database).read_from()]
