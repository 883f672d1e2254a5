"""Checks of applications for account managers, and what a customer may mend before submitting."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from applications import findings
from applications.checks.check import Check
from applications.checks.listing import list_checks, list_mendable, list_questions
from applications.repository import get_application
from applications.schemas import ApplicationIn, ApplicationView, MendableAnswer
from applications.surroundings import read_surroundings
from conversations.customers import find_customer_id
from desk.audit import record
from desk.customer_access import require_manager
from desk.schemas import StaffView
from forms.catalogue import load_catalogue
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from privacy.ledger import list_consents
from privacy.purposes import APPLICATION, CREDIT_INQUIRY, SHARING
from products.catalogue import find_product
from understanding.districts import get_county_code, list_towns
from verification.repository import list_same_customer

FORM = "application_form"
NOTE_LENGTH_MAX = 200


class SeenCheck(NamedTuple):
    """A check, the key of its finding, and what staff noted who have seen to it; empty: nobody yet."""

    check: Check
    finding: str
    note: str


class CheckedView(NamedTuple):
    """An application's checks, the gravest first, and the consents it rests on that stand, by purpose."""

    number: str
    checks: list[SeenCheck]
    agreed: dict[str, bool]
    may_mark: bool


class ApplicationChecks:
    """Computed when they are asked for: a stored count would be wrong as soon as another application comes in.

    RequestError 403 for who neither manages the customer nor oversees, 404.
    """

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def read(self, staff: StaffView, application_id: str) -> CheckedView:
        """The checks of one application."""
        async with self._database.reading() as session:
            application = await get_application(session, application_id)
            require_manager(staff, application.manager_id)
            checks = await self._check(session, application)
            notes = await findings.list_notes(session, application_id)
            customer_id = await find_customer_id(session, application.conversation_id)
            given = {each.purpose for each in await list_consents(session, customer_id or "")}
        seen = [SeenCheck(check, key, notes.get(key, "")) for check in checks for key in [findings.make_key(check)]]
        agreed = {purpose: purpose in given for purpose in (APPLICATION, SHARING, CREDIT_INQUIRY)}
        return CheckedView(application.number, seen, agreed, application.manager_id == staff.id)

    async def list_mendable(self, staff: StaffView, application_id: str) -> list[str]:
        """The slots of the answers that its customer had better be asked for again."""
        async with self._database.reading() as session:
            application = await get_application(session, application_id)
            require_manager(staff, application.manager_id)
            return list_mendable(await self._check(session, application), _list_labels(application))

    async def mark(self, staff: StaffView, application_id: str, finding: str, note: str) -> None:
        """Notes that a check was seen to; RequestError 404 for one that is not there any more, 409, 422."""
        note = note.strip()
        if not note or len(note) > NOTE_LENGTH_MAX:
            raise RequestError(422, "no_note", f"请写明怎么核实的，最多{NOTE_LENGTH_MAX}个字")
        now = self._clock()
        async with self._database.transaction() as session:
            application = await get_application(session, application_id, is_changed=True)
            require_manager(staff, application.manager_id)
            known = {findings.make_key(check): check for check in await self._check(session, application)}
            if finding not in known:
                raise RequestError(404, "no_such_check", "这一项已经没有了，请重新打开")
            await findings.add_note(session, application_id, finding, note, staff_id=staff.id, now=now)
            code = known[finding].code
            await record(session, now, staff.id, "check_verified", application_id, check=code)

    async def find_mendable(self, application: ApplicationIn) -> list[MendableAnswer]:
        """What its customer is asked for again before it is submitted."""
        async with self._database.reading() as session:
            checks = await self._check(session, application)
        return list_questions(checks, _list_labels(application))

    async def _check(self, session: AsyncSession, application: ApplicationIn | ApplicationView) -> list[Check]:
        product = find_product(application.product)
        is_new = getattr(application, "kind", "new") == "new"  # what exists was checked when it was granted
        if product is None or not is_new:
            return []
        theirs = await list_same_customer(session, application.conversation_id)
        surroundings = await read_surroundings(
            session,
            application,
            theirs,
            self._clock(),
            places=list_towns(),
            county_code=get_county_code(),
        )
        return list_checks(application, product, surroundings, _list_labels(application))


def _list_labels(application: ApplicationIn | ApplicationView) -> Mapping[str, str]:
    """What the questions of the form are called, of those that such an applicant is asked."""
    catalogue, answers = load_catalogue(), {"product": application.product, "amount": application.amount}
    return {slot: catalogue.questions[slot].label for slot in catalogue.forms[FORM].list_answers(answers)}
