"""What a conversation holds of its customer, and what may become of it: the facts that every right goes by."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, exists, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from applications.stages import OPEN_STAGES, Stage
from applications.tables import Application
from campaigns.tables import CampaignMember
from conversations.handoff import repository as handoffs
from conversations.tables import Conversation, Customer, Handoff, InternalNote, Message
from documents.tables import StoredDocument
from kit.errors import RequestError
from privacy import ledger
from privacy.retention import load_retention
from privacy.schemas import Value
from privacy.tables import LegalHold
from scoring.tables import StoredDecision
from verification.tables import PhoneVerification

# erasable: nobody at the bank has worked on it. withdrawable: it may be withdrawn, and then be erased. open: somebody
# works on it. kept: it is over, and the law wants it kept until a day.
Standing = Literal["erasable", "withdrawable", "open", "kept"]
COMPLAINT = "complaint"
BEFORE_COMPLAINT = timedelta(minutes=10)


class ApplicationSummary(Value):
    """An application, and what an erasure may do with it; `kept_until` where the law keeps it."""

    id: str
    number: str
    product: str
    stage: Stage
    standing: Standing
    kept_until: datetime | None = None


class DataSummary(Value):
    """How much of each kind there is of a customer; `since` is their first message, `purposes` those they agreed to.

    `kept_messages` of the messages were said about complaints; `documents` are those that no application has.
    """

    customer_id: str
    channel: str
    messages: int
    kept_messages: int
    since: datetime | None
    applications: list[ApplicationSummary]
    decisions: int
    documents: int
    handoffs: int
    complaints: int
    notes: int
    calls: int
    purposes: list[str]
    is_held: bool

    def list_standing(self, *standings: Standing) -> list[ApplicationSummary]:
        """The applications with one of these standings."""
        return [application for application in self.applications if application.standing in standings]


def find_standing(
    stage: Stage, acted_at: datetime | None, changed_at: datetime, now: datetime
) -> tuple[Standing, datetime | None]:
    """What an erasure may do with an application, and until when it is kept."""
    if acted_at is None and stage in ("submitted", "withdrawn"):
        return ("withdrawable" if stage == "submitted" else "erasable"), None
    if stage in OPEN_STAGES:
        return "open", None
    until = changed_at + load_retention().find_time("application")
    return ("kept", until) if until > now else ("erasable", None)


async def lock_conversation(session: AsyncSession, conversation_id: str) -> Conversation:
    """The conversation, locked until the transaction ends; RequestError 404."""
    query = select(Conversation).where(Conversation.id == conversation_id).with_for_update(of=Conversation)
    found = (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()
    if found is None:
        raise RequestError(404, "no_such_conversation", "没有这个对话")
    return found


def is_listed(conversation_id: str) -> ColumnElement[bool]:
    """Whether a member of a campaign has a phone that the conversation verified."""
    theirs = PhoneVerification.conversation_id == conversation_id, PhoneVerification.verified_at.is_not(None)
    return CampaignMember.phone_key.in_(select(PhoneVerification.phone_key).where(*theirs))


def made_in(conversation_id: str) -> ColumnElement[bool]:
    """Decisions made in a conversation: their idempotency key begins with its id (bot/actions/quota.py)."""
    return StoredDecision.idempotency_key.startswith(f"{conversation_id}:", autoescape=True)


async def list_complaints(session: AsyncSession, conversation_id: str) -> Sequence[Handoff]:
    """The conversation's complaints."""
    own = Handoff.conversation_id == conversation_id, Handoff.reason == COMPLAINT
    return (await session.scalars(select(Handoff).where(*own))).all()


def said_about(complaints: Sequence[Handoff], now: datetime) -> ColumnElement[bool]:
    """Messages that belong to complaints: what was said since shortly before."""
    spans = ((each.requested_at - BEFORE_COMPLAINT, each.ended_at or now) for each in complaints)
    return or_(false(), *(Message.at.between(begins, ends) for begins, ends in spans))


async def is_held(session: AsyncSession, customer_id: str) -> bool:
    """Whether a legal hold stands."""
    stands = exists().where(LegalHold.customer_id == customer_id, LegalHold.lifted_at.is_(None))
    return bool(await session.scalar(select(stands)))


async def list_applications(session: AsyncSession, conversation_id: str) -> Sequence[Application]:
    """The conversation's applications, newest first."""
    query = select(Application).where(Application.conversation_id == conversation_id)
    return (await session.scalars(query.order_by(Application.created_at.desc()))).all()


def summarise_application(row: Application, now: datetime) -> ApplicationSummary:
    """An application with its standing."""
    standing, until = find_standing(row.stage, row.acted_at, row.changed_at, now)
    return ApplicationSummary(
        id=row.id, number=row.number, product=row.product, stage=row.stage, standing=standing, kept_until=until
    )


async def summarise(session: AsyncSession, conversation_id: str, now: datetime) -> DataSummary:
    """What a conversation holds; RequestError 404 for an unknown one."""
    customer = await session.scalar(
        select(Customer)
        .join(Conversation, Conversation.customer_id == Customer.id)
        .where(Conversation.id == conversation_id)
    )
    if customer is None:
        raise RequestError(404, "no_such_conversation", "没有这个对话")
    messages, since = (
        await session.execute(
            select(func.count(), func.min(Message.at)).where(Message.conversation_id == conversation_id)
        )
    ).one()
    complaints = await list_complaints(session, conversation_id)

    async def count(table: type, *conditions: ColumnElement[bool]) -> int:
        return await session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0

    consents = await ledger.list_consents(session, customer.id)
    return DataSummary(
        customer_id=customer.id,
        channel=customer.channel,
        messages=messages,
        kept_messages=await count(Message, Message.conversation_id == conversation_id, said_about(complaints, now)),
        since=since,
        applications=[summarise_application(row, now) for row in await list_applications(session, conversation_id)],
        decisions=await count(StoredDecision, made_in(conversation_id)),
        documents=await count(
            StoredDocument,
            StoredDocument.conversation_id == conversation_id,
            StoredDocument.application_id.is_(None),
        ),
        handoffs=await count(Handoff, Handoff.conversation_id == conversation_id),
        complaints=len(complaints),
        notes=await count(InternalNote, InternalNote.conversation_id == conversation_id),
        calls=len(await handoffs.list_calls(session, conversation_id)),
        purposes=list(dict.fromkeys(consent.purpose for consent in consents)),
        is_held=await is_held(session, customer.id),
    )
