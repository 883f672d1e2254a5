"""Erases what a conversation holds of its customer, but for what the law keeps; the data map says what that is."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, column, delete, exists, or_, select, table, update
from sqlalchemy.ext.asyncio import AsyncSession

from applications.drafts import drop_drafts
from applications.tables import Application, CheckedFinding
from campaigns.tables import CampaignMember
from conversations.handoff import repository as handoffs
from conversations.tables import (
    Conversation,
    Customer,
    Delivery,
    Handoff,
    HandoffEvent,
    InternalNote,
    Message,
    MessageButton,
)
from delegation.tables import Delegation
from documents import repository as documents
from early_warning.tables import EarlyWarning
from kit.clock import CHINA
from kit.database import UtcDateTime
from kit.search_keys import list_search_keys
from privacy import ledger
from privacy.purposes import APPLICATION, CREDIT_INQUIRY, SHARING
from privacy.rights.summary import (
    COMPLAINT,
    is_listed,
    list_applications,
    list_complaints,
    made_in,
    said_about,
    summarise_application,
)
from privacy.tables import DataCopy, DataRequest, LedgerRecord
from quota_checks.repository import delete_checks
from scoring.tables import StoredDecision
from verification.repository import list_same_customer
from verification.tables import PhoneVerification
from visits.tables import Visit

# Consents that an application rests on.
KEPT_PURPOSES = frozenset({APPLICATION, SHARING, CREDIT_INQUIRY})
UNSENT = ("pending", "passive", "deferred")
# What supervisors and agents wrote about a talk, in which the customer may be quoted.
CHECK_WORDS = ("feedback", "objection", "settlement")
# Tables of the staff site, of which only this is needed.
_NOTIFICATIONS = table("notifications", column("key"))
_UNANSWERED = table("unanswered_questions", column("conversation_id"))
NO_WORDS = dict.fromkeys(CHECK_WORDS)
CHECKS = table(
    "quality_checks",
    *map(column, ("id", "conversation_id", "state", *CHECK_WORDS)),
    column("talked_at", UtcDateTime()),
)


async def erase(session: AsyncSession, conversation: Conversation, now: datetime) -> dict[str, Any]:
    """Erases in the caller's transaction, with the conversation locked; gives how much went, and what is kept.

    Messages that are not answered yet stay until they are. The customer goes on under a new id: what is recorded under
    the old one leads to nobody from now on, but for open requests until they are answered.
    """
    kept = [row for row in await list_applications(session, conversation.id) if not _is_erasable(row, now)]
    complaints = await list_complaints(session, conversation.id)
    counts = {
        "messages": await _erase_messages(session, conversation.id, complaints, now),
        "decisions": await erase_decisions(session, conversation.id, {row.product for row in kept}),
        "documents": await documents.delete_unattached(session, conversation.id),
        "applications": await _erase_applications(session, conversation.id, kept),
        "calls": await cancel_calls(session, conversation, now),
        "visits": await _erase_visits(session, conversation.id),
        "handoffs": await _clear_handoffs(session, conversation.id, has_complaint=bool(complaints)),
    }
    await session.execute(delete(_UNANSWERED).where(_UNANSWERED.c.conversation_id == conversation.id))
    await _clear_checks(session, conversation.id)
    await _erase_warnings(session, conversation.id)
    await drop_drafts(session, conversation.id)
    await session.execute(delete(CampaignMember).where(is_listed(conversation.id)))
    await session.execute(delete(PhoneVerification).where(PhoneVerification.conversation_id == conversation.id))
    await session.execute(delete(Delegation).where(Delegation.conversation_id == conversation.id))
    await session.execute(delete(DataCopy).where(DataCopy.conversation_id == conversation.id))
    decided = DataRequest.conversation_id == conversation.id, DataRequest.state != "open"
    await session.execute(update(DataRequest).where(*decided).values(conversation_id=""))
    conversation.dialogue = {}
    consents = await ledger.list_consents(session, conversation.customer_id) if kept else []
    is_taken_back = bool(kept) and await ledger.has_withdrawn(session, conversation.customer_id, SHARING)
    await _replace_customer(session, conversation, keeps_manager=bool(kept))
    for consent in consents:
        if consent.purpose in KEPT_PURPOSES:  # what is kept still rests on them, and they can still be withdrawn
            await _record_anew(session, conversation, consent, now)
    if is_taken_back:  # no account manager gets what is kept
        await ledger.record(session, now, "consent_withdrawn", conversation.customer_id, purpose=SHARING)
    return {**counts, "kept": len(kept), "complaints": len(complaints)}


async def erase_decisions(session: AsyncSession, conversation_id: str, kept_products: set[str]) -> int:
    """Deletes the conversation's decisions, and what it was told of them, but those that a kept application followed
    from; gives how many."""
    await delete_checks(session, [conversation_id], kept_products)
    doomed = delete(StoredDecision).where(made_in(conversation_id), StoredDecision.product.not_in(kept_products))
    return len((await session.execute(doomed.returning(StoredDecision.id))).all())


async def cancel_calls(
    session: AsyncSession, conversation: Conversation, now: datetime, *, keeps_numbers: bool = False
) -> int:
    """Cancels promised calls and forgets their numbers; gives how many. Who waits for an agent keeps the place."""
    calls = await handoffs.list_calls(session, conversation.id)
    for call in calls:
        if not keeps_numbers:
            handoffs.forget_number(call)
        call.reminded_at, call.is_asked_phone = None, False
        if call.state == "callback":
            await handoffs.move(session, conversation, call, "cancel_callback", now)
    return len(calls)


async def clear_drafts(session: AsyncSession, conversation_id: str) -> int:
    """Clears what handoffs took along of the forms, and of those that ended whom to call; gives how many had any.

    Complaints stay whole, and an open handoff keeps whom it is with.
    """
    own = Handoff.conversation_id == conversation_id, Handoff.reason != COMPLAINT
    cleared = 0
    for handoff in await session.scalars(select(Handoff).where(*own)):
        about = (handoff.name, handoff.region, handoff.callback_phone) if handoff.ended_at else ()
        cleared += bool(handoff.slots) or any(about)
        handoff.slots = {}
        if about:
            handoff.name = handoff.region = handoff.callback_phone = handoff.callback_wish = None
        handoff.search_keys = list_search_keys(handoff.name, handoff.callback_phone)
    return cleared


def _is_erasable(row: Application, now: datetime) -> bool:
    return summarise_application(row, now).standing == "erasable"


async def _erase_messages(
    session: AsyncSession, conversation_id: str, complaints: Sequence[Handoff], now: datetime
) -> int:
    own = Message.conversation_id == conversation_id
    is_open = and_(Message.direction == "inbound", Message.answered_at.is_(None))
    doomed = select(Message.id).where(own, ~or_(is_open, said_about(complaints, now)))
    found = (await session.scalars(doomed)).all()
    for start in range(0, len(found), 500):
        await delete_messages(session, found[start : start + 500])
    has_messages = exists().where(Message.delivery_id == Delivery.id)
    empty = Delivery.conversation_id == conversation_id, ~has_messages
    # One that is being sent is not taken from under the process that sends it.
    await session.execute(update(Delivery).where(*empty, Delivery.state.in_(UNSENT)).values(state="expired"))
    return len(found)


async def delete_messages(session: AsyncSession, ids: Sequence[int]) -> None:
    """Deletes messages with their buttons; replies to them that stay answer nothing any more."""
    await session.execute(delete(MessageButton).where(MessageButton.message_id.in_(ids)))
    await session.execute(update(Message).where(Message.answers_id.in_(ids)).values(answers_id=None))
    await session.execute(delete(Message).where(Message.id.in_(ids)))


async def _erase_applications(session: AsyncSession, conversation_id: str, kept: Sequence[Application]) -> int:
    doomed = Application.conversation_id == conversation_id, Application.id.not_in([row.id for row in kept])
    ids = (await session.scalars(select(Application.id).where(*doomed))).all()
    await session.execute(delete(CheckedFinding).where(CheckedFinding.application_id.in_(ids)))
    await documents.delete_of_applications(session, ids)
    await session.execute(delete(Application).where(Application.id.in_(ids)))
    await _forget_notifications(session, ids)
    return len(ids)


async def _erase_warnings(session: AsyncSession, conversation_id: str) -> None:
    """Those of the same customer's other channels too, which may repeat what was said in this one; what still holds of
    a kept application is found again the next day."""
    same = await list_same_customer(session, conversation_id)
    await session.execute(delete(EarlyWarning).where(EarlyWarning.conversation_id.in_(same)))


async def _clear_checks(session: AsyncSession, conversation_id: str) -> None:
    """A check under way has nothing left to read; of the others the numbers stay."""
    own = CHECKS.c.conversation_id == conversation_id
    await session.execute(delete(CHECKS).where(own, CHECKS.c.state == "open"))
    await session.execute(update(CHECKS).where(own).values(NO_WORDS))


async def _erase_visits(session: AsyncSession, conversation_id: str) -> int:
    """A visit that is booked is off: nobody may come to a place that was erased."""
    ids = (await session.scalars(select(Visit.id).where(Visit.conversation_id == conversation_id))).all()
    await session.execute(delete(Visit).where(Visit.id.in_(ids)))
    await _forget_notifications(session, ids)
    return len(ids)


async def _clear_handoffs(session: AsyncSession, conversation_id: str, *, has_complaint: bool) -> int:
    cleared = Handoff.conversation_id == conversation_id, Handoff.reason != COMPLAINT
    ids = (await session.scalars(select(Handoff.id).where(*cleared))).all()
    nothing: dict[str, Any] = dict.fromkeys(("name", "region", "callback_phone", "callback_wish", "summary", "comment"))
    await session.execute(update(Handoff).where(Handoff.id.in_(ids)).values(slots={}, search_keys="", **nothing))
    await session.execute(update(HandoffEvent).where(HandoffEvent.handoff_id.in_(ids)).values(note=""))
    if not has_complaint:
        await session.execute(delete(InternalNote).where(InternalNote.conversation_id == conversation_id))
    await _forget_notifications(session, ids)
    return len(ids)


async def _forget_notifications(session: AsyncSession, ids: Sequence[str]) -> None:
    """Notifications to staff name the customer; their keys hold the id of what they are about."""
    for about in ids:
        await session.execute(delete(_NOTIFICATIONS).where(_NOTIFICATIONS.c.key.contains(about, autoescape=True)))


async def _record_anew(session: AsyncSession, conversation: Conversation, consent: LedgerRecord, now: datetime) -> None:
    texts = await ledger.read_wordings(session, [consent.wording_hash])
    await ledger.record(
        session,
        now,
        "consent_given",
        conversation.customer_id,
        channel=consent.channel,
        purpose=consent.purpose,
        version=consent.wording_version,
        wording=texts.get(consent.wording_hash or "", ""),
        # The day alone: the moment is that of the old record.
        details={"given_on": consent.at.astimezone(CHINA).date().isoformat()},
    )


async def _replace_customer(session: AsyncSession, conversation: Conversation, *, keeps_manager: bool) -> None:
    await session.flush()
    former = await session.get_one(Customer, conversation.customer_id)
    new = Customer(
        id=str(uuid.uuid4()),
        channel=former.channel,
        channel_user_id=former.channel_user_id,
        manager_id=former.manager_id if keeps_manager else None,
        notice_version=former.notice_version,
        created_at=former.created_at,  # the moment of the erasure would be that of its record
    )
    former.channel_user_id = f"erased:{former.id}"  # frees it for the new row
    await session.flush()
    conversation.customer = new
    await session.flush()
    await session.delete(former)
    await session.flush()
