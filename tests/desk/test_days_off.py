"""Days off are entered and removed by supervisors and admins, and written down."""

from datetime import date

import pytest

from desk.audit import AuditLog
from desk.days_off import DaysOff
from desk.roles import Role
from kit.errors import RequestError
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office

DAY = date(2026, 7, 2)


@pytest.fixture
def days_off(office: Office) -> DaysOff:
    return DaysOff(office.database, office.calendar, office.clock)


@pytest.mark.parametrize("role", ["supervisor", "admin"])
async def test_one_is_entered_and_removed(office: Office, days_off: DaysOff, role: Role) -> None:
    boss = await office.hire("chen", role)
    await days_off.add(boss, "2026-07-02", " 行庆 ")
    assert [(off.day, off.name) for off in await days_off.list_days_off()] == [(DAY, "行庆")]
    await days_off.remove(boss, DAY)
    assert await days_off.list_days_off() == []
    records = await AuditLog(office.database).list_records(10, staff_id=boss.id)
    done = [(record.action, record.subject) for record in records]
    assert done == [("day_off_removed", "2026-07-02"), ("day_off_added", "2026-07-02")]


@sqlite_only
@pytest.mark.parametrize("role", ["agent", "account_manager", "editor", "approver"])
async def test_others_may_not(office: Office, days_off: DaysOff, role: Role) -> None:
    staff = await office.hire("an", role)
    for action in (days_off.add(staff, "2026-07-02", ""), days_off.remove(staff, DAY)):
        with pytest.raises(RequestError, match="403 forbidden"):
            await action


@sqlite_only
@pytest.mark.parametrize("day", ["", "明天", "2026-02-30"])
async def test_a_day_must_be_chosen(office: Office, days_off: DaysOff, day: str) -> None:
    boss = await office.hire("chen", "supervisor")
    with pytest.raises(RequestError, match="422 no_day"):
        await days_off.add(boss, day, "")


async def test_half_an_emoji_in_its_name_stops_nothing(office: Office, days_off: DaysOff) -> None:
    await days_off.add(await office.hire("chen", "supervisor"), "2026-07-02", "行庆\ud83d\x00")
    assert [off.name for off in await days_off.list_days_off()] == ["行庆"]


@sqlite_only
async def test_a_promise_made_from_then_on_leaves_it_out(office: Office, days_off: DaysOff) -> None:
    boss, an, handoff = await office.hire("chen", "supervisor"), await office.hire("an"), await office.ask()
    await days_off.add(boss, "2026-07-02", "")
    await office.talks.take(an, handoff.id)
    booked = await office.callbacks.book(an, handoff.id, "13800001234")
    assert booked.due_at is not None
    assert booked.due_at.date() == date(2026, 7, 3)
