"""Whom an account manager meant to be in touch with by today."""

from collections.abc import Sequence
from dataclasses import dataclass

from conversations import people
from conversations.customers import list_to_contact, map_conversations
from conversations.handoff.queries import HandoffQueries
from desk import customer_repository
from desk.customer_repository import CustomerCard
from desk.people import NEXT_CONTACT
from desk.roles import require
from desk.schemas import StaffView
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database

FORBIDDEN = "您的角色没有自己的客户"


@dataclass(frozen=True, slots=True)
class DueContact:
    """A customer to be in touch with, and what it is about as noted last, empty if nothing was."""

    card: CustomerCard
    about: str


class DueContacts:
    """Lists them. RequestError 403 for who manages no customers."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._handoffs = HandoffQueries(database, clock)
        self._clock = clock

    async def list_due(self, staff: StaffView) -> Sequence[DueContact]:
        """One's own, a person on several channels once, who was due first at the top."""
        require(staff.role, "customers", FORBIDDEN)
        today = self._clock().astimezone(CHINA).date()
        first: dict[str, CustomerCard] = {}
        known: set[str] = set()
        async with self._database.reading() as session:
            due = await list_to_contact(session, staff.id, today)
            for card in await customer_repository.list_of_ids(session, due):
                if card.customer_id not in known:
                    known |= {each.id for each in await people.list_person(session, card.customer_id)}
                    first[card.customer_id] = card
            owners = await map_conversations(session, known)
        noted: dict[str, str] = {}
        for conversation_id, customer_id in owners.items():
            notes = [each.text for each in await self._handoffs.list_notes(conversation_id)]
            noted[customer_id] = next((text for text in reversed(notes) if text.startswith(NEXT_CONTACT)), "")
        return [DueContact(card, noted.get(each, "").partition("：")[2]) for each, card in first.items()]
