"""Closing an account while everything else goes on: nobody waits for one another in a circle."""

import asyncio
import logging

import pytest
from sqlalchemy import update

from conversations.tables import Customer
from desk.schemas import StaffView
from kit.errors import RequestError
from tests.desk.office import Office

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
ROUNDS, TALKS = 8, 4


async def seat(office: Office, number: int) -> tuple[StaffView, list[str]]:
    """An agent with talks that they did not accept in time, and one that they have, of customers they manage."""
    agent = await office.hire(f"agent{number}", capacity=TALKS + 1)
    ids = []
    for n in range(TALKS + 1):
        handoff = await office.ask(f"customer-{number}-{n}")
        await office.handoffs.assign(handoff.id, agent.id)
        ids.append(handoff.id)
    await office.talks.accept(agent, ids[-1])
    async with office.database.transaction() as session:
        await session.execute(update(Customer).values(manager_id=agent.id))
    office.clock.move(seconds=office.settings.accept_seconds + 1)
    return agent, ids


async def test_an_account_is_closed_while_its_talks_are_dispatched(
    office: Office, elsewhere: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    lin, boss = await office.hire("lin", "admin", is_online=False), await office.hire("boss", "supervisor")
    for number in range(ROUNDS):
        agent, ids = await seat(office, number)
        outcomes = await asyncio.gather(
            office.dispatcher.dispatch(),
            office.accounts.update_staff(agent.id, by=lin.id, is_active=False),
            elsewhere.dispatcher.dispatch(),
            elsewhere.talks.return_to_bot(boss, ids[-1]),
            return_exceptions=True,
        )
        # Who was faster with the talk is another matter.
        faults = [each for each in outcomes if isinstance(each, Exception) and not isinstance(each, RequestError)]
        assert faults == []
        assert not (await office.accounts.get_staff(agent.id)).is_active
        await office.dispatcher.dispatch()
        assert agent.id not in [(await office.handoffs.get(each)).agent_id for each in ids[:-1]]
    assert caplog.records == [], "no transition was given up for it either"
