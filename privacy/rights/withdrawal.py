"""Withdraws a customer's consents, and erases what rests on them."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from conversations.tables import Conversation
from privacy import ledger
from privacy.rights.erasure import cancel_calls, clear_drafts, erase_decisions
from privacy.rights.summary import is_held, list_applications, summarise, summarise_application


async def withdraw_consents(
    session: AsyncSession, conversation: Conversation, now: datetime, *, key: str
) -> dict[str, Any]:
    """Withdraws in the caller's transaction, with the conversation locked; gives the purposes, and what became of what
    rests on them.

    Under a legal hold (`is_held`) nothing is deleted: what was agreed to is only used no more. Applications that may be
    withdrawn are by now (privacy/rights/service.py); one that staff work on is theirs to end, and keeps its decisions.
    """
    has_hold = await is_held(session, conversation.customer_id)
    consents = await ledger.list_consents(session, conversation.customer_id)
    # By an earlier try of the same act, whose answer was lost.
    withdrawn = await ledger.list_withdrawn(session, conversation.customer_id, key)
    purposes = list(dict.fromkeys([*withdrawn, *(consent.purpose for consent in consents)]))
    for consent in consents:
        await ledger.withdraw(session, now, consent, channel=conversation.channel, act=key)
    applications = [summarise_application(row, now) for row in await list_applications(session, conversation.id)]
    worked_on = [each for each in applications if each.standing == "open"]
    calls = await cancel_calls(session, conversation, now, keeps_numbers=has_hold)
    decisions = drafts = 0
    if not has_hold:
        decisions = await erase_decisions(session, conversation.id, {each.product for each in worked_on})
        drafts = await clear_drafts(session, conversation.id)
    left = await summarise(session, conversation.id, now)
    return {
        "purposes": purposes,
        "is_held": has_hold,
        "decisions": decisions,
        "calls": calls,
        "drafts": drafts,
        "kept_decisions": left.decisions,
        "complaints": left.complaints,
        "worked_on": [each.number for each in worked_on],
    }
