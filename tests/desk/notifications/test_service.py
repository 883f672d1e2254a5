"""Notifications in the site: everybody's own until read, and those that reached nobody."""

import pytest
from sqlalchemy import update

from desk.notifications.notifier import NO_CHANNEL, Notifier, add
from desk.notifications.service import Notifications
from desk.tables import Notification
from kit.database import Database
from tests.desk.notifications.people import make_staff
from tests.fakes import FixedClock


@pytest.fixture
async def notifications(database: Database, clock: FixedClock) -> Notifications:
    """One for Li, then three for Zhang; no channel is set up."""
    async with database.transaction() as session:
        session.add_all([make_staff("zhang"), make_staff("li")])
    async with database.transaction() as session:
        await add(session, "li", "li", "别人的", now=clock())
        for number in range(3):
            await add(session, "zhang", f"z{number}", f"第{number}条", f"/talks/{number}", now=clock())
    await Notifier(database, [], "https://desk.bank.example", clock).send_due()
    return Notifications(database, clock)


async def test_who_was_away_finds_what_they_missed_until_they_have_read_it(
    notifications: Notifications, clock: FixedClock
) -> None:
    clock.move(days=3)
    missed = await notifications.list_recent("zhang", unread_only=True)
    assert [(each.text, each.path) for each in missed] == [(f"第{n}条", f"/talks/{n}") for n in (2, 1, 0)]
    await notifications.mark_read("zhang", [missed[0].id, missed[2].id])
    assert [each.text for each in await notifications.list_recent("zhang", unread_only=True)] == ["第1条"]
    assert [each.is_read for each in await notifications.list_recent("zhang")] == [True, False, True]
    assert [each.text for each in await notifications.list_recent("zhang", 1)] == ["第2条"]
    clock.move(days=5)
    assert await notifications.list_recent("zhang") == []


async def test_nobody_marks_what_is_anothers(notifications: Notifications) -> None:
    ids = [each.id for each in await notifications.list_recent("zhang")]
    await notifications.mark_read("li", ids)
    assert len(await notifications.list_recent("zhang", unread_only=True)) == 3


async def test_failures_are_listed_until_they_are_read_in_the_site(
    notifications: Notifications, database: Database
) -> None:
    undelivered = await notifications.list_undelivered()
    assert [each.text for each in undelivered] == ["第2条", "第1条", "第0条", "别人的"]
    assert {each.problem for each in undelivered} == {NO_CHANNEL}
    await notifications.mark_read("zhang", [each.id for each in await notifications.list_recent("zhang")])
    assert [each.text for each in await notifications.list_undelivered()] == ["别人的"]
    async with database.transaction() as session:
        await session.execute(update(Notification).values(state="sent"))
    assert await notifications.list_undelivered() == []
