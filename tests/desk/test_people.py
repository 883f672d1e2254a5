"""One page a person: who sees it, what is on it, who merges whom, and when to be in touch next."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from conversations.tables import InternalNote
from desk.accounts import Accounts
from desk.audit import AuditLog
from desk.audit_names import name_customers, name_staff
from desk.audit_wording import describe_record
from desk.customer_documents import CustomerDocuments
from desk.customer_loans import CustomerLoans
from desk.people import People
from desk.person_reader import PersonReader
from desk.schemas import StaffView
from documents.service import Documents
from kit.database import Database
from kit.errors import RequestError
from privacy import ledger
from privacy.purposes import APPLICATION, SHARING
from privacy.rights.erasure import erase
from privacy.rights.summary import lock_conversation
from tests.core_banking.bank import LeavingCore
from tests.desk.village import PHONE, Village
from tests.documents.pictures import draw, encode
from tests.fakes import FixedClock
from tests.verification.rows import make_verification
from visits.tables import Visit

LI = "13800007002"  # who has a loan in the demo's core
REASON = "同一个人，换了手机"


@pytest.fixture
def core(clock: FixedClock, tmp_path: Path) -> LeavingCore:
    return LeavingCore(tmp_path / "requests.json", clock)


@pytest.fixture
def village(database: Database, accounts: Accounts, clock: FixedClock, core: LeavingCore) -> Village:
    return Village(database, accounts, clock, core)


@pytest.fixture
def store(database: Database, clock: FixedClock) -> Documents:
    return Documents(database, clock=clock)


@pytest.fixture
def people(database: Database, store: Documents, clock: FixedClock, core: LeavingCore) -> People:
    return People(database, PersonReader(database, CustomerLoans(core, database), store, clock), clock)


async def find_conversation(village: Village, user: str) -> str:
    return (await village.conversations.open_conversation("wechat", user)).id


async def verify(village: Village, user: str, phone: str) -> None:
    conversation_id = await find_conversation(village, user)
    async with village.database.transaction() as session:
        session.add(make_verification(conversation_id, phone, village.clock.now))


async def refuse(act: Coroutine[Any, Any, Any]) -> str:
    with pytest.raises(RequestError) as refused:
        await act
    return f"{refused.value.status} {refused.value.code}"


async def list_seen(people: People, staff: StaffView, customer_id: str) -> list[str] | str:
    """The ids of the customers that they see of a person, or why none."""
    try:
        return [card.customer_id for card in (await people.read(staff, customer_id)).customers]
    except RequestError as refused:
        return f"{refused.status} {refused.code}"


async def test_who_may_see_a_person(village: Village, people: People) -> None:
    staff = await village.hire_everybody()
    here = await village.meet("here", manager_id=staff["their manager"].id)
    there = await village.meet("there")
    for user in ("here", "there"):
        await verify(village, user, PHONE)
    await village.ask("there", "active", agent_id=staff["an agent who serves them"].id)
    await village.ask("here", "closed", agent_id=staff["another agent"].id)
    for who, member in staff.items():
        may = who in ("their manager", "an agent who serves them", "a supervisor")
        for customer, other in ((here, there), (there, here)):
            seen = [customer.id, other.id] if may else "403 not_served"
            assert await list_seen(people, member, customer.id) == seen, who
    assert await refuse(people.read(staff["a supervisor"], "nobody")) == "404 no_such_customer"


async def test_every_opening_is_audited_and_no_refused_one(village: Village, people: People) -> None:
    zhang, li = await village.hire("zhang"), await village.hire("li")
    customer = await village.meet("wang", manager_id=zhang.id)
    await people.open(zhang, customer.id)
    assert await refuse(people.open(li, customer.id)) == "403 not_served"
    assert await village.list_audit("person_viewed") == [(zhang.id, customer.id, {})]


async def test_who_took_back_the_consent_to_be_handed_on_is_seen_by_no_other_manager(
    village: Village, people: People
) -> None:
    zhang, boss = await village.hire("zhang"), await village.hire("zhou", "supervisor")
    here, there = await village.meet("here", manager_id=zhang.id), await village.meet("there")
    await people.merge(boss, here.id, there.id, REASON)
    assert await list_seen(people, zhang, here.id) == [here.id, there.id]
    async with village.database.transaction() as session:
        await ledger.record(session, village.clock.now, "consent_withdrawn", there.id, purpose=SHARING)
    assert await list_seen(people, zhang, here.id) == [here.id]
    assert await list_seen(people, zhang, there.id) == [here.id]
    assert await list_seen(people, boss, here.id) == [here.id, there.id]


async def test_all_that_there_is_of_a_person_is_on_the_page(village: Village, people: People, store: Documents) -> None:
    zhang = await village.hire("zhang", "account_manager", "柳河镇")
    here, there = await village.meet("here", manager_id=zhang.id), await village.meet("there")
    for user in ("here", "there"):
        await verify(village, user, LI)
    first = await village.ask("here", "closed", {"name": "王秀英", "phone": PHONE}, agent_id=zhang.id)
    last = await village.ask("there", "closed")
    filed = await village.apply("there")
    conversation_id = await find_conversation(village, "there")
    picture = await store.store(conversation_id, "picture-1", encode(draw()))
    async with village.database.transaction() as session:
        when = dict.fromkeys(("starts_at", "created_at", "changed_at"), village.clock.now)
        key = {"idempotency_key": "visit", "request_hash": ""}
        visit = Visit(id="visit", conversation_id=conversation_id, place="柳河镇王家村", minutes=90, **when, **key)
        visit.manager_id, visit.state, visit.note = zhang.id, "done", "看了猪舍"
        session.add(visit)
        note = {"conversation_id": conversation_id, "staff_id": zhang.id, "text": "冬天要用钱"}
        session.add(InternalNote(**note, at=village.clock.now))
        await ledger.record(session, village.clock.now, "consent_given", there.id, purpose=APPLICATION)
    person = await people.read(zhang, here.id)
    assert [card.customer_id for card in person.customers] == [here.id, there.id]
    assert [card.phone for card in person.customers] == ["138****5678"] * 2
    assert person.verified == {here.id: ["138****7002"], there.id: ["138****7002"]}
    assert [talk.id for talk in person.talks] == [last, first]
    assert [each.number for each in person.applications] == [filed.number]
    assert [loan.tail for loan in person.loans] == ["4125"], "once, though both know of it"
    assert [document.id for document in person.documents] == [picture.id]
    assert [each.text for each in person.notes] == ["冬天要用钱"]
    assert [(each.place, each.state, each.note) for each in person.visits] == [("柳河镇王家村", "done", "看了猪舍")]
    assert [each.purpose for each in person.consents] == ["贷款申请"]
    assert [tag.name for tag in person.tags][:2] == ["快到期", "商户贷"]
    assert person.names == {zhang.id: zhang.name}
    assert not any(number in repr(person.customers) for number in (PHONE, LI))


async def test_papers_are_open_to_whoever_serves_the_person_on_another_channel(
    village: Village, people: People, store: Documents
) -> None:
    boss, agent = await village.hire("zhou", "supervisor"), await village.hire("chen", "agent")
    here, there = await village.meet("here"), await village.meet("there")
    picture = await store.store(await find_conversation(village, "there"), "picture-1", encode(draw()))
    await village.ask("here", "active", agent_id=agent.id)
    documents = CustomerDocuments(village.database, store, village.clock)
    assert await refuse(documents.open(agent, picture.id)) == "403 not_served"
    await people.merge(boss, here.id, there.id, REASON)
    assert (await documents.open(agent, picture.id)).view.id == picture.id


async def test_others_are_found_by_the_whole_name_or_number_among_ones_own(village: Village, people: People) -> None:
    zhang, li = await village.hire("zhang"), await village.hire("li")
    boss = await village.hire("zhou", "supervisor")
    here = await village.meet("here", manager_id=zhang.id)
    own, theirs = await village.meet("own", manager_id=zhang.id), await village.meet("theirs", manager_id=li.id)
    for user in ("own", "theirs"):
        await village.apply(user)

    async def find(staff: StaffView, words: str) -> set[str]:
        return {card.customer_id for card in await people.find_others(staff, here.id, words)}

    for words in ("王秀英", " 王秀英 ", PHONE, "138 1234 5678"):
        assert await find(zhang, words) == {own.id}, words
        assert await find(boss, words) == {own.id, theirs.id}, words
    for words in ("", "王", "秀英", "5678", "柳河镇", "%", "1381234567"):
        assert await find(boss, words) == set(), words
    assert await refuse(find(li, "王秀英")) == "403 not_yours"
    await people.merge(zhang, here.id, own.id, REASON)
    assert await find(zhang, PHONE) == set(), "they are the same person now"


async def test_who_may_merge_and_undo(village: Village, people: People) -> None:
    staff = await village.hire_everybody()
    manager = staff["their manager"]
    here, own = await village.meet("here", manager_id=manager.id), await village.meet("own", manager_id=manager.id)
    alien = await village.meet("alien", manager_id=staff["another manager"].id)
    await village.ask("here", "active", agent_id=staff["an agent who serves them"].id)
    for who, member in staff.items():
        if who == "a supervisor":
            continue
        assert await refuse(people.merge(member, here.id, alien.id, REASON)) == "403 not_yours", who
        assert await refuse(people.merge(member, alien.id, here.id, REASON)) == "403 not_yours", who
    assert await refuse(people.merge(manager, here.id, "nobody", REASON)) == "404 no_such_customer"
    assert await refuse(people.merge(manager, here.id, "", REASON)) == "422 no_customer"
    assert await refuse(people.merge(manager, here.id, own.id, " ")) == "422 no_reason"
    assert await refuse(people.merge(manager, here.id, own.id, "同" * 201)) == "422 too_long"
    assert await village.list_audit("people_merged") == []
    await people.merge(manager, here.id, own.id, REASON)
    await people.merge(staff["a supervisor"], own.id, alien.id, REASON)
    last, first = (await people.read(manager, here.id)).merges
    assert await refuse(people.undo_merge(manager, last.id)) == "403 not_yours", "one of them is a colleague's"
    assert await refuse(people.undo_merge(staff["an agent who serves them"], first.id)) == "403 not_yours"
    await people.undo_merge(manager, first.id)
    assert await refuse(people.undo_merge(manager, first.id)) == "409 merge_undone"
    assert await list_seen(people, manager, here.id) == [here.id]
    boss = staff["a supervisor"].id
    assert await village.list_audit("people_merged") == [
        (boss, own.id, {"other": alien.id}),
        (manager.id, here.id, {"other": own.id}),
    ]
    assert await village.list_audit("merge_undone") == [(manager.id, here.id, {"other": own.id})]


async def test_of_two_who_merge_or_undo_at_once_one_is_told_that_it_is_done(village: Village, people: People) -> None:
    zhang, boss = await village.hire("zhang"), await village.hire("zhou", "supervisor")
    here, there = [await village.meet(user, manager_id=zhang.id) for user in ("here", "there")]
    merged = await asyncio.gather(
        people.merge(zhang, here.id, there.id, REASON),
        people.merge(boss, there.id, here.id, REASON),
        return_exceptions=True,
    )
    assert sorted(getattr(each, "code", "done") for each in merged) == ["done", "same_person"]
    (merge,) = (await people.read(zhang, here.id)).merges
    undone = await asyncio.gather(
        people.undo_merge(zhang, merge.id), people.undo_merge(boss, merge.id), return_exceptions=True
    )
    assert sorted(getattr(each, "code", "done") for each in undone) == ["done", "merge_undone"]


async def test_who_is_erased_while_they_are_merged_leaves_no_merge(village: Village, people: People) -> None:
    boss = await village.hire("zhou", "supervisor")
    here = await village.meet("here")
    for number in range(5):
        user = f"there-{number}"
        there = await village.meet(user)
        conversation_id = await find_conversation(village, user)
        merged, erased = await asyncio.gather(
            people.merge(boss, here.id, there.id, REASON),
            erase_all(village, conversation_id),
            return_exceptions=True,
        )
        assert (getattr(merged, "code", "done") in ("done", "no_such_customer"), erased) == (True, None)
        assert await list_seen(people, boss, here.id) == [here.id]
        assert await list_seen(people, boss, there.id) == "404 no_such_customer"


async def erase_all(village: Village, conversation_id: str) -> None:
    async with village.database.transaction() as session:
        await erase(session, await lock_conversation(session, conversation_id), village.clock.now)


async def test_the_next_contact_is_planned_for_all_of_the_person_that_one_manages(
    village: Village, people: People
) -> None:
    zhang, li = await village.hire("zhang"), await village.hire("li")
    boss, agent = await village.hire("zhou", "supervisor"), await village.hire("chen", "agent")
    here, own = [await village.meet(user, manager_id=zhang.id) for user in ("here", "own")]
    alien = await village.meet("alien", manager_id=li.id)
    await people.merge(zhang, here.id, own.id, REASON)
    await people.merge(boss, here.id, alien.id, REASON)

    async def list_days() -> list[str]:
        cards = (await people.read(boss, here.id)).customers
        days = {card.customer_id: str(card.contact_on or "") for card in cards}
        return [days[each.id] for each in (here, own, alien)]

    today = village.clock.now.date()
    later = today.replace(year=today.year + 1).isoformat()
    for day, problem in (("2020-01-01", "past_date"), ("明天", "no_date")):
        assert await refuse(people.set_contact(zhang, here.id, day)) == f"422 {problem}"
    assert await refuse(people.set_contact(agent, here.id, later)) == "403 not_yours"
    await people.set_contact(zhang, here.id, later)
    assert await list_days() == [later, later, ""], "a colleague's own plan is theirs"
    await people.set_contact(boss, alien.id, today.isoformat())
    assert await list_days() == [today.isoformat()] * 3
    await people.set_contact(zhang, here.id, "")
    assert await list_days() == ["", "", today.isoformat()]
    planned = [details for _, _, details in await village.list_audit("contact_planned")]
    assert planned == [{"day": "不定"}, {"day": today.isoformat()}, {"day": later}]


async def test_their_manager_notes_something_of_them(village: Village, people: People) -> None:
    zhang, li = await village.hire("zhang"), await village.hire("li")
    here = await village.meet("here", manager_id=zhang.id)
    for words, problem in (("  ", "no_words"), ("长" * 2001, "too_long")):
        assert await refuse(people.add_note(zhang, here.id, words)) == f"422 {problem}"
    assert await refuse(people.add_note(li, here.id, "抢客户")) == "403 not_yours"
    await people.add_note(zhang, here.id, "猪舍扩好了，等发票")
    day = village.clock.now.date().replace(year=village.clock.now.year + 1).isoformat()
    await people.set_contact(zhang, here.id, day, "催发票")
    notes = (await people.read(zhang, here.id)).notes
    assert sorted(note.text for note in notes) == [f"下次联系（{day}）：催发票", "猪舍扩好了，等发票"]


async def test_the_log_says_it_in_words(village: Village, people: People) -> None:
    zhang = await village.hire("zhang")
    here, there = [await village.meet(user, manager_id=zhang.id) for user in ("here", "there")]
    await people.merge(zhang, here.id, there.id, REASON)
    await people.set_contact(zhang, here.id, "")
    records = await AuditLog(village.database).list_records(2)
    async with village.database.reading() as session:
        names = await name_staff(session) | await name_customers(session, records)
    called = [f"客户{each.id[:4].upper()}" for each in (here, there)]
    assert [describe_record(each, names) for each in records] == [
        f"定下次联系 {called[0]}：日期不定",
        f"合并成同一个人 {called[0]}：和{called[1]}",
    ]
