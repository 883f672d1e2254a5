"""A person over all their channels: who may see them, merging and undoing it, and the day of the next contact."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from conversations import people
from conversations.customers import get_customer, map_conversations, set_contact
from conversations.handoff.service import Handoffs
from desk import customer_repository
from desk.audit import record
from desk.customer_access import is_managed_by, require_manager, require_person
from desk.customer_repository import CustomerCard
from desk.person_reader import PersonReader, PersonView
from desk.roles import may
from desk.schemas import StaffView
from desk.talks import WORDS_MAX, read_words
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.phones import read_phone
from kit.text import clean_text

REASON_MAX, ABOUT_MAX = 200, 200
NAME_MIN = 2
FOUND_MAX = 50


class People:
    """RequestError 403 for whose customer it is not, 404, 409 when a colleague was faster, 422 for bad input."""

    def __init__(self, database: Database, reader: PersonReader, clock: Clock = read_clock) -> None:
        self._database = database
        self._reader = reader
        self._handoffs = Handoffs(clock)
        self._clock = clock

    async def open(self, staff: StaffView, customer_id: str) -> PersonView:
        """As `read`; the look is audited."""
        async with self._database.transaction() as session:
            await require_person(session, staff, customer_id)
            await record(session, self._clock(), staff.id, "person_viewed", customer_id)
        return await self.read(staff, customer_id)

    async def read(self, staff: StaffView, customer_id: str) -> PersonView:
        """All that they may see of the person of whom this customer is one."""
        async with self._database.reading() as session:
            seen = await require_person(session, staff, customer_id)
        return await self._reader.read([each.id for each in seen])

    async def find_others(self, staff: StaffView, customer_id: str, words: str) -> list[CustomerCard]:
        """Who may be the same person: those who gave exactly this name or phone number; own customers, of supervisors
        all."""
        words = clean_text(words)
        phone = read_phone(words)
        if not phone and len(words) < NAME_MIN:
            return []
        of = None if may(staff.role, "oversee") else staff.id
        async with self._database.reading() as session:
            person = await people.list_person(session, customer_id)
            require_manager(staff, person[0].manager_id)
            found = await customer_repository.list_customers(session, of, phone or words, None, FOUND_MAX)
        known = {each.id for each in person}
        return [card for card in found if card.customer_id not in known and (phone or card.name == words)]

    async def merge(self, staff: StaffView, customer_id: str, other_id: str, reason: str) -> None:
        """Says that two customers are one person; both are theirs, or they are a supervisor."""
        if not other_id:
            raise RequestError(422, "no_customer", "请先找到另一位客户，再选中")
        if not (reason := read_words(reason, REASON_MAX, "理由")):
            raise RequestError(422, "no_reason", "请写明为什么是同一个人")
        now = self._clock()
        async with self._database.transaction() as session:
            await people.lock_merges(session)
            for each in sorted((customer_id, other_id)):
                customer = await get_customer(session, each, is_changed=True)
                require_manager(staff, customer.manager_id)
            await people.merge(session, customer_id, other_id, reason=reason, by=staff.id, now=now)
            await record(session, now, staff.id, "people_merged", customer_id, other=other_id)

    async def undo_merge(self, staff: StaffView, merge_id: int) -> None:
        """Takes a merge back, whoever made it; both are theirs, or they are a supervisor."""
        async with self._database.transaction() as session:
            merge = await people.get_merge(session, merge_id)
            for each in (merge.first_id, merge.second_id):
                require_manager(staff, (await get_customer(session, each)).manager_id)
            await people.undo_merge(session, merge_id)
            await record(session, self._clock(), staff.id, "merge_undone", merge.first_id, other=merge.second_id)

    async def add_note(self, staff: StaffView, customer_id: str, words: str) -> None:
        """Notes something about a customer of theirs, which only staff see."""
        if not (words := read_words(words, WORDS_MAX, "备注")):
            raise RequestError(422, "no_words", "请输入备注")
        async with self._database.transaction() as session:
            require_manager(staff, (await get_customer(session, customer_id)).manager_id)
            await self._note(session, staff, customer_id, words)

    async def _note(self, session: AsyncSession, staff: StaffView, customer_id: str, words: str) -> None:
        (conversation_id,) = await map_conversations(session, [customer_id])
        await self._handoffs.add_note(session, conversation_id, staff.id, words)

    async def set_contact(self, staff: StaffView, customer_id: str, day: str, about: str = "") -> None:
        """The day of the next contact (2027-02-06; empty: none), of all customers of the person whom they manage.

        What it is about becomes a note.
        """
        about = read_words(about, ABOUT_MAX, "说明")
        now = self._clock()
        try:
            contact_on = date.fromisoformat(day) if day else None
        except ValueError:
            raise RequestError(422, "no_date", "请选择日期") from None
        if contact_on and contact_on < now.astimezone(CHINA).date():
            raise RequestError(422, "past_date", "这一天已经过了，请选今天或以后的日期")
        async with self._database.transaction() as session:
            await people.lock_merges(session)
            person = await people.list_person(session, customer_id)
            require_manager(staff, person[0].manager_id)
            oversees = may(staff.role, "oversee")
            own = [each.id for each in person if oversees or is_managed_by(staff, each.manager_id)]
            await set_contact(session, own, contact_on)
            await record(session, now, staff.id, "contact_planned", customer_id, day=day or "不定")
            if about:
                await self._note(session, staff, customer_id, f"{begin_note(day)}{about}")


def begin_note(day: str) -> str:
    """How the note begins that says what the contact on a day is about."""
    return f"下次联系（{day or '日期不定'}）："
