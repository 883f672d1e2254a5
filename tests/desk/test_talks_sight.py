"""Who may see which talk, write notes about it and see full numbers; and that looks at others' leave a trace."""

import pytest
from sqlalchemy import update

from conversations.full_text import FullTextSearch
from conversations.handoff.schemas import HandoffView
from conversations.handoff.states import Event
from conversations.schemas import InboundMessage
from conversations.tables import Customer
from desk.audit import AuditLog
from desk.schemas import StaffView
from desk.talk_access import find_readable
from desk.wording import name_customer
from kit.errors import RequestError
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office

pytestmark = sqlite_only
THEIRS = {"agent", "manager"}
TALKERS = {"agent", "other agent", "manager", "other manager", "supervisor"}

# How the agent `an` got and ended it: who may see it, and who serves the customer, so that they see full numbers.
TALKS: dict[str, tuple[list[Event], set[str], set[str]]] = {
    "waiting": ([], TALKERS, {"manager"}),
    "offered": (["assign"], THEIRS, {"manager"}),
    "declined": (["assign", "decline"], TALKERS, {"manager"}),
    "active": (["take"], THEIRS, THEIRS),
    "requeued": (["take", "requeue"], TALKERS, {"manager"}),
    "callback": (["book_callback"], TALKERS, {"manager"}),
    "claimed callback": (["book_callback", "claim"], THEIRS, THEIRS),
    "closed": (["take", "close"], THEIRS, {"manager"}),
    "returned": (["take", "return"], THEIRS, {"manager"}),
    "given up": (["return"], {"manager"}, {"manager"}),
}


@pytest.fixture
async def people(office: Office) -> dict[str, StaffView]:
    """One of each who might look."""
    return {
        "agent": await office.hire("an"),
        "other agent": await office.hire("bo"),
        "manager": await office.hire("zhang", "account_manager"),
        "other manager": await office.hire("li", "account_manager"),
        "supervisor": await office.hire("chen", "supervisor"),
        "editor": await office.hire("editor", "editor"),
        "admin": await office.hire("root.admin", "admin"),
    }


async def make_talk(office: Office, people: dict[str, StaffView], events: list[Event]) -> HandoffView:
    """A talk of the manager's customer, as the agent brought it there."""
    handoff = await office.ask(slots={"name": "王秀英"})
    async with office.database.transaction() as session:
        await session.execute(update(Customer).values(manager_id=people["manager"].id))
    agent = people["agent"].id
    for event in events:
        is_by_customer = event in ("book_callback", "return") and event == events[0]
        staff_id = None if is_by_customer else agent
        await office.handoffs.move(handoff.id, event, staff_id=staff_id, agent_id=agent)
    return await office.handoffs.get(handoff.id)


async def list_traces(office: Office) -> list[tuple[str | None, str, str]]:
    """Who did what to which talk, the first one first."""
    records = await AuditLog(office.database).list_records(100)
    return [(r.staff_id, r.action, r.subject) for r in records[::-1] if r.action not in ("staff_added", "sign_in")]


@pytest.mark.parametrize("talk", TALKS)
async def test_who_sees_a_talk(office: Office, people: dict[str, StaffView], talk: str) -> None:
    events, sees, _ = TALKS[talk]
    handoff = await make_talk(office, people, events)
    for name, staff in people.items():
        is_visible = name in sees | {"supervisor"}
        assert office.talks.is_visible(staff, handoff) == is_visible, name
        if is_visible:
            assert await office.talks.open(staff, handoff.id) == handoff
            await office.talks.add_note(staff, handoff.id, f"{name}看过")
            continue
        for refused in (office.talks.open(staff, handoff.id), office.talks.add_note(staff, handoff.id, "看看")):
            with pytest.raises(RequestError, match="403 not_yours"):
                await refused
    notes = [note.text for note in await office.handoffs.list_notes(handoff.conversation_id)]
    assert notes == [f"{name}看过" for name in people if name in sees | {"supervisor"}]


@pytest.mark.parametrize("talk", TALKS)
async def test_a_look_into_what_is_not_theirs_leaves_a_trace(
    office: Office, people: dict[str, StaffView], talk: str
) -> None:
    events, sees, _ = TALKS[talk]
    handoff = await make_talk(office, people, events)
    for name in sorted(sees | {"supervisor"}):
        await office.talks.open(people[name], handoff.id)
    theirs = {"manager"} if sees == TALKERS else sees
    lookers = sorted((sees | {"supervisor"}) - theirs)
    assert await list_traces(office) == [(people[name].id, "talk_viewed", handoff.id) for name in lookers]


@pytest.mark.parametrize("talk", TALKS)
async def test_who_sees_full_numbers_has_left_a_trace(office: Office, people: dict[str, StaffView], talk: str) -> None:
    events, _, unmask = TALKS[talk]
    handoff = await make_talk(office, people, events)
    allowed = [name for name in people if name in unmask]
    for name, staff in people.items():
        if name in allowed:
            await office.talks.record_unmasking(staff, handoff.id)
            continue
        with pytest.raises(RequestError, match="403"):
            await office.talks.record_unmasking(staff, handoff.id)
    assert await list_traces(office) == [(people[name].id, "unmasked", handoff.id) for name in allowed]


async def test_what_a_supervisor_has_themselves_is_no_look_into_anothers(
    office: Office, people: dict[str, StaffView]
) -> None:
    handoff = await make_talk(office, people, [])
    await office.talks.take(people["supervisor"], handoff.id)
    await office.talks.open(people["supervisor"], handoff.id)
    assert await list_traces(office) == []


async def test_what_a_supervisor_decides_over_others_is_written_down(
    office: Office, people: dict[str, StaffView]
) -> None:
    chen, an = people["supervisor"], people["agent"]
    handoff = await make_talk(office, people, [])
    await office.talks.assign(chen, handoff.id, an.id, "熟客")
    await office.talks.take_over(chen, handoff.id)
    assert await list_traces(office) == [
        (chen.id, "talk_assigned", handoff.id),
        (chen.id, "talk_taken_over", handoff.id),
    ]
    for action in (office.talks.take_over(an, handoff.id), office.talks.assign(an, handoff.id, an.id, "")):
        with pytest.raises(RequestError, match="403 forbidden"):
            await action
    assert len(await list_traces(office)) == 2


async def test_an_unknown_talk_is_nobodys_to_see(office: Office, people: dict[str, StaffView]) -> None:
    for look in (office.talks.open, office.talks.record_unmasking):
        with pytest.raises(RequestError, match="404"):
            await look(people["agent"], "nothing")


async def test_people_are_found_among_what_one_may_see(office: Office, people: dict[str, StaffView]) -> None:
    agent, other, boss = people["agent"], people["other agent"], people["supervisor"]
    first = await office.ask("wang", slots={"name": "王秀英", "phone": "13800001234"})
    await office.talks.take(agent, first.id)
    await office.talks.close(agent, first.id, "solved", "问利率")
    office.clock.move(minutes=1)
    again = await office.ask("wang", text="再转人工", slots={"name": "王秀英"})
    await office.talks.take(agent, again.id)
    office.clock.move(minutes=1)
    waiting = await office.ask("li", slots={"name": "王秀英"})
    for words in ("王秀英", "秀英"):
        assert [each.id for each in await office.talk_search.find_people(agent, words)] == [waiting.id, again.id]
        assert [each.id for each in await office.talk_search.find_people(other, words)] == [waiting.id]
        assert [each.id for each in await office.talk_search.find_people(boss, words)] == [waiting.id, again.id]
    for words in ("13800001234", "138 0000 1234", "1234"):
        assert [each.id for each in await office.talk_search.find_people(agent, words)] == [first.id]
        assert await office.talk_search.find_people(other, words) == []
    nameless = await office.ask("zhao")
    code = name_customer(nameless.customer_id)
    for words in (code, code.removeprefix("客户"), code.removeprefix("客户").lower()):
        assert nameless.id in [each.id for each in await office.talk_search.find_people(other, words)]
    for nothing in ("", "  ", "张三", "客户"):
        assert await office.talk_search.find_people(boss, nothing) == []
    for refused in ("editor", "admin"):
        with pytest.raises(RequestError, match="403"):
            await office.talk_search.find_people(people[refused], "王秀英")


async def test_what_was_said_is_found_among_what_one_may_see(office: Office, people: dict[str, StaffView]) -> None:
    agent, other, boss = people["agent"], people["other agent"], people["supervisor"]
    taken = await office.ask("wang", "我想给大棚贷款，转人工", slots={"name": "王秀英"})
    await office.talks.take(agent, taken.id)
    await office.talks.say(agent, taken.id, "大棚贷款最高20万", "1")
    waiting = await office.ask("li", "大棚能贷吗，转人工")
    quiet = await office.conversations.open_conversation("web", "zhao")
    await office.inbox.record(quiet.id, InboundMessage(message_id="1", text="大棚怎么贷"))
    office.clock.move(minutes=1)
    await FullTextSearch(office.database, office.clock).catch_up()

    async def find(staff: StaffView, words: str) -> list[tuple[str, str]]:
        return [(each.handoff.id, each.text) for each in await office.talk_search.find_messages(staff, words)]

    of_li = (waiting.id, "大棚能贷吗，转人工")
    of_wang = [(taken.id, "大棚贷款最高20万"), (taken.id, "我想给大棚贷款，转人工")]
    for staff in (agent, boss):
        assert await find(staff, "大棚") == [of_li, *of_wang]
    assert await find(other, "大棚") == [of_li]
    assert await find(boss, "大棚 20万") == of_wang[:1]
    for refused in ("editor", "admin"):
        with pytest.raises(RequestError, match="403"):
            await find(people[refused], "大棚")


async def test_of_a_talk_that_is_over_nothing_later_is_read_or_found(
    office: Office, people: dict[str, StaffView]
) -> None:
    agent, other = people["agent"], people["other agent"]
    first = await office.ask("wang", "大棚贷款，转人工")
    await office.talks.take(agent, first.id)
    await office.talks.close(agent, first.id, "solved", "问贷款")
    office.clock.move(days=60)
    second = await office.ask("wang", "大棚出险了，转人工")
    await office.talks.take(other, second.id)
    office.clock.move(minutes=1)
    await FullTextSearch(office.database, office.clock).catch_up()
    found = {
        name: [each.text for each in await office.talk_search.find_messages(people[name], "大棚")]
        for name in ("agent", "other agent", "supervisor")
    }
    both = ["大棚出险了，转人工", "大棚贷款，转人工"]
    assert found == {"agent": both[1:], "other agent": both, "supervisor": both}
    over, goes_on = await office.handoffs.get(first.id), await office.handoffs.get(second.id)
    assert find_readable(agent, over) == over.period
    assert [find_readable(people[name], over) for name in ("supervisor",)] == [None]
    assert find_readable(other, goes_on) is None


@pytest.mark.parametrize("talk", TALKS)
async def test_the_rule_who_may_see_a_talk_is_the_same_for_one_and_for_a_list(
    office: Office, people: dict[str, StaffView], talk: str
) -> None:
    events, seen_by, _ = TALKS[talk]
    handoff = await make_talk(office, people, events)
    for name in ("agent", "other agent", "manager", "other manager", "supervisor"):
        found = await office.talk_search.find_people(people[name], "王秀英")
        assert [each.id for each in found] == ([handoff.id] if name in seen_by | {"supervisor"} else [])
