"""Writes what a turn showed and what the customer agreed to into the ledger, inside the turn's transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from conversations import statements
from conversations.schemas import TurnOutcome
from privacy import ledger


async def record_agreements(
    session: AsyncSession, conversation: Any, outcome: TurnOutcome, message_id: int, now: datetime
) -> None:
    """Records the consents of the message that was answered, and the notice that the customer has seen."""
    if outcome.notice:
        shown = {"key": conversation.customer_id, "version": outcome.notice.version}
        await session.execute(statements.SET_NOTICE, shown)
        await ledger.record(
            session,
            now,
            "notice_shown",
            conversation.customer_id,
            channel=conversation.channel,
            purpose="notice",
            version=outcome.notice.version,
            wording=outcome.notice.text,
        )
    for consent in outcome.consents:
        await ledger.record(
            session,
            now,
            "consent_given",
            conversation.customer_id,
            channel=conversation.channel,
            purpose=consent.purpose,
            version=consent.wording_version,
            wording=consent.wording or await _find_question(session, conversation.id, message_id, consent.purpose),
            key=f"{conversation.id}/{message_id}/{consent.purpose}",
        )


async def _find_question(session: AsyncSession, conversation_id: str, message_id: int, purpose: str) -> str:
    """The exact text that the customer answered."""
    this = {"conversation_id": conversation_id, "before_id": message_id}
    asked = {**this, "asked": f'%"of": "{purpose}_consent"%'}
    question: str | None = await session.scalar(statements.FIND_CONSENT_ASKED, asked)
    return question or str(await session.scalar(statements.FIND_TEXT_BEFORE, this) or "")
