"""Deletes what has been kept for its time (privacy/retention.yml), each kind in small transactions."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    cast,
    column,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    table,
)
from sqlalchemy.ext.asyncio import AsyncSession

from applications.stages import OPEN_STAGES
from applications.tables import Application, ApplicationDraft, BlockedPerson, CheckedFinding
from conversations.handoff.states import OPEN
from conversations.handoff.updates import forget_number
from conversations.tables import (
    Conversation,
    Customer,
    Delivery,
    Handoff,
    HandoffEvent,
    InternalNote,
    Message,
    WebSession,
)
from delegation.tables import Delegation
from documents import repository as documents
from documents.tables import StoredDocument
from kit.database import Database, UtcDateTime
from knowledge.tables import AnswerPicture
from privacy.retention import RetentionTable, load_retention
from privacy.rights.erasure import delete_messages
from privacy.rights.summary import COMPLAINT
from privacy.tables import DataCopy, DataRequest, LegalHold
from quota_checks.tables import QuotaCheck
from revisions.tables import Revision
from scoring.tables import StoredDecision
from verification.tables import PhoneVerification
from visits.tables import Visit

BATCH = 500
_NOTIFICATIONS = table("notifications", column("id"), column("created_at", UtcDateTime()))
_EDITS = table("entry_edits", column("saved_at", UtcDateTime()), column("content"))
_UNANSWERED = table("unanswered_questions", *map(column, ("id", "conversation_id")), column("at", UtcDateTime()))


class RetentionRunner:
    """Deletes, or with a dry run only counts, what is past its time. What a legal hold or open work needs stays."""

    def __init__(self, database: Database, table: RetentionTable | None = None) -> None:
        self._database = database
        self._table = table or load_retention()

    async def run(self, now: datetime, *, is_dry: bool = False) -> dict[str, int]:
        """How many rows of each kind went, or would."""
        counts: dict[str, int] = {}
        async for kind, count in self._run_all(now, is_dry=is_dry):
            counts[kind] = counts.get(kind, 0) + count
        return counts

    async def _run_all(self, now: datetime, *, is_dry: bool) -> AsyncIterator[tuple[str, int]]:
        ends = {kind: now - each.time for kind, each in self._table.kinds.items() if each.time}
        for kind, due, act in (
            ("conversation", _find_messages(ends["conversation"]), delete_messages),
            ("conversation", _find_unanswered(ends["conversation"]), _delete_by(_UNANSWERED.c.id)),
            ("callback", _find_callbacks(ends["callback"]), _forget_phones),
            ("verification", _find_verifications(ends["verification"]), _delete_by(PhoneVerification.id)),
            ("handoff", _find_notes(ends["handoff"]), _delete_by(InternalNote.id)),
            ("handoff", _find_handoffs(ends["handoff"]), _delete_handoffs),
            ("draft", _find_drafts(ends["draft"]), _delete_by(ApplicationDraft.conversation_id)),
            ("visit", _find_visits(ends["visit"]), _delete_by(Visit.id)),
            ("delegation", _find_delegations(ends["delegation"]), _delete_by(Delegation.id)),
            ("document", _find_documents(now), _delete_by(StoredDocument.id)),
            ("decision", _find_decisions(ends["decision"]), _delete_by(StoredDecision.id)),
            ("decision", _find_checks(ends["decision"]), _delete_by(QuotaCheck.id)),
            ("withdrawn_application", _find_withdrawn(ends["withdrawn_application"]), _delete_applications),
            ("application", _find_ended(ends["application"]), _delete_applications),
            (
                "blocked_person",
                select(BlockedPerson.id).where(BlockedPerson.expires_at <= now),
                _delete_by(BlockedPerson.id),
            ),
            ("request", _find_requests(ends["request"]), _delete_by(DataRequest.id)),
            ("notification", _find_notifications(ends["notification"]), _delete_by(_NOTIFICATIONS.c.id)),
            # By its moment: what is changed meanwhile has another one, and stays.
            ("edit", _find_edits(ends["edit"]), _delete_by(_EDITS.c.saved_at)),
            ("edit", _find_pictures(ends["edit"]), _delete_by(AnswerPicture.name)),
            (
                "dialogue",
                select(DataCopy.conversation_id).where(DataCopy.expires_at <= now),
                _delete_by(DataCopy.conversation_id),
            ),
            ("conversation", _find_deliveries(ends["conversation"]), _delete_by(Delivery.id)),
            ("customer", _find_strangers(ends["conversation"]), _delete_conversations),
        ):
            yield kind, await (self._count(due) if is_dry else self._delete(due, act))

    async def _count(self, due: Select[Any]) -> int:
        async with self._database.reading() as session:
            return await session.scalar(select(func.count()).select_from(due.subquery())) or 0

    async def _delete(self, due: Select[Any], act: Any) -> int:
        total = 0
        while True:
            async with self._database.transaction() as session:
                ids = (await session.scalars(due.limit(BATCH))).all()
                if ids:
                    await act(session, ids)
            total += len(ids)
            if len(ids) < BATCH:
                return total


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


def _find_messages(end: datetime) -> Select[Any]:
    own = Message.conversation_id
    is_over = Message.at < end, ~_is_held(own), ~_is_worked_on(own), ~_is_complaint()
    return select(Message.id).where(*is_over).order_by(Message.id)


def _find_unanswered(end: datetime) -> Select[Any]:
    return select(_UNANSWERED.c.id).where(_UNANSWERED.c.at < end, ~_is_held(_UNANSWERED.c.conversation_id))


def _find_callbacks(end: datetime) -> Select[Any]:
    has_number = or_(Handoff.callback_phone.is_not(None), Handoff.callback_wish.is_not(None))
    return select(Handoff.id).where(has_number, Handoff.ended_at < end, ~_is_held(Handoff.conversation_id))


def _find_verifications(end: datetime) -> Select[Any]:
    return select(PhoneVerification.id).where(
        PhoneVerification.sent_at < end, ~_is_held(PhoneVerification.conversation_id)
    )


def _find_notes(end: datetime) -> Select[Any]:
    own = InternalNote.conversation_id
    return select(InternalNote.id).where(InternalNote.at < end, ~_is_held(own), ~_is_worked_on(own))


def _find_handoffs(end: datetime) -> Select[Any]:
    return select(Handoff.id).where(Handoff.ended_at < end, ~_is_held(Handoff.conversation_id))


def _find_drafts(end: datetime) -> Select[Any]:
    return select(ApplicationDraft.conversation_id).where(
        ApplicationDraft.saved_at < end, ~_is_held(ApplicationDraft.conversation_id)
    )


def _find_visits(end: datetime) -> Select[Any]:
    return select(Visit.id).where(Visit.starts_at < end, ~_is_held(Visit.conversation_id))


def _find_delegations(end: datetime) -> Select[Any]:
    return select(Delegation.id).where(Delegation.created_at < end, ~_is_held(Delegation.conversation_id))


def _find_decisions(end: datetime) -> Select[Any]:
    conversation = func.substr(StoredDecision.idempotency_key, 1, 36)
    worked_on = exists().where(Application.conversation_id == conversation, Application.stage.in_(OPEN_STAGES))
    return select(StoredDecision.id).where(StoredDecision.created_at < end, ~_is_held(conversation), ~worked_on)


def _find_checks(end: datetime) -> Select[Any]:
    own = QuotaCheck.conversation_id
    return select(QuotaCheck.id).where(QuotaCheck.decided_at < end, ~_is_held(own), ~_is_worked_on(own))


def _find_documents(now: datetime) -> Select[Any]:
    """Those that no application has; the others go with it."""
    is_over = StoredDocument.expires_at <= now, ~_is_held(StoredDocument.conversation_id)
    return select(StoredDocument.id).where(*is_over)


def _find_withdrawn(end: datetime) -> Select[Any]:
    is_untouched = and_(Application.stage == "withdrawn", Application.acted_at.is_(None))
    return select(Application.id).where(
        is_untouched, Application.changed_at < end, ~_is_held(Application.conversation_id)
    )


def _find_ended(end: datetime) -> Select[Any]:
    is_over = Application.stage.not_in(OPEN_STAGES)
    return select(Application.id).where(is_over, Application.changed_at < end, ~_is_held(Application.conversation_id))


def _find_requests(end: datetime) -> Select[Any]:
    return select(DataRequest.id).where(DataRequest.decided_at < end, ~_is_held(DataRequest.conversation_id))


def _find_notifications(end: datetime) -> Select[Any]:
    return select(_NOTIFICATIONS.c.id).where(_NOTIFICATIONS.c.created_at < literal(end, UtcDateTime()))


def _find_edits(end: datetime) -> Select[Any]:
    return select(_EDITS.c.saved_at).where(_EDITS.c.saved_at < literal(end, UtcDateTime()))


def _find_pictures(end: datetime) -> Select[Any]:
    """Those that neither a revision nor an edit names, which are few: each is looked for in all texts."""
    contents = (Revision.content, _EDITS.c.content)
    is_named = (exists().where(cast(content, Text).contains(AnswerPicture.name)) for content in contents)
    return select(AnswerPicture.name).where(AnswerPicture.added_at < end, *(~named for named in is_named))


def _find_deliveries(end: datetime) -> Select[Any]:
    is_empty = ~exists().where(Message.delivery_id == Delivery.id)
    return select(Delivery.id).where(Delivery.created_at < end, is_empty)


def _find_strangers(end: datetime) -> Select[Any]:
    """Conversations in which nothing is left and nobody has written for as long as messages are kept."""
    own = Conversation.id
    things = (
        Message,
        Handoff,
        Application,
        StoredDocument,
        InternalNote,
        Delivery,
        DataRequest,
        *(Visit, Delegation, QuotaCheck),
    )
    is_empty = [~exists().where(thing.conversation_id == own) for thing in things]
    return select(own).where(Conversation.created_at < end, Conversation.lease_until.is_(None), *is_empty)


def _delete_by(key: Any) -> Callable[[AsyncSession, Sequence[Any]], Awaitable[None]]:
    """Deletes the rows whose column has one of some values."""

    async def act(session: AsyncSession, values: Sequence[Any]) -> None:
        await session.execute(delete(key.table).where(key.in_(values)))

    return act


async def _forget_phones(session: AsyncSession, ids: Sequence[str]) -> None:
    for handoff in await session.scalars(select(Handoff).where(Handoff.id.in_(ids))):
        forget_number(handoff)


async def _delete_handoffs(session: AsyncSession, ids: Sequence[str]) -> None:
    await session.execute(delete(HandoffEvent).where(HandoffEvent.handoff_id.in_(ids)))
    await session.execute(delete(Handoff).where(Handoff.id.in_(ids)))


async def _delete_applications(session: AsyncSession, ids: Sequence[str]) -> None:
    await session.execute(delete(CheckedFinding).where(CheckedFinding.application_id.in_(ids)))
    await documents.delete_of_applications(session, ids)
    await session.execute(delete(Application).where(Application.id.in_(ids)))


async def _delete_conversations(session: AsyncSession, ids: Sequence[str]) -> None:
    customers = (await session.scalars(select(Conversation.customer_id).where(Conversation.id.in_(ids)))).all()
    for holder in (WebSession, PhoneVerification):
        await session.execute(delete(holder).where(holder.conversation_id.in_(ids)))
    await session.execute(delete(Conversation).where(Conversation.id.in_(ids)))
    await session.execute(delete(Customer).where(Customer.id.in_(customers)))
