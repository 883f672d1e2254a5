"""Whom a manager meant to be in touch with by today, and what it is about."""

from datetime import timedelta
from pathlib import Path

import pytest

from desk.accounts import Accounts
from desk.customer_loans import CustomerLoans
from desk.due_contacts import DueContacts
from desk.people import People
from desk.person_reader import PersonReader
from documents.service import Documents
from kit.database import Database
from kit.errors import RequestError
from tests.core_banking.bank import LeavingCore
from tests.desk.village import Village
from tests.fakes import FixedClock


@pytest.fixture
def village(database: Database, accounts: Accounts, clock: FixedClock, tmp_path: Path) -> Village:
    return Village(database, accounts, clock, LeavingCore(tmp_path / "requests.json", clock))


async def test_each_person_stands_there_once_from_the_day_on_until_they_were_called(
    village: Village, clock: FixedClock, tmp_path: Path
) -> None:
    loans = CustomerLoans(LeavingCore(tmp_path / "requests.json", clock), village.database)
    reader = PersonReader(village.database, loans, Documents(village.database, clock=clock), clock)
    people, contacts = People(village.database, reader, clock), DueContacts(village.database, clock)
    zhang, li = await village.hire("zhang"), await village.hire("li")
    here, there, late, plain = [
        await village.meet(user, manager_id=zhang.id) for user in ("here", "there", "late", "plain")
    ]
    alien = await village.meet("alien", manager_id=li.id)
    await people.merge(zhang, here.id, there.id, "同一个人")
    today = clock.now.date()
    tomorrow = today + timedelta(days=1)
    await people.set_contact(zhang, here.id, tomorrow.isoformat(), "催发票")
    await people.set_contact(zhang, late.id, today.isoformat())
    await people.set_contact(li, alien.id, today.isoformat())

    async def list_due() -> list[tuple[str, str]]:
        return [(due.customer_id, due.about) for due in await contacts.list_due(zhang)]

    assert await list_due() == [(late.id, "")]
    clock.move(days=1)
    first, (both, about) = await list_due()
    assert (first, about) == ((late.id, ""), "催发票")
    assert both in (here.id, there.id)
    again = (clock.now.date() + timedelta(days=1)).isoformat()
    await people.set_contact(zhang, both, again)
    clock.move(days=1)
    assert await list_due() == [(late.id, ""), (both, "")], "what it was about the last time is over"
    await people.set_contact(zhang, both, "")
    assert await list_due() == [(late.id, "")]
    assert plain.id not in [each for each, _ in await list_due()]
    agent = await village.hire("chen", "agent")
    with pytest.raises(RequestError, match="403"):
        await contacts.list_due(agent)
