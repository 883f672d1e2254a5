"""Withdraws a customer's consents, and erases what rests on them."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from conversations.tables import Conversation
from privacy import ledger
from privacy.rights.erasure import cancel_calls, erase_decisions
from privacy.rights.summary import list_applications, summarise_application


async def withdraw_consents(
    session: AsyncSession, conversation: Conversation, now: datetime, *, key: str
) -> dict[str, Any]:
    """Withdraws in the caller's transaction; gives the purposes, and how much went with them.

    Applications that may be withdrawn are by now (privacy/rights/service.py); one that staff work on is theirs to end.
    """
    consents = await ledger.list_consents(session, conversation.customer_id)
    # By an earlier try of the same act, whose answer was lost.
    withdrawn = await ledger.list_withdrawn(session, conversation.customer_id, key)
    purposes = list(dict.fromkeys([*withdrawn, *(consent.purpose for consent in consents)]))
    for consent in consents:
        await ledger.withdraw(session, now, consent, channel=conversation.channel, act=key)
    applications = [summarise_application(row, now) for row in await list_applications(session, conversation.id)]
    worked_on = [each for each in applications if each.standing == "open"]
    counts = {
        "decisions": await erase_decisions(session, conversation.id, {each.product for each in worked_on}),
        "calls": await cancel_calls(session, conversation, now),
    }
    return {"purposes": purposes, **counts, "worked_on": [each.number for each in worked_on]}
