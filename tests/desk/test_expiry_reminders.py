"""Two weeks and a day before an entry expires its owner is reminded, once; without an owner all editors are."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from desk.expiry_reminders import ExpiryReminders
from desk.schemas import StaffView
from desk.tables import Notification
from knowledge.record import entry_revisions
from tests.desk.office import Office
from tests.desk.test_entry_drafts import RATE

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)  # in China
TODAY = date(2026, 7, 1)


@pytest.fixture
def reminders(office: Office) -> ExpiryReminders:
    office.clock.now = NOON
    return ExpiryReminders(office.database, office.accounts, office.clock)


async def publish(office: Office, key: str, days: int | None, *writers: str, **changes: Any) -> None:
    """An entry that expires in so many days."""
    expires = f"{TODAY + timedelta(days=days)}T00:00:00+08:00" if days is not None else None
    content = RATE | {"question": f"{key}？", "expires_at": expires} | changes
    when: dict[str, Any] = {"now": office.clock(), "today": TODAY}
    async with office.database.transaction() as session:
        if not writers:
            await entry_revisions.seed(session, key, [(TODAY, content)], office.clock())
            return
        draft = await entry_revisions.draft(session, key, content, TODAY, by=writers[0], **when)
        await entry_revisions.approve(session, key, draft.number, draft.version, by="boss", **when)


async def list_told(office: Office) -> list[tuple[str, str]]:
    async with office.database.reading() as session:
        rows = await session.scalars(select(Notification).order_by(Notification.id))
        return [(row.staff_id, row.text.split("\n")[1].split("零点")[0]) for row in rows]


async def test_its_writer_is_reminded_twice(office: Office, reminders: ExpiryReminders, editor: StaffView) -> None:
    await office.hire("chen", "editor")
    await publish(office, "rate", 15, editor.id)
    await reminders.check()
    assert await list_told(office) == []
    office.clock.move(days=1)
    for _ in range(2):
        await reminders.check()
    told = (editor.id, "《rate？》2026年7月16日")
    assert await list_told(office) == [told]
    office.clock.move(days=12)
    await reminders.check()
    assert await list_told(office) == [told]
    office.clock.move(days=1)
    await reminders.check()
    await reminders.check()
    assert await list_told(office) == [told, told]
    office.clock.move(days=1)  # it has expired
    await reminders.check()
    assert len(await list_told(office)) == 2


async def test_without_a_writer_who_still_edits_all_editors_are(office: Office, reminders: ExpiryReminders) -> None:
    editors = [await office.hire(login, "editor") for login in ("chen", "zhang")]
    former = await office.hire("lin", "approver")
    await publish(office, "seeded", 3)
    await publish(office, "left", 3, former.id)
    await reminders.check()
    told = await list_told(office)
    assert sorted(told) == sorted(
        (each.id, f"《{key}？》2026年7月4日") for each in editors for key in ("seeded", "left")
    )


async def test_nobody_is_at_night_or_of_what_needs_none(
    office: Office, reminders: ExpiryReminders, editor: StaffView
) -> None:
    await publish(office, "for-ever", None, editor.id)
    await publish(office, "retired", 3, editor.id, is_retired=True)
    await publish(office, "expired", 0, editor.id)
    await publish(office, "prolonged", 3, editor.id)
    later: dict[str, Any] = {"now": office.clock(), "today": TODAY}
    async with office.database.transaction() as session:
        day = TODAY + timedelta(days=2)
        draft = await entry_revisions.draft(session, "prolonged", RATE | {"question": "？"}, day, by="an", **later)
        await entry_revisions.approve(session, "prolonged", draft.number, draft.version, by="boss", **later)
    await reminders.check()
    assert await list_told(office) == []
    await publish(office, "ends", 3, editor.id)
    office.clock.now = NOON.replace(hour=23, minute=30)  # 7:30 of the next day
    await reminders.check()
    assert await list_told(office) == []
    office.clock.move(hours=2)
    await reminders.check()
    assert len(await list_told(office)) == 1
