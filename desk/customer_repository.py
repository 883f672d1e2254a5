"""Queries on customers and applications for account managers, across packages; phone numbers are masked."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from applications import repository
from applications.notices import list_untold
from applications.schemas import ManagedApplication
from applications.stages import Stage
from applications.tables import Application
from conversations.handoff.states import OPEN
from conversations.schemas import State
from conversations.tables import Conversation, Customer, Handoff, Message
from desk import staff_repository
from desk.handoff_summary import summarise_handoff
from desk.portrait import Tag
from desk.wording import name_customer, name_discreetly
from kit.masking import mask_personal_data
from kit.phones import read_phone
from kit.search_keys import read_search

# `lead`: has not applied yet.
CustomerGroup = Literal["lead", "applied"]


@dataclass(frozen=True, slots=True)
class TalkLink:
    """The talk a card links to: the open one, or else the last. `due_at`: the promised time of a call."""

    handoff_id: str
    state: State
    due_at: datetime | None
    agent_id: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the customer still waits for something."""
        return self.state in OPEN

    def is_served_by(self, staff_id: str) -> bool:
        """Whether they talk to the customer now, or are to call them back."""
        return self.agent_id == staff_id and self.state in SERVED


@dataclass(frozen=True, slots=True)
class ApplicationCard:
    """An application to work on; `is_late`: whoever is responsible has not acted in time.

    `is_untold`: no notice reached the customer of where it stands, somebody has to call.
    """

    application: ManagedApplication
    customer_id: str
    channel: str
    source: str | None
    talk: TalkLink | None
    is_untold: bool = False
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """A customer and how far they have come.

    `name`, `phone` and `region` are empty if unknown. `application` is the newest one, before those that were
    withdrawn, None for a lead; `quota` the result of their last quota check: 通过，80,000元. `last_at` is the time of
    the last message, `contact_on` the day for the next contact; `tags` are those of the portrait.
    """

    customer_id: str
    manager_id: str | None
    channel: str
    source: str | None
    name: str
    phone: str
    region: str
    quota: str
    application: ManagedApplication | None
    talk: TalkLink | None
    last_at: datetime
    contact_on: date | None = None
    tags: tuple[Tag, ...] = ()


Card = ApplicationCard | CustomerCard


@dataclass(frozen=True, slots=True)
class Story:
    """The story of a conversation's last handoff (empty without one), and the talk its cards link to."""

    slots: Mapping[str, Any]
    callback_phone: str | None
    talk: TalkLink | None


SERVED: tuple[State, ...] = ("active", "callback")
NO_STORY = Story({}, None, None)


async def list_applications(
    session: AsyncSession, manager_id: str | None, stages: Collection[Stage], search: str, limit: int
) -> list[ApplicationCard]:
    """Applications of one manager (None: all), the last changed first."""
    found = await repository.list_of_manager(session, manager_id, stages, search=search, limit=limit)
    ids = {application.conversation_id for application in found}
    query = select(Conversation).where(Conversation.id.in_(ids))
    customers = {row.id: row.customer for row in await session.scalars(query)}
    stories = await _read_stories(session, ids)
    untold = await list_untold(session, [application.id for application in found])
    names = await _name_responsible(session, found)
    return [
        ApplicationCard(
            _show(a, names),
            customer.id,
            customer.channel,
            customer.source,
            stories[a.conversation_id].talk,
            is_untold=a.id in untold,
        )
        for a in found
        if (customer := customers.get(a.conversation_id))
    ]


async def list_customers(
    session: AsyncSession, manager_id: str | None, search: str, group: CustomerGroup | None, limit: int
) -> list[CustomerCard]:
    """Customers of one manager (None: all): those to contact on a day by that day, then the last in touch first."""
    return await _read_cards(session, _select_customers(*_list_conditions(manager_id, search, group)).limit(limit))


async def list_of_ids(session: AsyncSession, customer_ids: Collection[str]) -> list[CustomerCard]:
    """Some customers, in the order of `list_customers`."""
    return await _read_cards(session, _select_customers(Customer.id.in_(customer_ids)))


async def _read_cards(session: AsyncSession, query: Select[Customer, str, datetime]) -> list[CustomerCard]:
    rows = (await session.execute(query)).all()
    ids = [conversation_id for _, conversation_id, _ in rows]
    stories = await _read_stories(session, ids)
    newest: dict[str, ManagedApplication] = {}
    # One that was withdrawn must not hide an earlier one on which the account manager works.
    for application in sorted(await repository.list_of_conversations(session, ids), key=_is_withdrawn):
        newest.setdefault(application.conversation_id, application)
    names = await _name_responsible(session, newest.values())
    return [
        _describe(customer, newest.get(conversation_id), stories[conversation_id], last_at, names)
        for customer, conversation_id, last_at in rows
    ]


async def find_phone(session: AsyncSession, customer_id: str) -> str:
    """The customer's full phone number; empty if they never gave one."""
    conversation_id = await session.scalar(select(Conversation.id).where(Conversation.customer_id == customer_id))
    ids = [conversation_id] if conversation_id else []
    applications = await repository.list_of_conversations(session, ids)
    stories = await _read_stories(session, ids)
    return _choose_phone(min(applications, key=_is_withdrawn, default=None), stories[conversation_id or ""])


async def is_served(session: AsyncSession, conversation_ids: Collection[str], staff_id: str) -> bool:
    """Whether a staff member talks to the customer of these conversations now, or is to call them back."""
    talk = exists().where(
        Handoff.conversation_id.in_(conversation_ids), Handoff.agent_id == staff_id, Handoff.state.in_(SERVED)
    )
    return bool(await session.scalar(select(talk)))


async def list_names(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    """What staff call the customers whose ids these are, or those of their talks and applications, by these ids."""
    return {key: name_customer(*found) for key, found in (await _find_names(session, ids)).items()}


async def list_discreet_names(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    """The same as notifications say it, which leave the house."""
    return {key: name_discreetly(*found) for key, found in (await _find_names(session, ids)).items()}


async def _find_names(session: AsyncSession, ids: Collection[str]) -> dict[str, tuple[str, str | None]]:
    """The customer's id, and the name they gave if they did, by each of the ids."""
    found: dict[str, tuple[str, str | None]] = {}
    talk = select(Handoff.id, Conversation.customer_id, Handoff.name).join(
        Conversation, Conversation.id == Handoff.conversation_id
    )
    for key, customer_id, name in (await session.execute(talk.where(Handoff.id.in_(ids)))).all():
        found[key] = customer_id, name
    filed = (
        select(Application.id, Customer.id, Application.name)
        .join(Conversation, Conversation.id == Application.conversation_id)
        .join(Customer, Customer.id == Conversation.customer_id)
        .where(or_(Application.id.in_(ids), Customer.id.in_(ids)))
        .order_by(Application.created_at)
    )
    for application_id, customer_id, name in (await session.execute(filed)).all():
        found |= {key: (customer_id, name) for key in (application_id, customer_id) if key in ids}
    known = select(Customer.id).where(Customer.id.in_(ids))
    unnamed = {each: (each, None) for each in await session.scalars(known) if each not in found}
    return found | unnamed


def _list_conditions(manager_id: str | None, search: str, group: CustomerGroup | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if manager_id is not None:
        conditions.append(Customer.manager_id == manager_id)
    has_applied = exists().where(Application.conversation_id == Conversation.id)
    if group:
        conditions.append(has_applied if group == "applied" else ~has_applied)
    if search:
        is_told = or_(
            Handoff.search_keys.contains(read_search(search)), Handoff.region.icontains(search, autoescape=True)
        )
        conditions.append(
            or_(
                has_applied.where(repository.mentions(search)),
                exists().where(Handoff.conversation_id == Conversation.id, is_told),
                Customer.source.icontains(search, autoescape=True),
            )
        )
    return conditions


def _select_customers(*conditions: ColumnElement[bool]) -> Select[Customer, str, datetime]:
    # By its id the last message is found in the index alone.
    said = aliased(Message)
    last_id = select(func.max(said.id)).where(said.conversation_id == Conversation.id).scalar_subquery()
    last_at = func.coalesce(Message.at, Conversation.created_at)
    return (
        select(Customer, Conversation.id, last_at)
        .join(Conversation, Conversation.customer_id == Customer.id)
        .outerjoin(Message, Message.id == last_id)
        .where(*conditions)
        .order_by(Customer.contact_on.asc().nulls_last(), last_at.desc(), Customer.id)
    )


async def _read_stories(session: AsyncSession, conversation_ids: Collection[str]) -> defaultdict[str, Story]:
    talk_columns = Handoff.id, Handoff.state, Handoff.due_at, Handoff.agent_id
    columns = Handoff.conversation_id, *talk_columns, Handoff.slots, Handoff.callback_phone
    query = select(*columns).where(Handoff.conversation_id.in_(conversation_ids)).order_by(Handoff.requested_at)
    stories: defaultdict[str, Story] = defaultdict(lambda: NO_STORY)
    for conversation_id, *link, slots, phone in (await session.execute(query)).all():
        before, talk = stories[conversation_id], TalkLink(*link)
        if before.talk and before.talk.is_open and not talk.is_open:
            talk = before.talk
        stories[conversation_id] = Story(slots, phone or before.callback_phone, talk)
    return stories


def _describe(
    customer: Customer,
    application: ManagedApplication | None,
    story: Story,
    last_at: datetime,
    names: Mapping[str, str],
) -> CustomerCard:
    quota = summarise_handoff(story.slots, []).quota
    return CustomerCard(
        customer_id=customer.id,
        manager_id=customer.manager_id,
        channel=customer.channel,
        source=customer.source,
        name=application.name if application else str(story.slots.get("name") or ""),
        phone=mask_personal_data(_choose_phone(application, story)),
        region=application.region if application else str(story.slots.get("region") or ""),
        quota=f"{quota.outcome}，{quota.quota}" if quota else "",
        application=_show(application, names) if application else None,
        talk=story.talk,
        last_at=last_at,
        contact_on=customer.contact_on,
    )


def _choose_phone(application: ManagedApplication | None, story: Story) -> str:
    """The number of a callback, else of the newest application, else one given in a form."""
    told = application.phone if application else read_phone(str(story.slots.get("phone")))
    return story.callback_phone or told or ""


def _is_withdrawn(application: ManagedApplication) -> bool:
    return application.stage == "withdrawn"


async def _name_responsible(session: AsyncSession, found: Iterable[ManagedApplication]) -> dict[str, str]:
    return await staff_repository.list_names(session, {each.responsible_id for each in found if each.responsible_id})


def _show(application: ManagedApplication, names: Mapping[str, str]) -> ManagedApplication:
    """With a masked number and the name of whoever has to act; `names` by id."""
    responsible = names.get(application.responsible_id or "", "")
    return application.model_copy(update={"phone": mask_personal_data(application.phone), "responsible": responsible})
