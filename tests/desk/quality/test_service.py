"""From the sample to the settled objection: who may do what, once, and what is written down."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import update

from conversations.handoff.schemas import HandoffView
from conversations.tables import Handoff
from desk.audit import AuditLog
from desk.notifications.service import Notifications
from desk.quality.samples import Samples
from desk.quality.schemas import Sample
from desk.quality.service import QualityChecks
from desk.quality.sheets import load_sheets
from desk.roles import Role
from desk.schemas import StaffView
from kit.errors import InvalidFields, RequestError
from privacy.rights.expiry import RetentionRunner
from tests.desk.office import Office

GOOD = dict.fromkeys(next(reversed(load_sheets().values())), "kept")
ALL = Sample(size=50, days=7)


def take_first(ids: Sequence[str], size: int) -> list[str]:
    return sorted(ids)[:size]


@pytest.fixture
def checks(office: Office) -> QualityChecks:
    return QualityChecks(office.database, office.clock)


@pytest.fixture
def samples(office: Office) -> Samples:
    return Samples(office.database, office.clock, choose=take_first)


async def serve(office: Office, agent: StaffView, customer: str, rating: int = 0, **request: str) -> HandoffView:
    """A talk that ended."""
    asked = await office.ask(customer, **request)
    await office.talks.take(agent, asked.id)
    office.clock.move(minutes=1)
    closed = await office.talks.close(agent, asked.id, "solved", "问利率，已答复")
    if rating:
        async with office.database.transaction() as session:
            await session.execute(update(Handoff).where(Handoff.id == closed.id).values(rating=rating))
    return closed


async def refuse(work: Awaitable[object]) -> tuple[int, str]:
    with pytest.raises(RequestError) as refused:
        await work
    return refused.value.status, refused.value.reason


async def test_the_journey(office: Office, samples: Samples, checks: QualityChecks) -> None:
    agent, boss = await office.hire("an"), await office.hire("bo", "supervisor")
    talk = await serve(office, agent, "wang")
    assert await samples.draw(boss, ALL, "sample-1") == 1
    assert await samples.draw(boss, ALL, "sample-1") == 1, "a double click"
    (drawn,) = await checks.list_for_checkers(boss)
    check_id = drawn.check.id
    assert (drawn.handoff and drawn.handoff.id, drawn.check.state, drawn.check.agent_id) == (talk.id, "open", agent.id)
    assert await checks.list_own(agent) == [], "not before it is delivered"

    await checks.save(boss, check_id, {"courtesy": "partly", "unknown": "kept"}, "开头好")
    assert (await checks.get(boss, check_id)).marks == {"courtesy": "partly"}
    with pytest.raises(InvalidFields) as missing:
        await checks.deliver(boss, check_id, {"courtesy": "kept"}, " ")
    assert set(missing.value.problems) == {*GOOD, "feedback"} - {"courtesy"}
    for _ in range(2):  # a double click
        await checks.deliver(boss, check_id, {**GOOD, "correct": "missed"}, "利率答错了")
    (own,) = await checks.list_own(agent)
    assert (own.check.score, own.check.is_failed, own.check.feedback) == (60, False, "利率答错了")
    assert await checks.count_unread(agent) == 1

    for _ in range(2):
        await checks.object_to(agent, check_id, "当时的利率就是这样")
    assert await refuse(checks.object_to(agent, check_id, "还有")) == (409, "这份质检您已经答复过了")
    assert await refuse(checks.acknowledge(agent, check_id)) == (409, "这份质检您已经答复过了")
    assert await checks.count_to_do(boss) == 1
    for _ in range(2):
        await checks.settle(boss, check_id, GOOD, "您说得对，改了")
    settled = await checks.get(agent, check_id)
    assert (settled.state, settled.score, settled.settlement) == ("settled", 100, "您说得对，改了")

    records = [each for each in await AuditLog(office.database).list_records(20) if each.action.startswith("quality")]
    assert [(each.action, each.staff_id) for each in reversed(records)] == [
        ("quality_drawn", boss.id),
        ("quality_delivered", boss.id),
        ("quality_objected", agent.id),
        ("quality_settled", boss.id),
    ]
    assert records[0].details["changes"] == {"score": [60, 100]}
    told = [each.text for each in await Notifications(office.database, office.clock).list_recent(agent.id)]
    assert any("质检反馈\n60分" in text for text in told)
    assert any("异议有答复了\n100分" in text for text in told)


@pytest.mark.parametrize(
    ("sample", "found"),
    [
        (Sample(size=50, days=1), {"old", "wechat", "bad", "danger"} - {"old"}),
        (Sample(size=50, days=90), {"old", "wechat", "bad", "danger"}),
        (Sample(size=2, days=90), None),
        (Sample(size=50, days=90, channel="wechat"), {"wechat"}),
        (Sample(size=50, days=90, reason="complaint"), {"danger"}),
        (Sample(size=50, days=90, is_low_rated=True), {"bad"}),
        (Sample(size=50, days=90, agent_id="nobody"), set()),
    ],
)
async def test_what_is_drawn_from(
    office: Office, samples: Samples, checks: QualityChecks, sample: Sample, found: set[str] | None
) -> None:
    agent, boss = await office.hire("an"), await office.hire("bo", "supervisor")
    talks = {"old": await serve(office, agent, "old")}
    await office.wait(agent, boss, days=3)
    talks["wechat"] = await serve(office, agent, "wechat", channel="wechat")
    talks["bad"] = await serve(office, agent, "bad", rating=2)
    talks["danger"] = await serve(office, agent, "danger", reason="complaint")
    await serve(office, boss, "their own")
    await office.ask("still waiting")
    if found == set():
        assert await refuse(samples.draw(boss, sample, "s")) == (409, "没有符合条件、还没查过的会话，请放宽条件")
        return
    await samples.draw(boss, sample, "s")
    drawn = {each.check.handoff_id for each in await checks.list_for_checkers(boss)}
    assert len(drawn) == 2 if found is None else drawn == {talks[name].id for name in found}


@pytest.mark.parametrize("size", [-1, 0, 51])
async def test_the_size_has_bounds(office: Office, samples: Samples, checks: QualityChecks, size: int) -> None:
    boss = await office.hire("bo", "supervisor")
    assert (await refuse(samples.draw(boss, Sample(size=size, days=7), "s")))[0] == 422


async def test_a_checked_talk_is_drawn_again_only_if_wished(
    office: Office, samples: Samples, checks: QualityChecks
) -> None:
    agent, boss = await office.hire("an"), await office.hire("bo", "supervisor")
    await serve(office, agent, "wang")
    again = ALL.model_copy(update={"has_checked": True})
    await samples.draw(boss, ALL, "one")
    assert (await refuse(samples.draw(boss, again, "two")))[0] == 409, "it is being checked"
    (drawn,) = await checks.list_for_checkers(boss)
    await checks.deliver(boss, drawn.check.id, GOOD, "很好")
    assert (await refuse(samples.draw(boss, ALL, "three")))[0] == 409
    assert await samples.draw(boss, again, "four") == 1


async def test_two_supervisors_do_not_check_the_same_talk(
    office: Office, samples: Samples, checks: QualityChecks
) -> None:
    agent = await office.hire("an")
    bo, chen = await office.hire("bo", "supervisor"), await office.hire("chen", "supervisor")
    talk = await serve(office, agent, "wang")
    check_id = await samples.begin(bo, talk.id)
    assert await samples.begin(bo, talk.id) == check_id, "a double click"
    for work in (
        samples.begin(chen, talk.id),
        checks.save(chen, check_id, GOOD, ""),
        checks.deliver(chen, check_id, GOOD, "好"),
        checks.discard(chen, check_id),
    ):
        assert await refuse(work) == (409, "薄荷正在质检这个会话")
    await checks.take_over(chen, check_id)
    assert await refuse(checks.deliver(bo, check_id, GOOD, "好")) == (409, "陈晨正在质检这个会话")
    told = [each.text for each in await Notifications(office.database, office.clock).list_recent(bo.id)]
    assert told == ["陈晨接过了您的一份质检"]
    await checks.discard(chen, check_id)
    assert (await refuse(checks.get(chen, check_id)))[0] == 404
    assert await samples.begin(bo, talk.id) != check_id


async def test_only_what_has_ended_and_not_ones_own(office: Office, samples: Samples, checks: QualityChecks) -> None:
    boss = await office.hire("bo", "supervisor")
    waiting, own = await office.ask("wang"), await serve(office, boss, "li")
    assert (await refuse(samples.begin(boss, waiting.id)))[1] == "会话结束后才能质检"
    assert (await refuse(samples.begin(boss, own.id)))[1] == "自己接待的会话由别的主管质检"


Act = Callable[[QualityChecks, StaffView, str], Awaitable[object]]
ACTS: dict[str, tuple[Act, set[str]]] = {
    "list all": (lambda checks, who, _: checks.list_for_checkers(who), {"checker", "another"}),
    "see": (lambda checks, who, check: checks.get(who, check), {"checker", "another", "agent"}),
    "settle": (lambda checks, who, check: checks.settle(who, check, GOOD, "好"), {"checker", "another"}),
    "acknowledge": (lambda checks, who, check: checks.acknowledge(who, check), {"agent"}),
    "object": (lambda checks, who, check: checks.object_to(who, check, "不对"), {"agent"}),
}


@pytest.mark.parametrize("act", ACTS)
async def test_rights(office: Office, samples: Samples, checks: QualityChecks, act: str) -> None:
    roles: dict[str, Role] = {
        "checker": "supervisor",
        "another": "supervisor",
        "agent": "agent",
        "colleague": "agent",
        "manager": "account_manager",
        "editor": "editor",
        "approver": "approver",
        "admin": "admin",
    }
    staff = {name: await office.hire(name, role) for name, role in roles.items()}
    check_id = await samples.begin(staff["checker"], (await serve(office, staff["agent"], "wang")).id)
    assert (await refuse(checks.get(staff["agent"], check_id)))[0] == 403, "not before it is delivered"
    await checks.deliver(staff["checker"], check_id, GOOD, "好")
    if act == "settle":
        await checks.object_to(staff["agent"], check_id, "不对")
    for name in staff.keys() - {"checker", "another"}:
        assert (await refuse(samples.draw(staff[name], ALL, "s")))[0] == 403, name
        assert (await refuse(samples.begin(staff[name], "any")))[0] == 403, name
    work, allowed = ACTS[act]
    for name in staff.keys() - allowed:
        assert (await refuse(work(checks, staff[name], check_id)))[0] == 403, name
    for name in sorted(allowed)[: 1 if act == "settle" else None]:
        await work(checks, staff[name], check_id)


async def test_a_supervisor_does_not_check_their_own_talk(
    office: Office, samples: Samples, checks: QualityChecks
) -> None:
    bo, chen = await office.hire("bo", "supervisor"), await office.hire("chen", "supervisor")
    check_id = await samples.begin(chen, (await serve(office, bo, "wang")).id)
    assert await checks.list_for_checkers(bo) == []
    assert (await refuse(checks.get(bo, check_id)))[0] == 403
    assert (await refuse(checks.take_over(bo, check_id)))[0] == 403
    await checks.deliver(chen, check_id, GOOD, "好")
    await checks.object_to(bo, check_id, "不对")
    assert (await refuse(checks.settle(bo, check_id, GOOD, "我说了算")))[0] == 403
    assert await checks.count_to_do(bo) == 0


async def test_the_words_have_bounds(office: Office, samples: Samples, checks: QualityChecks) -> None:
    agent, boss = await office.hire("an"), await office.hire("bo", "supervisor")
    check_id = await samples.begin(boss, (await serve(office, agent, "wang")).id)
    assert "500字" in (await refuse(checks.save(boss, check_id, {}, "长" * 501)))[1]
    await checks.deliver(boss, check_id, GOOD, "好")
    assert (await refuse(checks.object_to(agent, check_id, "  ")))[1] == "请写几句异议"


async def test_the_numbers_outlive_the_talk(office: Office, samples: Samples, checks: QualityChecks) -> None:
    agent, boss = await office.hire("an"), await office.hire("bo", "supervisor")
    check_id = await samples.begin(boss, (await serve(office, agent, "wang")).id)
    await checks.deliver(boss, check_id, GOOD, "“我叫王芳”时可以先问好")
    await RetentionRunner(office.database).run(office.clock.now + timedelta(days=1200))
    (own,) = await checks.list_own(agent)
    assert (own.handoff, own.check.score, own.check.feedback) == (None, 100, None)
