"""Deletes what has been kept for its time (privacy/retention.yml), each kind in small transactions."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Select,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from applications.tables import Application, ApplicationDraft, BlockedPerson, CheckedFinding
from campaigns.tables import CampaignMember
from conversations.handoff.repository import forget_number
from conversations.tables import (
    Conversation,
    Customer,
    Delivery,
    Handoff,
    HandoffEvent,
    InternalNote,
    WebSession,
)
from delegation.tables import Delegation
from documents import repository as documents
from documents.tables import StoredDocument
from early_warning.tables import EarlyWarning
from kit.database import Database
from knowledge.tables import AnswerPicture
from privacy.retention import RetentionTable, load_retention
from privacy.rights.erasure import CHECKS, NO_WORDS, delete_messages
from privacy.rights.expired import (
    EDITS,
    NOTIFICATIONS,
    UNANSWERED,
    find_callbacks,
    find_checks,
    find_checks_with_words,
    find_decisions,
    find_deliveries,
    find_documents,
    find_drafts,
    find_edits,
    find_ended,
    find_handoffs,
    find_members,
    find_messages,
    find_notes,
    find_notifications,
    find_old,
    find_pictures,
    find_requests,
    find_strangers,
    find_unanswered,
    find_unblocked,
    find_withdrawn,
)
from privacy.tables import DataCopy, DataRequest
from quota_checks.tables import QuotaCheck
from scoring.tables import StoredDecision
from verification.tables import PhoneVerification
from visits.tables import Visit

BATCH = 500


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
            ("conversation", find_messages(ends["conversation"]), delete_messages),
            ("conversation", find_unanswered(ends["conversation"]), _delete_by(UNANSWERED.c.id)),
            ("conversation", find_checks_with_words(ends["conversation"]), _clear_checks),
            ("callback", find_callbacks(ends["callback"]), _forget_phones),
            (
                "verification",
                find_old(PhoneVerification.sent_at, ends["verification"]),
                _delete_by(PhoneVerification.id),
            ),
            ("handoff", find_notes(ends["handoff"]), _delete_by(InternalNote.id)),
            ("handoff", find_handoffs(ends["handoff"]), _delete_handoffs),
            ("draft", find_drafts(ends["draft"]), _delete_by(ApplicationDraft.conversation_id)),
            ("visit", find_old(Visit.starts_at, ends["visit"]), _delete_by(Visit.id)),
            ("delegation", find_old(Delegation.created_at, ends["delegation"]), _delete_by(Delegation.id)),
            ("document", find_documents(now), _delete_by(StoredDocument.id)),
            ("decision", find_decisions(ends["decision"]), _delete_by(StoredDecision.id)),
            ("decision", find_checks(ends["decision"]), _delete_by(QuotaCheck.id)),
            ("withdrawn_application", find_withdrawn(ends["withdrawn_application"]), _delete_applications),
            ("application", find_ended(ends["application"]), _delete_applications),
            ("blocked_person", find_unblocked(now), _delete_by(BlockedPerson.id)),
            ("campaign", find_members(ends["campaign"]), _delete_by(CampaignMember.id)),
            ("warning", find_old(EarlyWarning.last_seen_at, ends["warning"]), _delete_by(EarlyWarning.id)),
            ("request", find_requests(ends["request"]), _delete_by(DataRequest.id)),
            ("notification", find_notifications(ends["notification"]), _delete_by(NOTIFICATIONS.c.id)),
            # By its moment: what is changed meanwhile has another one, and stays.
            ("edit", find_edits(ends["edit"]), _delete_by(EDITS.c.saved_at)),
            ("edit", find_pictures(ends["edit"]), _delete_by(AnswerPicture.name)),
            (
                "dialogue",
                select(DataCopy.conversation_id).where(DataCopy.expires_at <= now),
                _delete_by(DataCopy.conversation_id),
            ),
            ("conversation", find_deliveries(ends["conversation"]), _delete_by(Delivery.id)),
            ("customer", find_strangers(ends["conversation"]), _delete_conversations),
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


def _delete_by(key: Any) -> Callable[[AsyncSession, Sequence[Any]], Awaitable[None]]:
    """Deletes the rows whose column has one of some values."""

    async def act(session: AsyncSession, values: Sequence[Any]) -> None:
        await session.execute(delete(key.table).where(key.in_(values)))

    return act


async def _clear_checks(session: AsyncSession, ids: Sequence[str]) -> None:
    await session.execute(update(CHECKS).where(CHECKS.c.id.in_(ids)).values(NO_WORDS))


async def _forget_phones(session: AsyncSession, ids: Sequence[str]) -> None:
    for handoff in await session.scalars(select(Handoff).where(Handoff.id.in_(ids))):
        forget_number(handoff)


async def _delete_handoffs(session: AsyncSession, ids: Sequence[str]) -> None:
    await session.execute(delete(HandoffEvent).where(HandoffEvent.handoff_id.in_(ids)))
    await session.execute(delete(Handoff).where(Handoff.id.in_(ids)))


async def _delete_applications(session: AsyncSession, ids: Sequence[str]) -> None:
    await session.execute(delete(CheckedFinding).where(CheckedFinding.application_id.in_(ids)))
    await session.execute(delete(EarlyWarning).where(EarlyWarning.subject_id.in_(ids)))
    await documents.delete_of_applications(session, ids)
    await session.execute(delete(Application).where(Application.id.in_(ids)))


async def _delete_conversations(session: AsyncSession, ids: Sequence[str]) -> None:
    customers = (await session.scalars(select(Conversation.customer_id).where(Conversation.id.in_(ids)))).all()
    for holder in (WebSession, PhoneVerification):
        await session.execute(delete(holder).where(holder.conversation_id.in_(ids)))
    await session.execute(delete(Conversation).where(Conversation.id.in_(ids)))
    await session.execute(delete(Customer).where(Customer.id.in_(customers)))
