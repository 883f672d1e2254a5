"""Reads all that is on record of a person, over all their channels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from applications import repository as applications
from applications.schemas import ManagedApplication
from conversations.customers import map_conversations
from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView, NoteView
from conversations.people import MergeView, list_merges
from core_banking.interface import CoreLoan
from desk import customer_repository, staff_repository
from desk.customer_loans import CustomerLoans
from desk.customer_repository import CustomerCard
from desk.portrait import Tag
from desk.portrait_reader import read_tags
from documents.schemas import DocumentView
from documents.service import Documents
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.masking import mask_personal_data
from privacy import ledger
from privacy.purposes import name_purpose
from verification.repository import list_verified
from visits.repository import list_of_conversations as list_visits
from visits.schemas import ManagedVisit


class GivenConsent(NamedTuple):
    """A consent that stands: its purpose in words, and where and when it was given."""

    purpose: str
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person's customers, and what there is of them all, the newest first. Phones are masked.

    `verified` are the phones that each customer verified. `merges` are those between two of these customers. `names`
    are those of the staff who stand in it, by id.
    """

    customers: list[CustomerCard]
    verified: Mapping[str, list[str]]
    tags: list[Tag]
    talks: list[HandoffView]
    applications: list[ManagedApplication]
    loans: list[CoreLoan]
    visits: list[ManagedVisit]
    documents: list[DocumentView]
    notes: list[NoteView]
    consents: list[GivenConsent]
    merges: list[MergeView]
    names: Mapping[str, str]


class PersonReader:
    """Who may see it is for the caller to check."""

    def __init__(
        self, database: Database, loans: CustomerLoans, documents: Documents, clock: Clock = read_clock
    ) -> None:
        self._database = database
        self._handoffs = HandoffQueries(database, clock)
        self._loans = loans
        self._documents = documents
        self._clock = clock

    async def read(self, customer_ids: Sequence[str]) -> PersonView:
        """What there is of these customers, the first of whom stands first."""
        first = customer_ids[0]
        loans = await self._loans.list_loans(customer_ids)
        async with self._database.reading() as session:
            owners = await map_conversations(session, customer_ids)
            cards = await customer_repository.list_of_ids(session, customer_ids)
            tags = await read_tags(session, cards, loans, self._clock())
            filed = await applications.list_of_conversations(session, owners)
            consents = [given for each in customer_ids for given in await _list_consents(session, each)]
            merges = [
                each
                for each in await list_merges(session, customer_ids)
                if {each.first_id, each.second_id} <= set(customer_ids)
            ]
            phones = await list_verified(session, owners)
            visits = [ManagedVisit.model_validate(row) for row in await list_visits(session, owners)]
        talks = [talk for each in owners for talk in await self._handoffs.list_of_conversation(each)]
        notes = await self._handoffs.list_notes(*owners)
        documents = await self._documents.list_of_conversations(owners)
        staff = {
            *(card.manager_id for card in cards),
            *(talk.agent_id for talk in talks),
            *(visit.manager_id for visit in visits),
            *(note.staff_id for note in notes),
            *(each.responsible_id for each in filed),
            *(each.merged_by for each in merges),
        }
        async with self._database.reading() as session:
            names = await staff_repository.list_names(session, {each for each in staff if each})
        return PersonView(
            customers=sorted(cards, key=lambda card: card.customer_id != first),
            verified={owners[each]: sorted(map(mask_personal_data, found)) for each, found in phones.items()},
            tags=sorted(dict.fromkeys(tag for card in cards for tag in tags[card.customer_id]), key=_is_calm),
            talks=sorted(talks, key=lambda talk: talk.requested_at, reverse=True),
            applications=[_name_responsible(each, names) for each in filed],
            loans=list({loan.loan_id: loan for found in loans.values() for loan in found}.values()),
            visits=visits,
            documents=documents[::-1],
            notes=sorted(notes, key=lambda note: note.at, reverse=True),
            consents=sorted(consents, key=lambda given: given.at, reverse=True),
            merges=merges,
            names=names,
        )


async def _list_consents(session: AsyncSession, customer_id: str) -> list[GivenConsent]:
    """One for each purpose, the last."""
    given = {each.purpose: each for each in await ledger.list_consents(session, customer_id)}
    return [GivenConsent(name_purpose(each.purpose), each.channel, each.at) for each in given.values()]


def _name_responsible(application: ManagedApplication, names: Mapping[str, str]) -> ManagedApplication:
    return application.model_copy(update={"responsible": names.get(application.responsible_id or "", "")})


def _is_calm(tag: Tag) -> bool:
    return not tag.is_urgent
