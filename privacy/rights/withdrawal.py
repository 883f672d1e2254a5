"""Withdraws a customer's consents, one or all, and ends what rests on them; privacy/purposes.yml says what that is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from applications.drafts import drop_drafts
from applications.stages import OPEN_STAGES
from applications.tables import Application
from conversations.tables import Conversation
from documents import repository as documents
from early_warning.repository import forget_told
from privacy import ledger
from privacy.purposes import APPLICATION, CALLBACK, CREDIT_INQUIRY, QUOTA, SHARING, load_purposes
from privacy.rights.erasure import cancel_calls, clear_drafts, erase_decisions
from privacy.rights.summary import is_held, list_applications, summarise, summarise_application
from quota_checks.repository import delete_checks
from verification.repository import list_same_customer

# Applications end with these: nobody may go on with them.
ENDING = frozenset({APPLICATION, SHARING})
# The dialogue holds what was filled in and the quota that was found.
REMEMBERED = frozenset({APPLICATION, QUOTA})


def list_ended(purpose: str | None) -> frozenset[str]:
    """The purposes that a withdrawal ends: one, or all of them."""
    return frozenset({purpose} if purpose else load_purposes())


async def withdraw_consents(
    session: AsyncSession, conversation: Conversation, now: datetime, *, key: str, purpose: str | None = None
) -> dict[str, Any]:
    """Withdraws the consent to a purpose, or all, in the caller's transaction, with the conversation locked; gives the
    purposes, and what became of what rests on them.

    Under a legal hold (`is_held`) nothing is deleted: what was agreed to is only used no more. Applications that may be
    withdrawn are by now (privacy/rights/service.py); one that staff work on is theirs to end, and keeps its decisions.
    """
    ended = list_ended(purpose)
    has_hold = await is_held(session, conversation.customer_id)
    consents = [each for each in await ledger.list_consents(session, conversation.customer_id) if each.purpose in ended]
    # By an earlier try of the same act, whose answer was lost.
    withdrawn = await ledger.list_withdrawn(session, conversation.customer_id, key)
    purposes = list(dict.fromkeys([*withdrawn, *(consent.purpose for consent in consents)]))
    for consent in consents:
        await ledger.withdraw(session, now, consent, channel=conversation.channel, act=key)
    applications = [summarise_application(row, now) for row in await list_applications(session, conversation.id)]
    worked_on = [each for each in applications if each.standing == "open"]
    calls = await cancel_calls(session, conversation, now, keeps_numbers=has_hold) if CALLBACK in ended else 0
    decisions = drafts = saved = pictures = 0
    if not has_hold and QUOTA in ended:
        decisions = await erase_decisions(session, conversation.id, {each.product for each in worked_on})
        await _forget_checks(session, conversation.id)
    if not has_hold and ended & REMEMBERED:
        drafts = await clear_drafts(session, conversation.id)
    if not has_hold and APPLICATION in ended:
        saved = await drop_drafts(session, conversation.id)
        pictures = await documents.delete_unattached(session, conversation.id)
    if SHARING in ended:
        await _take_from_manager(session, conversation)
    flagged = await _forbid_credit_inquiry(session, conversation.id, now) if CREDIT_INQUIRY in ended else []
    left = await summarise(session, conversation.id, now)
    return {
        "purposes": purposes,
        "is_held": has_hold,
        "decisions": decisions,
        "calls": calls,
        "drafts": drafts,
        "saved": saved,
        "documents": pictures,
        "kept_decisions": left.decisions if QUOTA in ended else 0,
        "complaints": left.complaints,
        "worked_on": [each.number for each in worked_on] if ended & ENDING else [],
        "flagged": flagged,
    }


def add_up(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What was withdrawn in all conversations of a customer: numbers added, lists joined."""
    total = dict(parts[0])
    for part in parts[1:]:
        for name, value in part.items():
            before = total[name]
            total[name] = (before or value) if isinstance(value, bool) else before + value
    return {**total, "purposes": list(dict.fromkeys(total["purposes"]))}


async def _take_from_manager(session: AsyncSession, conversation: Conversation) -> None:
    """No account manager sees the customer any more, and desk/ownership.py assigns none again."""
    conversation.customer.manager_id = None
    theirs = Application.conversation_id == conversation.id
    await session.execute(update(Application).where(theirs).values(manager_id=None))
    await session.flush()


async def allow_credit_inquiry(session: AsyncSession, conversation_id: str) -> None:
    """The consent was given again: the marks on applications go."""
    marked = Application.conversation_id == conversation_id, Application.credit_withdrawn_at.is_not(None)
    await session.execute(update(Application).where(*marked).values(credit_withdrawn_at=None))


async def _forbid_credit_inquiry(session: AsyncSession, conversation_id: str, now: datetime) -> list[str]:
    """Marks the open applications; their numbers."""
    is_open = Application.conversation_id == conversation_id, Application.stage.in_(OPEN_STAGES)
    marked = update(Application).where(*is_open, Application.credit_withdrawn_at.is_(None))
    await session.execute(marked.values(credit_withdrawn_at=now))
    rows = await list_applications(session, conversation_id)
    return [row.number for row in rows if row.stage in OPEN_STAGES]


async def _forget_checks(session: AsyncSession, conversation_id: str) -> None:
    """What the same customer was told of a quota is brought up on no channel again, whatever an application keeps."""
    same = await list_same_customer(session, conversation_id)
    for other in await session.scalars(select(Conversation).where(Conversation.id.in_(same))):
        if not await is_held(session, other.customer_id):
            await delete_checks(session, [other.id])
            await forget_told(session, [other.id])
