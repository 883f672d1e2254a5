"""What staff do and the record of it are committed together, or not at all."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from conversations.handoff.schemas import HandoffView
from desk.audit import AuditLog
from desk.days_off import DaysOff
from desk.schemas import StaffView
from tests.desk.office import Office

Act = Callable[[Office, StaffView, StaffView, HandoffView], Awaitable[Any]]


async def fail(*given: Any, **named: Any) -> None:
    raise OSError("disk full")


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda office, boss, agent, talk: office.talks.take_over(boss, talk.id), id="take over"),
        pytest.param(lambda office, boss, agent, talk: office.talks.assign(boss, talk.id, agent.id, ""), id="assign"),
    ],
)
async def test_an_act_whose_audit_record_fails_is_undone(
    office: Office, monkeypatch: pytest.MonkeyPatch, act: Act
) -> None:
    boss, agent = await office.hire("chen", "supervisor"), await office.hire("an")
    handoff = await office.ask()
    await office.handoffs.assign(handoff.id, agent.id)
    before = await office.handoffs.get(handoff.id), await office.read_events(handoff), await office.read_said(handoff)
    with monkeypatch.context() as broken:
        for where in ("desk.talks.record", "desk.audit.record"):
            broken.setattr(where, fail)
        with pytest.raises(OSError, match="disk full"):
            await act(office, boss, agent, handoff)
    after = await office.handoffs.get(handoff.id), await office.read_events(handoff), await office.read_said(handoff)
    assert after == before
    await act(office, boss, agent, handoff)
    assert await office.read_events(handoff) != before[1]
    assert len(await AuditLog(office.database).list_records(10, staff_id=boss.id)) == 1


async def test_an_act_that_is_refused_leaves_no_record(office: Office) -> None:
    boss, handoff = await office.hire("chen", "supervisor"), await office.ask()
    with pytest.raises(Exception, match="409 handoff_moved_on"):
        await office.talks.take_over(boss, handoff.id)  # nobody has it yet
    assert await AuditLog(office.database).list_records(10, staff_id=boss.id) == []


async def test_a_day_off_whose_audit_record_fails_is_not_kept(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    boss = await office.hire("chen", "supervisor")
    days_off = DaysOff(office.database, office.calendar, office.clock)
    monkeypatch.setattr("desk.days_off.record", fail)
    with pytest.raises(OSError, match="disk full"):
        await days_off.add(boss, "2026-07-02", "行庆")
    assert await days_off.list_days_off() == []
