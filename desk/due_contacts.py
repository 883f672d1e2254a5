"""Whom an account manager meant to be in touch with by today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from conversations import people
from conversations.customers import list_to_contact, map_conversations
from conversations.handoff.queries import HandoffQueries
from desk import customer_repository
from desk.people import begin_note
from desk.roles import require
from desk.schemas import StaffView
from desk.wording import name_customer
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.masking import mask_personal_data

FORBIDDEN = "您的角色没有自己的客户"


@dataclass(frozen=True, slots=True)
class DueContact:
    """A customer to be in touch with; phone, place and what it is about are masked, or empty if unknown."""

    customer_id: str
    name: str
    phone: str
    region: str
    day: date
    about: str
    talk_id: str


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
        async with self._database.reading() as session:
            cards = await customer_repository.list_of_ids(session, await list_to_contact(session, staff.id, today))
            persons: dict[str, set[str]] = {}  # all who are one person with a customer
            for card in cards:
                if not any(card.customer_id in person for person in persons.values()):
                    persons[card.customer_id] = {
                        each.id for each in await people.list_person(session, card.customer_id)
                    }
            owners = await map_conversations(session, set().union(*persons.values()))
        due = []
        for card in cards:
            if card.customer_id in persons and card.contact_on:
                theirs = [each for each, owner in owners.items() if owner in persons[card.customer_id]]
                notes = [each.text for each in await self._handoffs.list_notes(*theirs)]
                beginning = begin_note(card.contact_on.isoformat())
                noted = next((text for text in reversed(notes) if text.startswith(beginning)), "")
                due.append(
                    DueContact(
                        card.customer_id,
                        name_customer(card.customer_id, card.name),
                        card.phone,
                        mask_personal_data(card.region),
                        card.contact_on,
                        mask_personal_data(noted.removeprefix(beginning)),
                        card.talk.handoff_id if card.talk else "",
                    )
                )
        return due
