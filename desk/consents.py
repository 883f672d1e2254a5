"""The consents of a conversation's customer, for what may not be done without them."""

from sqlalchemy.ext.asyncio import AsyncSession

from conversations.customers import find_customer_id
from kit.database import Database
from kit.errors import RequestError
from privacy import ledger
from privacy.purposes import list_missing, name_purpose


async def list_given(session: AsyncSession, conversation_id: str) -> list[str]:
    """The purposes that stand; none for an unknown conversation."""
    customer_id = await find_customer_id(session, conversation_id)
    consents = await ledger.list_consents(session, customer_id) if customer_id else []
    return list(dict.fromkeys(consent.purpose for consent in consents))


async def require_consents(session: AsyncSession, conversation_id: str) -> None:
    """Raises RequestError 403 unless the customer agreed to what a submission needs."""
    if missing := list_missing("submit", await list_given(session, conversation_id)):
        raise RequestError(403, "no_consent", f"客户还没有同意：{'、'.join(map(name_purpose, missing))}")


class Consents:
    """Reads them for other processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_given(self, conversation_id: str) -> list[str]:
        """The purposes that stand."""
        async with self._database.reading() as session:
            return await list_given(session, conversation_id)
