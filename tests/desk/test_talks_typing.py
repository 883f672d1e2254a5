"""Customers are told that somebody types only of those who may write to them, and not at every key."""

import pytest
from sqlalchemy import select

from conversations.handoff.schemas import HandoffView
from desk.talks import Talks
from kit.errors import RequestError
from kit.tables import SignalRow
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office

pytestmark = sqlite_only


async def list_told(office: Office) -> list[tuple[str, str]]:
    """Which conversations were told that who is typing."""
    query = select(SignalRow.subject, SignalRow.by).where(SignalRow.kind == "typing").order_by(SignalRow.id)
    async with office.database.reading() as session:
        return [(subject, by) for subject, by in (await session.execute(query)).all()]


@pytest.fixture
async def talk(office: Office) -> HandoffView:
    """A talk of the agent `an`."""
    return await office.talks.take(await office.hire("an"), (await office.ask()).id)


async def test_the_agent_and_a_supervisor_are_seen_typing(office: Office, talk: HandoffView) -> None:
    an = await office.accounts.get_staff(talk.agent_id or "")
    for staff in (an, await office.hire("chen", "supervisor")):
        await office.talks.tell_typing(staff, talk.id)
    assert await list_told(office) == [(talk.conversation_id, "安宁"), (talk.conversation_id, "陈晨")]


async def test_many_keys_are_told_once(office: Office, talk: HandoffView) -> None:
    an = await office.accounts.get_staff(talk.agent_id or "")
    talks = Talks(office.database, office.accounts, office.clock, typing_seconds=600)
    for _ in range(5):
        await talks.tell_typing(an, talk.id)
    assert len(await list_told(office)) == 1


async def test_nobody_else_is(office: Office, talk: HandoffView) -> None:
    for staff in (await office.hire("bo"), await office.hire("root.admin", "admin")):
        with pytest.raises(RequestError, match="403"):
            await office.talks.tell_typing(staff, talk.id)
    an = await office.accounts.get_staff(talk.agent_id or "")
    await office.talks.close(an, talk.id, "solved", "办完了")
    await office.talks.tell_typing(an, talk.id)
    assert await list_told(office) == []
