"""Queries for what has been kept for its time, and no legal hold or open work needs."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    cast,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    table,
)

from applications.stages import OPEN_STAGES
from applications.tables import Application, ApplicationDraft, BlockedPerson
from campaigns.tables import Campaign, CampaignMember
from conversations.handoff.states import OPEN
from conversations.tables import (
    Conversation,
    Delivery,
    Handoff,
    InternalNote,
    Message,
)
from delegation.tables import Delegation
from documents.tables import StoredDocument
from kit.clock import CHINA
from kit.database import UtcDateTime
from knowledge.tables import AnswerPicture
from privacy.rights.erasure import CHECK_WORDS, CHECKS
from privacy.rights.summary import COMPLAINT
from privacy.tables import DataRequest, LegalHold
from quota_checks.tables import QuotaCheck
from revisions.tables import Revision
from scoring.tables import StoredDecision
from verification.tables import PhoneVerification
from visits.tables import Visit

NOTIFICATIONS = table("notifications", column("id"), column("created_at", UtcDateTime()))
EDITS = table("entry_edits", column("saved_at", UtcDateTime()), column("content"))
UNANSWERED = table("unanswered_questions", *map(column, ("id", "conversation_id")), column("at", UtcDateTime()))


def _is_held(conversation_id: Any) -> ColumnElement[bool]:
    """Whether the customer of a conversation is under a legal hold."""
    return exists().where(
        Conversation.id == conversation_id,
        LegalHold.customer_id == Conversation.customer_id,
        LegalHold.lifted_at.is_(None),
    )


def _is_worked_on(conversation_id: Any) -> ColumnElement[bool]:
    """Whether staff still need what was said: for an open application or talk."""
    return or_(
        exists().where(Application.conversation_id == conversation_id, Application.stage.in_(OPEN_STAGES)),
        exists().where(Handoff.conversation_id == conversation_id, Handoff.state.in_(OPEN)),
    )


def _is_complaint() -> ColumnElement[bool]:
    """Whether a message was the complaint of a handoff that is still kept, or was said about it."""
    said = Message.at.between(Handoff.requested_at, func.coalesce(Handoff.ended_at, Handoff.requested_at))
    return exists().where(
        Handoff.conversation_id == Message.conversation_id,
        Handoff.reason == COMPLAINT,
        or_(said, Message.answered_at == Handoff.requested_at),
    )


def find_old(at: Any, end: datetime) -> Select[Any]:
    return select(at.class_.id).where(at < end, ~_is_held(at.class_.conversation_id))


def find_messages(end: datetime) -> Select[Any]:
    own = Message.conversation_id
    is_over = Message.at < end, ~_is_held(own), ~_is_worked_on(own), ~_is_complaint()
    return select(Message.id).where(*is_over).order_by(Message.id)


def find_unanswered(end: datetime) -> Select[Any]:
    return select(UNANSWERED.c.id).where(UNANSWERED.c.at < end, ~_is_held(UNANSWERED.c.conversation_id))


def find_checks_with_words(end: datetime) -> Select[Any]:
    """Checks of talks whose messages go now: what quotes them goes too."""
    has_words = or_(*(CHECKS.c[name].is_not(None) for name in CHECK_WORDS))
    is_over = CHECKS.c.talked_at < literal(end, UtcDateTime()), ~_is_held(CHECKS.c.conversation_id)
    return select(CHECKS.c.id).where(has_words, *is_over)


def find_callbacks(end: datetime) -> Select[Any]:
    has_number = or_(Handoff.callback_phone.is_not(None), Handoff.callback_wish.is_not(None))
    return select(Handoff.id).where(has_number, Handoff.ended_at < end, ~_is_held(Handoff.conversation_id))


def find_notes(end: datetime) -> Select[Any]:
    own = InternalNote.conversation_id
    return select(InternalNote.id).where(InternalNote.at < end, ~_is_held(own), ~_is_worked_on(own))


def find_handoffs(end: datetime) -> Select[Any]:
    return select(Handoff.id).where(Handoff.ended_at < end, ~_is_held(Handoff.conversation_id))


def find_drafts(end: datetime) -> Select[Any]:
    return select(ApplicationDraft.conversation_id).where(
        ApplicationDraft.saved_at < end, ~_is_held(ApplicationDraft.conversation_id)
    )


def find_decisions(end: datetime) -> Select[Any]:
    conversation = func.substr(StoredDecision.idempotency_key, 1, 36)
    worked_on = exists().where(Application.conversation_id == conversation, Application.stage.in_(OPEN_STAGES))
    return select(StoredDecision.id).where(StoredDecision.created_at < end, ~_is_held(conversation), ~worked_on)


def find_checks(end: datetime) -> Select[Any]:
    own = QuotaCheck.conversation_id
    return select(QuotaCheck.id).where(QuotaCheck.decided_at < end, ~_is_held(own), ~_is_worked_on(own))


def find_documents(now: datetime) -> Select[Any]:
    """Those that no application has; the others go with it."""
    is_over = StoredDocument.expires_at <= now, ~_is_held(StoredDocument.conversation_id)
    return select(StoredDocument.id).where(*is_over)


def find_withdrawn(end: datetime) -> Select[Any]:
    is_untouched = and_(Application.stage == "withdrawn", Application.acted_at.is_(None))
    return select(Application.id).where(
        is_untouched, Application.changed_at < end, ~_is_held(Application.conversation_id)
    )


def find_ended(end: datetime) -> Select[Any]:
    is_over = Application.stage.not_in(OPEN_STAGES)
    return select(Application.id).where(is_over, Application.changed_at < end, ~_is_held(Application.conversation_id))


def find_members(end: datetime) -> Select[Any]:
    is_over = Campaign.last_day < end.astimezone(CHINA).date()
    verified = PhoneVerification.phone_key == CampaignMember.phone_key, PhoneVerification.verified_at.is_not(None)
    is_held = exists().where(*verified, _is_held(PhoneVerification.conversation_id))
    query = select(CampaignMember.id).join(Campaign, Campaign.id == CampaignMember.campaign_id)
    return query.where(is_over, ~is_held)


def find_unblocked(now: datetime) -> Select[Any]:
    return select(BlockedPerson.id).where(BlockedPerson.expires_at <= now)


def find_requests(end: datetime) -> Select[Any]:
    return select(DataRequest.id).where(DataRequest.decided_at < end, ~_is_held(DataRequest.conversation_id))


def find_notifications(end: datetime) -> Select[Any]:
    return select(NOTIFICATIONS.c.id).where(NOTIFICATIONS.c.created_at < literal(end, UtcDateTime()))


def find_edits(end: datetime) -> Select[Any]:
    return select(EDITS.c.saved_at).where(EDITS.c.saved_at < literal(end, UtcDateTime()))


def find_pictures(end: datetime) -> Select[Any]:
    """Those that neither a revision nor an edit names, which are few: each is looked for in all texts."""
    contents = (Revision.content, EDITS.c.content)
    is_named = (exists().where(cast(content, Text).contains(AnswerPicture.name)) for content in contents)
    return select(AnswerPicture.name).where(AnswerPicture.added_at < end, *(~named for named in is_named))


def find_deliveries(end: datetime) -> Select[Any]:
    is_empty = ~exists().where(Message.delivery_id == Delivery.id)
    return select(Delivery.id).where(Delivery.created_at < end, is_empty)


def find_strangers(end: datetime) -> Select[Any]:
    """Conversations in which nothing is left and nobody has written for as long as messages are kept."""
    own = Conversation.id
    things = (Message, Handoff, Application, StoredDocument, InternalNote, Delivery, DataRequest, Visit, Delegation)
    is_empty = [~exists().where(thing.conversation_id == own) for thing in (*things, QuotaCheck)]
    return select(own).where(Conversation.created_at < end, Conversation.lease_until.is_(None), *is_empty)
