"""A supervisor sees who is there, who waits, what is late; agents do not."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from conversations.tables import Handoff
from desk.oversight import Oversight, group_waits
from desk.roles import Role
from kit.errors import RequestError
from tests.conversations.acts import PHONE
from tests.conversations.talk import say
from tests.desk.office import Office
from tests.desk.village import Village


@pytest.fixture
def oversight(office: Office) -> Oversight:
    return Oversight(office.database, office.accounts, office.clock)


async def test_colleagues_by_whether_they_are_there(office: Office, oversight: Oversight) -> None:
    boss = await office.hire("bo", "supervisor")
    busy, away = await office.hire("an"), await office.hire("chen")
    await office.hire("zhang", is_online=False)
    await office.hire("editor", "editor")
    await office.accounts.set_status(away.id, "away")
    await office.talks.take(busy, (await office.ask()).id)
    set_at = office.clock.now
    await office.wait(boss, busy, away, minutes=5)
    await office.accounts.set_status(away.id, "away")  # chosen once more
    found = (await oversight.read(boss)).colleagues
    assert [(each.staff.login, each.is_here, each.load) for each in found] == [
        ("an", True, 1),
        ("bo", True, 0),
        ("chen", True, 0),
        ("zhang", False, 0),
    ]
    assert (found[2].staff.status, found[2].since) == ("away", set_at)
    await office.wait(boss, minutes=1)
    gone = {each.staff.login: each for each in (await oversight.read(boss)).colleagues}["an"]
    assert (gone.is_here, gone.since) == (False, office.clock.now - timedelta(minutes=1))


async def test_who_waits_for_an_agent_and_for_an_answer(office: Office, oversight: Oversight) -> None:
    boss, agent = await office.hire("bo", "supervisor"), await office.hire("an")
    first = await office.ask("first", reason="complaint")
    office.clock.move(minutes=4)
    second = await office.ask("second")
    office.clock.move(seconds=1)
    third = await office.ask("third")
    overview = await oversight.read(boss)
    assert [each.id for each in overview.waiting] == [first.id, second.id, third.id]
    groups = group_waits(overview.waiting)
    assert [(reason, *each) for reason, each in groups.items()] == [
        ("complaint", 1, first.requested_at),
        ("customer_request", 2, second.requested_at),
    ]

    for talk in (first, second):
        await office.talks.take(agent, talk.id)
    await office.talks.say(agent, first.id, "您请说", "first answer")
    await say(office.inbox, second.conversation_id, "在吗")
    asked_at = office.clock.now
    await office.wait(boss, agent, minutes=2, seconds=59)
    assert (await oversight.read(boss)).unanswered == ()
    await office.wait(boss, agent, seconds=1)
    (unanswered,) = (await oversight.read(boss)).unanswered
    assert (unanswered.handoff.id, unanswered.since) == (second.id, asked_at)
    await office.talks.say(agent, second.id, "在的", "answer")
    assert (await oversight.read(boss)).unanswered == ()


async def test_calls_that_are_late_or_nobodys_and_low_ratings(office: Office, oversight: Oversight) -> None:
    boss, agent = await office.hire("bo", "supervisor"), await office.hire("an")
    talk = await office.ask()
    await office.talks.take(agent, talk.id)
    await office.callbacks.book(agent, talk.id, PHONE)
    assert (await oversight.read(boss)).callbacks == (), "it has an owner and time"
    async with office.database.transaction() as session:
        past = office.clock.now - timedelta(minutes=1)
        await session.execute(update(Handoff).values(due_at=past))
    assert [each.id for each in (await oversight.read(boss)).callbacks] == [talk.id]
    rated = await office.ask("li")
    await office.talks.take(agent, rated.id)
    await office.talks.close(agent, rated.id, "solved", "好了")
    for rating, found in ((3, []), (2, [rated.id])):
        async with office.database.transaction() as session:
            await session.execute(update(Handoff).where(Handoff.id == rated.id).values(rating=rating))
        assert [each.id for each in (await oversight.read(boss)).low_rated] == found
    await office.wait(boss, days=8)
    assert (await oversight.read(boss)).low_rated == ()


async def test_applications_without_a_manager_or_late(village: Village, office: Office, oversight: Oversight) -> None:
    boss = await office.hire("bo", "supervisor")
    application = await village.apply("wang")
    assert [each.id for each in (await oversight.read(boss)).applications] == [application.id]


@pytest.mark.parametrize("role", ["agent", "account_manager", "editor", "approver", "admin"])
async def test_it_is_for_supervisors(office: Office, oversight: Oversight, role: Role) -> None:
    with pytest.raises(RequestError) as refusal:
        await oversight.read(await office.hire("an", role))
    assert refusal.value.status == 403
