"""Who may do what with a talk, and whose it is then."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from conversations.handoff.schemas import HandoffView
from desk.audit import AuditLog
from desk.roles import ROLE_NAMES
from desk.schemas import StaffView
from desk.skills import Skills
from desk.talks import NOTE_MAX
from desk.wording import describe_note
from kit.errors import RequestError
from tests.conversations.talk import PHONE, sqlite_only
from tests.desk.office import Office

TALKERS = {"agent", "account_manager", "supervisor"}
OVERSEERS = {"supervisor"}
Action = Callable[[Office, StaffView, HandoffView, StaffView], Awaitable[Any]]


async def prepare(office: Office, handoff: HandoffView, state: str, staff: StaffView) -> HandoffView:
    """A handoff that is theirs already, as far as the state allows."""
    match state:
        case "assigned":
            await office.handoffs.assign(handoff.id, staff.id)
        case "active":
            await office.handoffs.take(handoff.id, staff.id)
        case "callback":
            await office.handoffs.book_callback(handoff.id, PHONE)
        case "closed":
            await office.handoffs.return_to_bot(handoff.id)
    return await office.handoffs.get(handoff.id)


async def find_refusal(action: Awaitable[Any]) -> RequestError | None:
    try:
        await action
    except RequestError as error:
        return error
    return None


@sqlite_only
@pytest.mark.parametrize(
    ("state", "allowed", "action"),
    [
        pytest.param("queued", TALKERS, lambda o, me, h, other: o.talks.take(me, h.id), id="take"),
        pytest.param("assigned", TALKERS, lambda o, me, h, other: o.talks.accept(me, h.id), id="accept"),
        pytest.param("assigned", TALKERS, lambda o, me, h, other: o.talks.decline(me, h.id), id="decline"),
        pytest.param("active", OVERSEERS, lambda o, me, h, other: o.talks.take_over(me, h.id), id="take_over"),
        pytest.param("queued", OVERSEERS, lambda o, me, h, other: o.talks.assign(me, h.id, other.id, ""), id="assign"),
        pytest.param(
            "active", TALKERS, lambda o, me, h, other: o.talks.transfer(me, h.id, other.id, ""), id="transfer"
        ),
        pytest.param("active", TALKERS, lambda o, me, h, other: o.talks.requeue(me, h.id), id="requeue"),
        pytest.param("active", TALKERS, lambda o, me, h, other: o.talks.return_to_bot(me, h.id), id="return_to_bot"),
        pytest.param("active", TALKERS, lambda o, me, h, other: o.talks.close(me, h.id, "solved", "好了"), id="close"),
        pytest.param("active", TALKERS, lambda o, me, h, other: o.callbacks.book(me, h.id, PHONE), id="book_callback"),
        pytest.param("callback", TALKERS, lambda o, me, h, other: o.callbacks.claim(me, h.id), id="claim_callback"),
        pytest.param("closed", OVERSEERS, lambda o, me, h, other: o.talks.reopen(me, h.id), id="reopen"),
        pytest.param("callback", OVERSEERS, lambda o, me, h, other: o.callbacks.miss(me, h.id, 30), id="miss_call"),
        pytest.param("active", TALKERS, lambda o, me, h, other: o.talks.say(me, h.id, "您好", "key"), id="say"),
        pytest.param("active", TALKERS, lambda o, me, h, other: o.talks.add_note(me, h.id, "好"), id="add_note"),
        pytest.param("active", TALKERS, lambda o, me, h, other: o.talks.record_unmasking(me, h.id), id="unmask"),
    ],
)
async def test_every_action_is_for_some_roles_only(
    office: Office, state: str, allowed: set[str], action: Action
) -> None:
    colleague = await office.hire("colleague")
    let_in = set()
    for role in ROLE_NAMES:
        staff = await office.hire(role.replace("_", "."), role)
        handoff = await prepare(office, await office.ask(role), state, staff)
        said = await office.read_said(handoff)
        refused = await find_refusal(action(office, staff, handoff, colleague))
        if refused is None:
            let_in.add(role)
            continue
        assert refused.status == 403, role
        assert await office.handoffs.get(handoff.id) == handoff
        assert await office.read_said(handoff) == said
        assert await office.handoffs.list_notes(handoff.conversation_id) == []
        assert await AuditLog(office.database).list_records(1, staff_id=staff.id) == []
    assert let_in == allowed


class TestTaking:
    async def test_of_two_desks_one_wins_and_the_other_is_told_who_did(self, office: Office, elsewhere: Office) -> None:
        an, bo = await office.hire("an"), await office.hire("bo", "account_manager")
        handoff = await office.ask()
        outcomes = await asyncio.gather(
            office.talks.take(an, handoff.id), elsewhere.talks.take(bo, handoff.id), return_exceptions=True
        )
        (taken,) = [outcome for outcome in outcomes if isinstance(outcome, HandoffView)]
        (refused,) = [outcome for outcome in outcomes if isinstance(outcome, RequestError)]
        winner = an if taken.agent_id == an.id else bo
        assert (refused.status, refused.reason) == (409, f"晚了一步，这位客户已由{winner.name}负责")
        title = "客服" if winner is an else "客户经理"
        (said,) = await office.read_said(handoff)
        assert (said.author, said.text) == ("agent", f"您好，我是{title}{winner.name}，接下来由我为您服务。")

    async def test_a_double_click_changes_nothing(self, office: Office) -> None:
        an, handoff = await office.hire("an"), await office.ask()
        taken = await office.talks.take(an, handoff.id)
        assert await office.talks.take(an, handoff.id) == taken
        offered = await office.ask("li")
        await office.handoffs.assign(offered.id, an.id)
        accepted = await office.talks.accept(an, offered.id)
        assert await office.talks.accept(an, offered.id) == accepted
        assert [len(await office.read_said(each)) for each in (handoff, offered)] == [1, 1]

    async def test_who_left_the_queue_is_not_there_to_be_taken(self, office: Office) -> None:
        an, handoff = await office.hire("an"), await office.ask()
        await office.handoffs.return_to_bot(handoff.id)
        with pytest.raises(RequestError, match="已转回小禾"):
            await office.talks.take(an, handoff.id)
        with pytest.raises(RequestError, match="404"):
            await office.talks.take(an, "nothing")

    async def test_only_whom_it_was_offered_to_answers_an_offer(self, office: Office) -> None:
        an, bo, chen = await office.hire("an"), await office.hire("bo"), await office.hire("chen", "supervisor")
        handoff = await office.ask()
        await office.handoffs.assign(handoff.id, an.id)
        for other in (bo, chen):
            for action in (office.talks.accept, office.talks.decline):
                with pytest.raises(RequestError, match="409"):
                    await action(other, handoff.id)
        declined = await office.talks.decline(an, handoff.id)
        assert (declined.state, declined.agent_id) == ("queued", None)
        assert await office.handoffs.list_declined([handoff.id]) == {handoff.id: {an.id}}
        assert await office.read_said(handoff) == []
        await office.handoffs.assign(handoff.id, bo.id)
        accepted = await office.talks.accept(bo, handoff.id)
        assert (accepted.state, accepted.agent_id) == ("active", bo.id)
        assert await office.read_words(handoff) == ["您好，我是客服薄荷，接下来由我为您服务。"]

    async def test_a_supervisor_offers_and_takes_over(self, office: Office) -> None:
        an, chen = await office.hire("an"), await office.hire("chen", "supervisor")
        handoff = await office.ask()
        assigned = await office.talks.assign(chen, handoff.id, an.id, " 老客户 ")
        assert (assigned.state, assigned.agent_id) == ("assigned", an.id)
        (*_, event) = await office.handoffs.list_events(handoff.id)
        assert (event.staff_id, event.agent_id, event.note) == (chen.id, an.id, "老客户")
        await office.talks.accept(an, handoff.id)
        taken = await office.talks.take_over(chen, handoff.id)
        assert (taken.state, taken.agent_id) == ("active", chen.id)
        assert (await office.read_words(handoff))[1:] == ["您好，我是客服陈晨，现在由我为您服务。"]
        with pytest.raises(RequestError, match="409"):
            await office.talks.say(an, handoff.id, "您好", "key-1")


class TestPassingOn:
    async def test_a_colleague_gets_it_with_a_word(self, office: Office) -> None:
        an, zhang = await office.hire("an"), await office.hire("zhang", "account_manager")
        handoff = await office.ask()
        await office.talks.take(an, handoff.id)
        await office.wait(an, zhang, minutes=1)
        with pytest.raises(RequestError, match="422 too_long"):
            await office.talks.transfer(an, handoff.id, zhang.id, "急" * (NOTE_MAX + 1))
        transferred = await office.talks.transfer(an, handoff.id, zhang.id, "想贷款买农机" * 30)
        assert (transferred.state, transferred.agent_id) == ("assigned", zhang.id)
        assert transferred.told_to_wait_at == office.clock.now
        (*_, event) = await office.handoffs.list_events(handoff.id)
        assert (event.event, event.staff_id, event.agent_id) == ("transfer", an.id, zhang.id)
        assert event.note == "想贷款买农机" * 30
        (*_, said) = await office.read_said(handoff)
        assert (said.author, said.text.split("，")[0]) == ("bot", "正在为您转给客户经理张敏")
        accepted = await office.talks.accept(zhang, handoff.id)
        assert accepted.accepted_at == handoff.requested_at  # the talk began with the first of them

    @sqlite_only
    async def test_only_to_somebody_else_who_talks_to_customers(self, office: Office) -> None:
        an, chen = await office.hire("an"), await office.hire("chen", "supervisor")
        gone = await office.hire("gone")
        await office.accounts.update_staff(gone.id, is_active=False)
        editor = await office.hire("editor", "editor")
        handoff = await office.ask()
        for agent_id in ("", "nobody", editor.id, gone.id):
            with pytest.raises(RequestError, match="422 no_agent"):
                await office.talks.assign(chen, handoff.id, agent_id, "")
        active = await office.talks.take(an, handoff.id)
        for agent_id in ("", "nobody", editor.id, gone.id, an.id):
            with pytest.raises(RequestError, match="422 no_agent"):
                await office.talks.transfer(an, handoff.id, agent_id, "")
        assert await office.handoffs.get(handoff.id) == active
        assert len(await office.read_said(handoff)) == 1

    @sqlite_only
    async def test_only_to_somebody_who_is_there(self, office: Office) -> None:
        an, chen = await office.hire("an"), await office.hire("chen", "supervisor")
        bo, offline = await office.hire("bo"), await office.hire("offline", is_online=False)
        away = await office.hire("away")
        await office.accounts.set_status(away.id, "away")
        await office.wait(an, offline, away, seconds=40)  # bo's page was closed
        queued = await office.ask()
        active = await office.talks.take(an, (await office.ask("li")).id)
        for absent in (bo, offline, away):
            with pytest.raises(RequestError, match="422 no_agent: 这位同事现在不在"):
                await office.talks.assign(chen, queued.id, absent.id, "")
            with pytest.raises(RequestError, match="422 no_agent: 这位同事现在不在"):
                await office.talks.transfer(an, active.id, absent.id, "")
        assert await office.handoffs.get(queued.id) == queued
        assert await office.handoffs.get(active.id) == active
        await office.wait(bo)
        assert (await office.talks.assign(chen, queued.id, bo.id, "")).agent_id == bo.id
        assert (await office.talks.transfer(an, active.id, bo.id, "")).agent_id == bo.id

    async def test_back_to_the_queue_it_keeps_its_place(self, office: Office) -> None:
        an, handoff = await office.hire("an"), await office.ask()
        await office.talks.take(an, handoff.id)
        office.clock.move(minutes=5)
        requeued = await office.talks.requeue(an, handoff.id)
        assert (requeued.state, requeued.agent_id) == ("queued", None)
        assert (requeued.requested_at, requeued.told_to_wait_at) == (handoff.requested_at, office.clock.now)
        assert (await office.read_words(handoff))[1:] == ["正在为您安排另一位同事，请稍等。"]

    async def test_who_put_it_back_is_not_asked_again_and_who_takes_it_reads_why(self, office: Office) -> None:
        an, bo, chen = await office.hire("an"), await office.hire("bo"), await office.hire("chen", "supervisor")
        await Skills(office.database, office.clock).set(chen, "complaint", [bo.id])
        handoff = await office.ask()
        await office.talks.take(an, handoff.id)
        refused = await find_refusal(office.talks.requeue(an, handoff.id, "no_such_skill"))
        assert refused
        assert refused.code == "unknown_skill"
        for skill, note, other in (("complaint", "要投诉柜台", bo), ("trader_loan", "", an), ("", "请接一下", bo)):
            put_back = await office.talks.requeue(chen, handoff.id, skill, note)
            assert (put_back.reason, put_back.wanted_skill) == ("customer_request", skill or None)
            await office.dispatcher.dispatch()
            offered = await office.handoffs.get(handoff.id)
            assert (offered.state, offered.agent_id) == ("assigned", other.id)
            events = await office.handoffs.list_events(handoff.id)
            assert describe_note(events, {chen.id: "陈晨"}) == (f"陈晨留言：{note}" if note else "")
            await office.talks.accept(other, handoff.id)
            await office.wait(an, bo, minutes=6)

    async def test_what_is_a_colleagues_stays_theirs_unless_a_supervisor_says_so(self, office: Office) -> None:
        an, bo, chen = await office.hire("an"), await office.hire("bo"), await office.hire("chen", "supervisor")
        handoff = await office.ask()
        active = await office.talks.take(an, handoff.id)
        for action in (office.talks.transfer(bo, handoff.id, chen.id, ""), office.talks.requeue(bo, handoff.id)):
            with pytest.raises(RequestError, match="409"):
                await action
        assert await office.handoffs.get(handoff.id) == active
        assert (await office.talks.transfer(chen, handoff.id, bo.id, "")).agent_id == bo.id
        assert (await office.talks.requeue(chen, handoff.id)).state == "queued"
