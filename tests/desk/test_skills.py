"""Who is asked first for a reason: set by supervisors and admins, written down, and followed by the dispatcher."""

import pytest

from desk.audit import AuditLog
from desk.audit_wording import describe_record
from desk.roles import Role
from desk.skills import Skills
from kit.errors import RequestError
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office


@pytest.fixture
def skills(office: Office) -> Skills:
    return Skills(office.database, office.clock)


@pytest.mark.parametrize("role", ["supervisor", "admin"])
async def test_it_is_set_and_taken_back(office: Office, skills: Skills, role: Role) -> None:
    boss, an, bo = await office.hire("chen", role), await office.hire("an"), await office.hire("bo")
    await skills.set(boss, "complaint", [an.id, bo.id])
    assert await skills.list_all() == {"complaint": {an.id, bo.id}}
    await skills.set(boss, "complaint", [bo.id], [an.id, bo.id])
    assert await skills.list_all() == {"complaint": {bo.id}}
    (changed,) = await AuditLog(office.database).list_records(1)
    names = {an.id: "安宁", bo.id: "薄荷"}
    told = describe_record(changed, names)
    assert told.startswith("设置转人工先找谁 投诉：先找 ")
    assert told.endswith("→薄荷")
    await skills.set(boss, "complaint", [], [bo.id])
    assert await skills.list_all() == {}


async def test_the_dispatcher_asks_them_first(office: Office, skills: Skills) -> None:
    boss, _, bo = await office.hire("chen", "supervisor"), await office.hire("an"), await office.hire("bo")
    await skills.set(boss, "complaint", [bo.id])
    for number in range(2):
        handoff = await office.ask(f"customer-{number}", reason="complaint")
        await office.dispatcher.dispatch()
        assert (await office.handoffs.get(handoff.id)).agent_id == bo.id


@sqlite_only
async def test_who_left_may_stay_and_is_passed_over(office: Office, skills: Skills) -> None:
    boss, an, bo = await office.hire("chen", "supervisor"), await office.hire("an"), await office.hire("bo")
    await skills.set(boss, "complaint", [an.id])
    await office.accounts.update_staff(an.id, is_active=False)
    await skills.set(boss, "complaint", [an.id, bo.id])
    with pytest.raises(RequestError, match="422 takes_no_talks"):
        await skills.set(boss, "sensitive", [an.id])


@sqlite_only
async def test_what_a_colleague_set_meanwhile_is_not_undone(office: Office, skills: Skills) -> None:
    boss, an, bo = await office.hire("chen", "supervisor"), await office.hire("an"), await office.hire("bo")
    await skills.set(boss, "complaint", [an.id], [])
    with pytest.raises(RequestError, match="409 changed_meanwhile"):
        await skills.set(boss, "complaint", [bo.id], [])
    assert await skills.list_all() == {"complaint": {an.id}}


@sqlite_only
async def test_refusals(office: Office, skills: Skills) -> None:
    boss, editor = await office.hire("chen", "supervisor"), await office.hire("an", "editor")
    with pytest.raises(RequestError, match="422 takes_no_talks"):
        await skills.set(boss, "complaint", [editor.id])
    with pytest.raises(RequestError, match="422 unknown_reason"):
        await skills.set(boss, "weather", [])
    for role in ("agent", "account_manager", "approver"):
        with pytest.raises(RequestError, match="403 forbidden"):
            await skills.set(editor.model_copy(update={"role": role}), "complaint", [])
    assert await skills.list_all() == {}
