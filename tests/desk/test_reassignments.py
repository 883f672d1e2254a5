"""Many customers are given to a colleague at once; each one refused is told with its reason, and stays where it was."""

import pytest

from desk.audit import AuditLog
from desk.notifications.service import Notifications
from desk.reassignments import Reassignments
from kit.errors import RequestError
from tests.conversations.acts import PHONE
from tests.desk.office import Office


@pytest.fixture
def reassignments(office: Office) -> Reassignments:
    return Reassignments(office.handoffs, office.talks, office.callbacks)


async def test_each_by_its_state(office: Office, reassignments: Reassignments) -> None:
    boss = await office.hire("bo", "supervisor")
    agent, other = await office.hire("an"), await office.hire("chen")
    queued, active, call, over = [await office.ask(name) for name in ("queued", "active", "call", "over")]
    for talk in (active, call, over):
        await office.talks.take(agent, talk.id)
    await office.callbacks.book(agent, call.id, PHONE)
    await office.talks.close(agent, over.id, "solved", "好了")
    ids = [over.id, queued.id, active.id, call.id, queued.id, "unknown"]
    refused = await reassignments.give(boss, ids, other.id, "请尽快")
    assert [(each.handoff_id, each.reason) for each in refused] == [
        (over.id, "晚了一步：这个会话现在是“已结束”"),
        ("unknown", "没有这个会话"),
    ]
    after = {each.id: each for each in await office.handoffs.list_of_ids([queued.id, active.id, call.id, over.id])}
    assert [after[each.id].agent_id for each in (queued, active, call, over)] == [
        other.id,
        other.id,
        other.id,
        agent.id,
    ]
    assert [after[each.id].state for each in (queued, active, call)] == ["assigned", "assigned", "callback"]
    actions = [each.action for each in await AuditLog(office.database).list_records(3)]
    assert actions == ["callback_assigned", "talk_transferred", "talk_assigned"]
    (told,) = await Notifications(office.database, office.clock).list_recent(other.id)
    assert told.text.startswith("薄荷把一个回电分给您")


async def test_back_to_the_queue(office: Office, reassignments: Reassignments) -> None:
    boss, agent = await office.hire("bo", "supervisor"), await office.hire("an")
    queued, active = await office.ask("queued"), await office.ask("active")
    await office.talks.take(agent, active.id)
    (refused,) = await reassignments.put_back(boss, [queued.id, active.id])
    assert (refused.handoff_id, refused.reason) == (queued.id, "晚了一步：这个会话现在是“排队中”")
    assert (await office.handoffs.get(active.id)).state == "queued"


async def test_who_has_it_keeps_it(office: Office, reassignments: Reassignments) -> None:
    boss, agent = await office.hire("bo", "supervisor"), await office.hire("an")
    active, call = await office.ask("active"), await office.ask("call")
    for talk in (active, call):
        await office.talks.take(agent, talk.id)
    await office.callbacks.book(agent, call.id, PHONE)
    refused = await reassignments.give(boss, [active.id, call.id], agent.id, "")
    assert [each.reason for each in refused] == ["已经在安宁手里"] * 2
    assert (await office.handoffs.get(active.id)).state == "active"


async def test_who_is_not_there_gets_nobody(office: Office, reassignments: Reassignments) -> None:
    boss, gone = await office.hire("bo", "supervisor"), await office.hire("an", is_online=False)
    editor = await office.hire("editor", "editor")
    talk = await office.ask()
    for taker, reason in ((gone.id, "这位同事现在不在"), (editor.id, "这位同事不接待客户"), ("", "请选择一位同事")):
        (refused,) = await reassignments.give(boss, [talk.id], taker, "")
        assert refused.reason.startswith(reason)


async def test_it_is_for_supervisors(office: Office, reassignments: Reassignments) -> None:
    agent, talk = await office.hire("an"), await office.ask()
    for work in (
        reassignments.give(agent, [talk.id], agent.id, ""),
        reassignments.put_back(agent, [talk.id]),
        office.callbacks.assign(agent, talk.id, agent.id, ""),
    ):
        with pytest.raises(RequestError) as refusal:
            await work
        assert refusal.value.status == 403
