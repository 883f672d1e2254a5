"""What tests need to send papers: readings, and a customer's consent."""

from conversations.service import Conversations
from conversations.tables import Conversation
from kit.database import Database
from pictures.schemas import PictureReading
from privacy import ledger
from tests.fakes import FixedClock

CARD = PictureReading(
    kind="identity_card",
    quality="good",
    fields={
        "name": "王秀英",
        "id_number": "990123198505050018",
        "address": "青禾县柳河镇王家村3组12号",
        "birth_date": "1985-05-05",
        "sex": "男",
    },
)
BLURRED = PictureReading(kind="identity_card", quality="blurred", fields={})
UNKNOWN = PictureReading(kind="unknown", quality="good", fields={})


async def agree(database: Database, conversation_id: str, clock: FixedClock | None = None) -> None:
    """The customer agrees to an application."""
    clock = clock or FixedClock()
    async with database.transaction() as session:
        row = await session.get_one(Conversation, conversation_id)
        await ledger.record(
            session,
            clock.now,
            "consent_given",
            row.customer_id,
            channel=row.channel,
            purpose="application",
            wording="？",
        )


async def find_conversation(database: Database, channel: str, user_id: str) -> str:
    return (await Conversations(database).open_conversation(channel, user_id)).id
