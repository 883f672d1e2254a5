"""Writes what a turn showed and what the customer agreed to into the ledger, inside the caller's transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations import statements
from conversations.schemas import ConsentGiven, TurnOutcome
from conversations.tables import Message
from privacy import ledger
from privacy.purposes import NOTICE, load_purposes


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
            purpose=NOTICE,
            version=outcome.notice.version,
            wording=outcome.notice.text,
        )
    for consent in outcome.consents:
        await record_consent(session, conversation, consent, message_id, now)


async def record_consent(
    session: AsyncSession, conversation: Any, consent: ConsentGiven, message_id: int, now: datetime
) -> None:
    """Records a consent that a message gave, once: in which version, by which text, and whether by a button."""
    purpose = load_purposes()[consent.purpose]
    wording = consent.wording or purpose.wording
    payload = await session.scalar(select(Message.payload).where(Message.id == message_id))
    await ledger.record(
        session,
        now,
        "consent_given",
        conversation.customer_id,
        channel=conversation.channel,
        purpose=purpose.id,
        version=purpose.version,
        wording=wording or await _find_question(session, conversation.id, message_id, consent.asked),
        key=f"{conversation.id}/{message_id}/{purpose.id}",
        details={"how": "button" if payload else "words"},
    )


async def _find_question(session: AsyncSession, conversation_id: str, message_id: int, slot: str) -> str:
    """The exact text that the customer answered."""
    this = {"conversation_id": conversation_id, "before_id": message_id}
    asked = {**this, "asked": f'%"of": "{slot}"%'}
    question: str | None = await session.scalar(statements.FIND_CONSENT_ASKED, asked) if slot else None
    return question or str(await session.scalar(statements.FIND_TEXT_BEFORE, this) or "")
