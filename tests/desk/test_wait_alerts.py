"""Supervisors are alerted of customers whom nobody serves: after a while, repeatedly, at night only of danger."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from desk.tables import Notification
from desk.wait_alerts import WaitAlerts, count_alerts
from tests.conversations.talk import act, sqlite_only
from tests.desk.office import Office

AFTER = timedelta(minutes=2)
MORNING = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)  # 9:00 in China
NIGHT = datetime(2026, 7, 1, 15, 0, tzinfo=UTC)  # 23:00 in China


@pytest.fixture
def office(office: Office) -> Office:
    """At the beginning of the day."""
    office.clock.now = MORNING
    return office


def make_alerts(office: Office) -> WaitAlerts:
    """One process."""
    return WaitAlerts(office.database, office.accounts, office.calendar, AFTER, office.clock)


async def look_for(office: Office, minutes: float, *alerts: WaitAlerts) -> list[int]:
    """The minutes after which supervisors were alerted, looking every half a minute."""
    began, found = office.clock(), []
    for _ in range(int(minutes * 2)):
        office.clock.move(seconds=30)
        before = len(await list_alerts(office))
        await asyncio.gather(*(each.alert() for each in alerts or [make_alerts(office)]))
        if len(await list_alerts(office)) > before:
            found.append((office.clock() - began) // timedelta(minutes=1))
    return found


async def list_alerts(office: Office) -> list[tuple[str, str, str]]:
    """Who was alerted, with what words, to which page."""
    async with office.database.reading() as session:
        rows = await session.scalars(select(Notification).order_by(Notification.id))
        return [(row.staff_id, row.text, row.path) for row in rows]


async def test_every_supervisor_is_alerted_again_after_growing_pauses_until_somebody_takes_it(office: Office) -> None:
    supervisors = [await office.hire(login, "supervisor", is_online=False) for login in ("chen", "deng")]
    an = await office.hire("an", is_online=False)
    handoff = await office.ask()
    assert await look_for(office, 35) == [2, 6, 14, 30]
    told = await list_alerts(office)
    assert {staff for staff, _, _ in told} == {supervisor.id for supervisor in supervisors}
    assert len(told) == 8
    assert told[0][1:] == ("1位客户在等人工，没有同事在接待\n等得最久的已等2分钟", "/")
    await office.talks.take(an, handoff.id)
    assert await look_for(office, 90) == []


async def test_several_processes_alert_once(office: Office, elsewhere: Office) -> None:
    await office.hire("chen", "supervisor", is_online=False)
    await office.ask()
    assert await look_for(office, 7, make_alerts(office), make_alerts(elsewhere), make_alerts(office)) == [2, 6]
    assert len(await list_alerts(office)) == 2


@sqlite_only
async def test_all_who_wait_are_one_alert(office: Office) -> None:
    await office.hire("chen", "supervisor", is_online=False)
    for number in range(5):
        await office.ask(f"customer-{number}")
    await look_for(office, 3)
    ((_, text, _),) = await list_alerts(office)
    assert text.startswith("5位客户在等人工")


@sqlite_only
async def test_nobody_is_alerted_while_a_colleague_takes_customers(office: Office) -> None:
    await office.hire("chen", "supervisor", is_online=False)
    an = await office.hire("an")
    await office.ask()
    alerts = make_alerts(office)
    for _ in range(10):
        await office.wait(an, seconds=30)
        await alerts.alert()
    assert await list_alerts(office) == []
    await office.accounts.set_status(an.id, "away")
    await alerts.alert()
    assert len(await list_alerts(office)) == 1


@sqlite_only
async def test_danger_alerts_while_colleagues_are_there_and_at_night(office: Office) -> None:
    chen, an = await office.hire("chen", "supervisor", is_online=False), await office.hire("an")
    fraud = await office.ask("wang", reason="sensitive", topic="scam", slots={"name": "王秀英"})
    await office.wait(an, minutes=2)
    await make_alerts(office).alert()
    expected = (chen.id, "紧急：敏感话题·诈骗，还没有人接待\n王**，已等2分钟", f"/talks/{fraud.id}")
    assert await list_alerts(office) == [expected]
    await office.talks.take(an, fraud.id)
    office.clock.now = NIGHT
    await office.ask_at_night("li")
    await office.ask("zhao", reason="sensitive", topic="life", is_open=False)
    await office.ask("sun", reason="sensitive", topic="press", is_open=False)
    assert await look_for(office, 5) == [2]
    assert "生命安全" in (await list_alerts(office))[-1][1]


@sqlite_only
async def test_who_came_at_night_waits_from_the_opening_on(office: Office) -> None:
    await office.hire("chen", "supervisor", is_online=False)
    office.clock.now = NIGHT
    await office.ask_at_night()
    office.clock.now = datetime(2026, 7, 2, 0, 30, tzinfo=UTC)  # 8:30 in China
    await office.dispatcher.dispatch()
    assert await look_for(office, 5) == [2]


@sqlite_only
async def test_who_lost_their_agent_waits_anew(office: Office) -> None:
    await office.hire("chen", "supervisor", is_online=False)
    an = await office.hire("an")
    handoff = await office.ask()
    office.clock.move(minutes=3)
    await make_alerts(office).alert()
    assert len(await list_alerts(office)) == 1
    await office.talks.take(an, handoff.id)
    office.clock.move(minutes=30)
    await office.talks.requeue(an, handoff.id)
    assert await look_for(office, 7) == [2, 6]


@sqlite_only
@pytest.mark.parametrize("topic", [None, "scam"])
async def test_who_lost_their_agent_and_keeps_writing_waits_from_the_loss_on(office: Office, topic: str | None) -> None:
    await office.hire("chen", "supervisor", is_online=False)
    an = await office.hire("an")
    handoff = await office.ask(reason="sensitive" if topic else "customer_request", topic=topic)
    await office.talks.take(an, handoff.id)
    office.clock.move(minutes=30)
    await office.talks.requeue(an, handoff.id)
    alerted_after = []
    for number in range(1, 6):
        office.clock.move(seconds=90)
        await act(office.inbox, handoff.conversation_id, f"人呢{number}", "reassured")
        if await look_for(office, 0.5):
            alerted_after.append(number * 2)
    assert alerted_after == [2, 6]


@pytest.mark.parametrize(
    ("minutes", "count"), [(0, 0), (1.9, 0), (2, 1), (5.9, 1), (6, 2), (13, 2), (14, 3), (60, 4), (62, 5)]
)
def test_pauses_double(minutes: float, count: int) -> None:
    assert count_alerts(timedelta(minutes=minutes), AFTER) == count
